// Verifies a whole log from what a LogSource gives: every leaf canonical and at its index, time never falling, every
// stored node recomputed, the root equal to the signed one, the checkpoint signed by the trusted key (following
// log.key hand-overs), consistent with every older checkpoint given.
//
// A log signed by a later key than the trusted one is accepted when a checkpoint that covers the log.key entry (the newest
// or one of the older ones given) is signed by the old key.
//
// Pruned leaves come from the source as empty strings. Their hash is then taken from the stored nodes, and the log must
// hold a log.prune entry whose minimum lies above every absent index. A log.key entry that was pruned can't be followed:
// pruning keeps those, or the auditor is given a newer key.
//
// Links only base, crypto and audit: an auditor needs no part of the vault. Memory is bounded by one bundle.
// Thread safety: one verification a thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "egide/audit/leaf.h"
#include "egide/audit/merkle.h"
#include "egide/audit/note.h"
#include "egide/base/result.h"

namespace egide::audit {

class LogSource {
 public:
  virtual ~LogSource() = default;
  virtual base::Result<std::string> checkpoint() = 0;  // newest signed note
  // Leaves [from, from + count), fewer only at the end; an empty string for a pruned leaf.
  virtual base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) = 0;
  // Stored nodes [from, from + count) in stored order; an empty vector when the source has none to offer.
  virtual base::Result<std::vector<base::Hash32>> nodes(std::uint64_t from, std::uint64_t count) = 0;
};

struct VerifiedLog {
  Checkpoint checkpoint;
  std::uint64_t entries = 0;
  std::uint64_t nodes_checked = 0;
  std::uint64_t pruned_below = 0;
};

struct VerifyOptions {
  std::vector<std::string> older_checkpoints;  // pins: each must be a prefix of the log
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// Integrity, with what broke and at which index.
base::Result<VerifiedLog> verify_log(LogSource& source, const VerifierKey& trusted, const VerifyOptions& options = {});

}  // namespace egide::audit
