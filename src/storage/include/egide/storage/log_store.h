// The log's tables: entries, stored nodes, checkpoints, encrypted details.
//
// Thread safety: as the Connection given.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "egide/audit/log_verifier.h"
#include "egide/audit/merkle.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

class LogStore final : public audit::NodeReader {
 public:
  explicit LogStore(Connection& connection) : connection_(connection) {}

  base::Result<std::uint64_t> size() const;        // entries, pruned ones too
  base::Result<std::uint64_t> node_count() const;  // stored nodes
  base::Result<void> insert_leaf(std::uint64_t index, base::ByteView leaf);
  base::Result<void> insert_node(std::uint64_t index, const base::Hash32& hash);
  base::Result<void> insert_checkpoint(std::uint64_t size, std::string_view note);

  base::Result<std::optional<std::string>> newest_checkpoint() const;
  // The checkpoint signed at exactly this size, where there was one.
  base::Result<std::optional<std::string>> checkpoint_at(std::uint64_t size) const;
  base::Result<std::string> leaf(std::uint64_t index) const;  // NotFound
  // Leaves [from, from + count), fewer only at the end; an empty string for an entry that was pruned.
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) const;
  base::Result<std::vector<base::Hash32>> nodes_from(std::uint64_t from, std::uint64_t count) const;
  base::Result<std::vector<base::Hash32>> read_nodes(const std::vector<std::uint64_t>& indexes) const override;
  // Recomputes entries [old_size, size) and their nodes from the bytes read back, starting at the stored frontier of
  // old_size; the root of size. Integrity at the first difference, naming the index.
  base::Result<base::Hash32> recompute(std::uint64_t old_size, std::uint64_t size) const;
  // The same, with the root of old_size that the stored frontier gives: to compare with what was signed then.
  struct Roots {
    base::Hash32 old_root{}, new_root{};
  };
  base::Result<Roots> recompute_roots(std::uint64_t old_size, std::uint64_t size) const;

  // The detail of an entry: r32 || detail, sealed under the person's key. `previous` chains the entries of one person
  // (0 = none; index + 1 otherwise), so that they are found without an index that every append would touch at random.
  struct Detail {
    std::uint64_t index = 0;
    std::optional<base::SubjectId> subject;
    std::uint64_t previous = 0;
    base::RecordId record;  // part of the AD
    base::Bytes sealed;
  };
  base::Result<void> insert_detail(std::uint64_t index, const std::optional<base::SubjectId>& subject,
                                   std::uint64_t previous, const base::RecordId& record, base::ByteView sealed);
  base::Result<std::optional<Detail>> detail(std::uint64_t index) const;
  base::Result<void> delete_detail(std::uint64_t index);
  // The newest entry of each person, ascending scan: calls `found(subject, index)` for every detail with a subject.
  base::Result<void> scan_subjects(const std::function<void(const base::SubjectId&, std::uint64_t)>& found) const;

 private:
  Connection& connection_;
};

// The stored log as a source for audit::verify_log.
class StoredLogSource final : public audit::LogSource {
 public:
  explicit StoredLogSource(Connection& connection) : store_(connection) {}
  base::Result<std::string> checkpoint() override;
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override;
  base::Result<std::vector<base::Hash32>> nodes(std::uint64_t from, std::uint64_t count) override;

 private:
  LogStore store_;
};

}  // namespace egide::storage
