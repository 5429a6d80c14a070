// The log entries of the batch being built: written into reused buffers first, into the tables later, so that the
// entries of a change that failed vanish by cutting the buffers. Private to the committer.
//
// Thread safety: the committer thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "egide/audit/leaf.h"
#include "egide/audit/merkle.h"
#include "egide/base/bytes.h"
#include "egide/storage/committer.h"
#include "egide/storage/log_store.h"

namespace egide::storage {

class BatchEntries {
 public:
  // Starts a batch after `size` stored entries.
  void start(std::uint64_t size);

  // Writes the entry's leaf and remembers its detail; its index. InvalidRequest: the draft has no canonical form.
  base::Result<audit::LeafIndex> append(const EntryDraft& draft, base::Timestamp time,
                                        std::optional<audit::Outcome> outcome);

  std::uint64_t count() const noexcept { return leaf_ends_.size(); }
  // Forgets the entries after the first `count`. They must not be in the tables yet.
  void cut(std::uint64_t count);

  // Puts the first `count` entries into the tables where they are not there yet, leaves then details.
  base::Result<void> insert(LogStore& store, std::uint64_t count);
  // Appends the leaves to the tree and its new nodes to the table.
  base::Result<void> insert_nodes(LogStore& store, audit::Frontier& frontier);

 private:
  struct DetailRow {
    audit::LeafIndex index;
    std::optional<base::SubjectId> subject;
    std::uint64_t previous;
    base::RecordId record;
    std::size_t sealed_begin, sealed_end;
  };

  base::ByteView leaf(std::size_t position) const;

  std::uint64_t first_ = 0;
  std::string leaves_;  // all lines, one after the other
  std::vector<std::size_t> leaf_ends_;
  std::vector<DetailRow> details_;
  base::Bytes sealed_;
  std::size_t inserted_leaves_ = 0, inserted_details_ = 0;
};

}  // namespace egide::storage
