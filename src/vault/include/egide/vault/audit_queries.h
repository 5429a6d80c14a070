// Reading the log: checkpoint, tiles, entries and proofs (C2SP tlog-tiles, docs/formats/tiles.md, proof-files.md).
//
// Every answer comes from one snapshot: a proof fits the checkpoint that it carries. Nothing here is personal and
// nothing here is logged. Entry bundles and entries are for auditors, the rest is public: the caller's to check.
//
// Thread safety: may be called from many threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "egide/audit/tile.h"
#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::vault {

class Services;

struct LogEntry {
  std::uint64_t index = 0;
  std::string json;  // the leaf without its line feed; empty: pruned
};
struct LogEntries {
  std::vector<LogEntry> items;
  std::uint64_t size = 0;  // of the log, in the same snapshot
};

class AuditQueries {
 public:
  explicit AuditQueries(Services& services) : services_(services) {}

  static constexpr int kMaxEntries = 1000;

  base::Result<std::string> checkpoint() const;  // the newest signed note
  // Hashes, or a bundle of entries where the address says so. NotFound: no tree up to the present size had this tile,
  // or entries of the bundle were pruned.
  base::Result<base::Bytes> tile(const audit::TileAddress& address) const;
  // From index `from` (past the end: none), at most `limit`, 1 to 1000 (else InvalidRequest).
  base::Result<LogEntries> entries(std::uint64_t from, int limit) const;
  // An inclusion proof file (c2sp.org/tlog-proof@v1) against the newest checkpoint. NotFound: no such entry.
  base::Result<std::string> inclusion_proof(std::uint64_t index) const;
  // A consistency proof file from `old_size` to the newest checkpoint; no hashes for 0. InvalidRequest: larger than it.
  base::Result<std::string> consistency_proof(std::uint64_t old_size) const;

 private:
  Services& services_;
};

}  // namespace egide::vault
