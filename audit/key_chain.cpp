#include "key_chain.h"

#include <algorithm>

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::Result;

constexpr std::size_t kMaxHandOvers = 1000;  // a bound on memory: yearly rotation needs a thousand years

bool same_key(const VerifierKey& a, const VerifierKey& b) noexcept { return a.name == b.name && a.key == b.key; }

base::Error at(LeafIndex index, const std::string& what) {
  return integrity_violation("Entry " + std::to_string(index) + " (log.key): " + what);
}

}  // namespace

Result<void> KeyChain::add(const Leaf& leaf) {
  const auto from = VerifierKey::parse(leaf.old_vkey);
  const auto to = VerifierKey::parse(leaf.new_vkey);
  if (!from || !to) return at(leaf.index, "a key is not a verifier key");
  if (from->name != trusted_.name || to->name != trusted_.name) return at(leaf.index, "a key of another log");
  if (same_key(*from, *to)) return at(leaf.index, "the new key is the old one");
  const VerifierKey& present = hand_overs_.empty() ? *from : hand_overs_.back().to;
  if (!same_key(*from, present)) return at(leaf.index, "the old key is not the one in force");
  if (hand_overs_.size() == kMaxHandOvers) return at(leaf.index, "more than 1,000 hand-overs");
  hand_overs_.push_back({leaf.index, *from, *to});
  return {};
}

Result<std::size_t> KeyChain::trusted_position() const {
  // From the end, should a key come back: the least is then left to prove by notes that may be long gone.
  for (std::size_t i = hand_overs_.size(); i-- > 0;)
    if (same_key(hand_overs_[i].to, trusted_)) return i + 1;
  if (hand_overs_.empty() || same_key(hand_overs_.front().from, trusted_)) return std::size_t{0};
  return at(hand_overs_.front().index, "the log hands over between keys that do not include the trusted one");
}

const VerifierKey& KeyChain::key_for_size(std::uint64_t size) const noexcept {
  const VerifierKey* key = hand_overs_.empty() ? &trusted_ : &hand_overs_.front().from;
  for (const auto& step : hand_overs_)
    if (step.index < size) key = &step.to;
  return *key;
}

Result<void> KeyChain::check(const std::vector<CheckedNote>& notes) const {
  EGIDE_TRY(const auto position, trusted_position());
  for (std::size_t i = position; i < hand_overs_.size(); ++i) {
    const auto& step = hand_overs_[i];
    const bool proven = std::any_of(notes.begin(), notes.end(), [&step](const CheckedNote& note) {
      return note.size > step.index && open_checkpoint(note.note, step.from).has_value();
    });
    if (!proven)
      return at(
          step.index,
          "no checkpoint that covers this entry is signed by the old key; give one from the overlap, or the new key "
          "from a source you trust");
  }
  for (const auto& note : notes) {
    const auto opened = open_checkpoint(note.note, key_for_size(note.size));
    if (!opened)
      return integrity_violation("Checkpoint of size " + std::to_string(note.size) + ": " + opened.error().message());
  }
  return {};
}

}  // namespace egide::audit
