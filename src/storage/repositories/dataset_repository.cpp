#include "egide/storage/dataset_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, created_at, actor, tool_id, purpose, report, detail, commitment_key, log_index FROM dataset";

base::Result<DatasetRow> read_dataset(const Statement& s) {
  DatasetRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::RecordId(id);
  row.created_at = to_time(s.integer(1));
  EGIDE_TRY(row.actor, array_of<16>(s, 2));
  row.tool = base::ToolId(text_of(s, 3));
  row.purpose = text_of(s, 4);
  row.report = text_of(s, 5);
  row.detail = text_of(s, 6);
  EGIDE_TRY(row.commitment_key, array_of<32>(s, 7));
  row.log_index = static_cast<std::uint64_t>(s.integer(8));
  return row;
}

base::Result<std::vector<DatasetRow>> read_all(Statement& s) {
  std::vector<DatasetRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_dataset(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

}  // namespace

base::Result<void> DatasetRepository::insert(const DatasetRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO dataset (id, created_at, actor, tool_id, purpose, report, detail, commitment_key, log_index) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  s.bind(1, row.id.bytes());
  s.bind(2, to_millis(row.created_at));
  s.bind(3, base::ByteView(row.actor));
  s.bind(4, std::string_view(row.tool.str()));
  s.bind(5, std::string_view(row.purpose));
  s.bind(6, std::string_view(row.report));
  s.bind(7, std::string_view(row.detail));
  s.bind(8, base::ByteView(row.commitment_key));
  s.bind(9, row.log_index);
  return run(s);
}

base::Result<std::optional<DatasetRow>> DatasetRepository::find(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s));
  return rows.empty() ? std::optional<DatasetRow>() : std::optional<DatasetRow>(std::move(rows.front()));
}

base::Result<std::vector<DatasetRow>> DatasetRepository::list(
    std::string_view tool, const std::optional<std::pair<base::Timestamp, base::RecordId>>& after, int limit) const {
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE (?1 = '' OR tool_id = ?1) "
                                     "AND (created_at > ?2 OR (created_at = ?2 AND id > ?3)) "
                                     "ORDER BY created_at, id LIMIT ?4");
  s.bind(1, tool);
  const base::Uuid nil;
  s.bind(2, after ? to_millis(after->first) : std::int64_t{-1});
  s.bind(3, after ? after->second.bytes() : base::ByteView(nil.bytes()));
  s.bind(4, limit);
  return read_all(s);
}

}  // namespace egide::storage
