// The keys of one log, in the order of its log.key entries, and what each needs to be believed. Private to this module.
//
// With hand-overs at entries e1 < e2 < ..., the checkpoints of sizes up to e1 are the first key's, those above e1 the
// second's, and so on. The auditor trusts one key of the chain:
//   - a later key is believed when a checkpoint that covers its entry is signed by the key before it;
//   - an earlier key is believed for what the trusted key's log says of it, which only checks a pin's origin: the pin's
//     root is compared with the recomputed tree anyway.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "egide/audit/leaf.h"
#include "egide/audit/note.h"

namespace egide::audit {

// A checkpoint whose root was already compared with the recomputed tree.
struct CheckedNote {
  std::string note;
  std::uint64_t size = 0;
};

class KeyChain {
 public:
  explicit KeyChain(VerifierKey trusted) : trusted_(std::move(trusted)) {}

  // Takes the hand-over of a log.key entry. Integrity when it does not follow the one before.
  base::Result<void> add(const Leaf& leaf);
  // Every hand-over after the trusted key is proven by one of `notes`, and each note is signed by the key of its time.
  // `notes` holds the newest checkpoint too.
  base::Result<void> check(const std::vector<CheckedNote>& notes) const;

 private:
  struct HandOver {
    LeafIndex index;
    VerifierKey from;
    VerifierKey to;
  };
  // How many hand-overs precede the trusted key, or Integrity when the chain does not hold it.
  base::Result<std::size_t> trusted_position() const;
  const VerifierKey& key_for_size(std::uint64_t size) const noexcept;

  VerifierKey trusted_;
  std::vector<HandOver> hand_overs_;
};

}  // namespace egide::audit
