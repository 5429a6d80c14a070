#include "egide/storage/log_store.h"

#include <algorithm>

namespace egide::storage {
namespace {

using base::ErrorCode;
using base::Hash32;
using base::Result;

base::Error damaged(std::string_view what, std::uint64_t index) {
  return base::integrity_violation("The stored log is damaged: " + std::string(what) + " " + std::to_string(index));
}

// A statement that is left before its last row would keep a read transaction open.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

Result<void> run(Statement& statement) {
  EGIDE_TRY_VOID(statement.step());
  return {};
}

Result<std::optional<std::string>> one_note(Statement& statement) {
  const ResetAtEnd reset(statement);
  EGIDE_TRY(const bool found, statement.step());
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(base::as_text(statement.blob(0)));
}

Result<Hash32> hash_of(const Statement& row, int column, std::uint64_t index) {
  const auto hash = base::to_array<32>(row.blob(column));
  if (!hash) return damaged("no hash in node", index);
  return *hash;
}

// Both ends of [from, from + count) as a statement's first two parameters.
void bind_range(Statement& statement, std::uint64_t from, std::uint64_t count) {
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 62;
  const std::uint64_t first = std::min(from, kEnd);
  statement.bind(1, first);
  statement.bind(2, first + std::min(count, kEnd));
}

}  // namespace

Result<std::uint64_t> LogStore::size() const {
  Statement& statement = connection_.prepare("SELECT max(i) FROM entry");
  const ResetAtEnd reset(statement);
  EGIDE_TRY(const bool found, statement.step());
  if (!found || statement.is_null(0)) return std::uint64_t{0};
  return static_cast<std::uint64_t>(statement.integer(0)) + 1;
}

Result<std::uint64_t> LogStore::node_count() const {
  Statement& statement = connection_.prepare("SELECT max(i) FROM node");
  const ResetAtEnd reset(statement);
  EGIDE_TRY(const bool found, statement.step());
  if (!found || statement.is_null(0)) return std::uint64_t{0};
  return static_cast<std::uint64_t>(statement.integer(0)) + 1;
}

Result<void> LogStore::insert_leaf(std::uint64_t index, base::ByteView leaf) {
  Statement& statement = connection_.prepare("INSERT INTO entry (i, leaf) VALUES (?1, ?2)");
  statement.bind(1, index);
  statement.bind(2, leaf);
  return run(statement);
}

Result<void> LogStore::insert_node(std::uint64_t index, const Hash32& hash) {
  Statement& statement = connection_.prepare("INSERT INTO node (i, h) VALUES (?1, ?2)");
  statement.bind(1, index);
  statement.bind(2, hash);
  return run(statement);
}

Result<void> LogStore::insert_checkpoint(std::uint64_t size, std::string_view note) {
  Statement& statement = connection_.prepare("INSERT INTO checkpoint (size, note) VALUES (?1, ?2)");
  statement.bind(1, size);
  statement.bind(2, base::as_bytes(note));
  return run(statement);
}

Result<std::optional<std::string>> LogStore::newest_checkpoint() const {
  return one_note(connection_.prepare("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1"));
}

Result<std::optional<std::string>> LogStore::checkpoint_at(std::uint64_t size) const {
  Statement& statement = connection_.prepare("SELECT note FROM checkpoint WHERE size = ?1");
  statement.bind(1, size);
  return one_note(statement);
}

Result<std::string> LogStore::leaf(std::uint64_t index) const {
  Statement& statement = connection_.prepare("SELECT leaf FROM entry WHERE i = ?1");
  statement.bind(1, index);
  EGIDE_TRY(auto found, one_note(statement));
  if (!found) return base::not_found("There is no such log entry");
  return *std::move(found);
}

Result<std::vector<std::string>> LogStore::leaves(std::uint64_t from, std::uint64_t count) const {
  EGIDE_TRY(const std::uint64_t end, size());
  std::vector<std::string> found;
  if (from >= end) return found;
  found.resize(static_cast<std::size_t>(std::min(count, end - from)));
  Statement& rows = connection_.prepare("SELECT i, leaf FROM entry WHERE i >= ?1 AND i < ?2 ORDER BY i");
  const ResetAtEnd reset(rows);
  bind_range(rows, from, count);
  while (true) {
    EGIDE_TRY(const bool row, rows.step());
    if (!row) return found;
    const std::uint64_t position = static_cast<std::uint64_t>(rows.integer(0)) - from;
    if (position < found.size()) found[position] = base::as_text(rows.blob(1));
  }
}

Result<std::vector<Hash32>> LogStore::nodes_from(std::uint64_t from, std::uint64_t count) const {
  Statement& rows = connection_.prepare("SELECT i, h FROM node WHERE i >= ?1 AND i < ?2 ORDER BY i");
  const ResetAtEnd reset(rows);
  bind_range(rows, from, count);
  std::vector<Hash32> found;
  while (true) {
    EGIDE_TRY(const bool row, rows.step());
    if (!row) return found;
    const std::uint64_t index = from + found.size();
    if (static_cast<std::uint64_t>(rows.integer(0)) != index) return damaged("missing node", index);
    EGIDE_TRY(found.emplace_back(), hash_of(rows, 1, index));
  }
}

Result<std::vector<Hash32>> LogStore::read_nodes(const std::vector<std::uint64_t>& indexes) const {
  std::vector<Hash32> found;
  found.reserve(indexes.size());
  Statement& statement = connection_.prepare("SELECT h FROM node WHERE i = ?1");
  const ResetAtEnd reset(statement);
  for (const std::uint64_t index : indexes) {
    statement.bind(1, index);
    EGIDE_TRY(const bool row, statement.step());
    if (!row) return damaged("missing node", index);
    EGIDE_TRY(found.emplace_back(), hash_of(statement, 0, index));
    statement.reset();
  }
  return found;
}

Result<Hash32> LogStore::recompute(std::uint64_t old_size, std::uint64_t size) const {
  EGIDE_TRY(const Roots roots, recompute_roots(old_size, size));
  return roots.new_root;
}

Result<LogStore::Roots> LogStore::recompute_roots(std::uint64_t old_size, std::uint64_t size) const {
  if (old_size > size) return base::invalid_request("A log does not shrink");
  EGIDE_TRY(auto hashes, read_nodes(audit::frontier_indexes(old_size)));
  EGIDE_TRY(auto frontier, audit::Frontier::restore(old_size, std::move(hashes)));
  Roots roots;
  roots.old_root = frontier.root();

  Statement& entries = connection_.prepare("SELECT i, leaf FROM entry WHERE i >= ?1 AND i < ?2 ORDER BY i");
  Statement& nodes = connection_.prepare("SELECT i, h FROM node WHERE i >= ?1 AND i < ?2 ORDER BY i");
  const ResetAtEnd reset_entries(entries);
  const ResetAtEnd reset_nodes(nodes);
  const std::uint64_t first_node = audit::stored_hash_count(old_size);
  bind_range(entries, old_size, size - old_size);
  bind_range(nodes, first_node, audit::stored_hash_count(size) - first_node);

  Result<void> compared;
  const auto compare = [&](std::uint64_t index, const Hash32& expected) {
    if (!compared) return;
    const auto row = nodes.step();
    if (!row)
      compared = row.error();
    else if (!*row || static_cast<std::uint64_t>(nodes.integer(0)) != index)
      compared = damaged("missing node", index);
    else if (const auto stored = nodes.blob(1);
             !std::equal(stored.begin(), stored.end(), expected.begin(), expected.end()))
      compared = damaged("wrong node", index);
  };
  for (std::uint64_t index = old_size; index < size; ++index) {
    EGIDE_TRY(const bool row, entries.step());
    if (!row || static_cast<std::uint64_t>(entries.integer(0)) != index) return damaged("missing entry", index);
    frontier.append(audit::leaf_hash(entries.blob(1)), compare);
    EGIDE_TRY_VOID(compared);
  }
  roots.new_root = frontier.root();
  return roots;
}

Result<void> LogStore::insert_detail(std::uint64_t index, const std::optional<base::SubjectId>& subject,
                                     std::uint64_t previous, const base::RecordId& record, base::ByteView sealed) {
  Statement& statement = connection_.prepare(
      "INSERT INTO entry_detail (i, subject, previous, record, sealed) VALUES (?1, ?2, ?3, ?4, ?5)");
  statement.bind(1, index);
  if (subject)
    statement.bind(2, subject->bytes());
  else
    statement.bind_null(2);
  statement.bind(3, previous);
  statement.bind(4, record.bytes());
  statement.bind(5, sealed);
  return run(statement);
}

Result<std::optional<LogStore::Detail>> LogStore::detail(std::uint64_t index) const {
  Statement& statement = connection_.prepare("SELECT subject, previous, record, sealed FROM entry_detail WHERE i = ?1");
  const ResetAtEnd reset(statement);
  statement.bind(1, index);
  EGIDE_TRY(const bool found, statement.step());
  if (!found) return std::optional<Detail>();
  Detail detail;
  detail.index = index;
  if (!statement.is_null(0)) {
    const auto subject = base::Uuid::from_bytes(statement.blob(0));
    if (!subject) return damaged("no identifier in the detail of entry", index);
    detail.subject = base::SubjectId(*subject);
  }
  detail.previous = static_cast<std::uint64_t>(statement.integer(1));
  const auto record = base::Uuid::from_bytes(statement.blob(2));
  if (!record) return damaged("no identifier in the detail of entry", index);
  detail.record = base::RecordId(*record);
  detail.sealed = base::to_bytes(statement.blob(3));
  return std::optional<Detail>(std::move(detail));
}

Result<void> LogStore::delete_detail(std::uint64_t index) {
  Statement& statement = connection_.prepare("DELETE FROM entry_detail WHERE i = ?1");
  statement.bind(1, index);
  return run(statement);
}

Result<void> LogStore::scan_subjects(const std::function<void(const base::SubjectId&, std::uint64_t)>& found) const {
  Statement& rows = connection_.prepare("SELECT i, subject FROM entry_detail WHERE subject IS NOT NULL ORDER BY i");
  const ResetAtEnd reset(rows);
  while (true) {
    EGIDE_TRY(const bool row, rows.step());
    if (!row) return {};
    const auto index = static_cast<std::uint64_t>(rows.integer(0));
    const auto subject = base::Uuid::from_bytes(rows.blob(1));
    if (!subject) return damaged("no identifier in the detail of entry", index);
    found(base::SubjectId(*subject), index);
  }
}

Result<std::string> StoredLogSource::checkpoint() {
  EGIDE_TRY(auto note, store_.newest_checkpoint());
  if (!note) return base::not_found("The log has no checkpoint yet");
  return *std::move(note);
}

Result<std::vector<std::string>> StoredLogSource::leaves(std::uint64_t from, std::uint64_t count) {
  return store_.leaves(from, count);
}

Result<std::vector<Hash32>> StoredLogSource::nodes(std::uint64_t from, std::uint64_t count) {
  return store_.nodes_from(from, count);
}

}  // namespace egide::storage
