#include "egide/storage/decision_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, source, event_id, content_hash, type, tool_id, subject_id, system_id, system_version, purpose, "
    "occurred_at, recorded_at, sequence, had_permit, log_index, clear, sealed FROM decision";

base::Result<DecisionRow> read_decision(const Statement& s) {
  DecisionRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::RecordId(id);
  row.source = text_of(s, 1);
  row.event_id = text_of(s, 2);
  row.content_hash = bytes_of(s, 3);
  row.type = text_of(s, 4);
  row.tool = base::ToolId(text_of(s, 5));
  EGIDE_TRY(row.subject, optional_subject(s, 6));
  row.system_id = text_of(s, 7);
  row.system_version = text_of(s, 8);
  row.purpose = text_of(s, 9);
  row.occurred_at = to_time(s.integer(10));
  row.recorded_at = to_time(s.integer(11));
  row.sequence = text_of(s, 12);
  row.had_permit = s.integer(13) != 0;
  row.log_index = static_cast<std::uint64_t>(s.integer(14));
  row.clear = text_of(s, 15);
  row.sealed = bytes_of(s, 16);
  return row;
}

base::Result<std::vector<DecisionRow>> read_all(Statement& s) {
  std::vector<DecisionRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_decision(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

}  // namespace

base::Result<void> DecisionRepository::insert(const DecisionRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO decision (id, source, event_id, content_hash, type, tool_id, subject_id, system_id, system_version, "
      "purpose, occurred_at, recorded_at, sequence, had_permit, log_index, clear, sealed) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)");
  s.bind(1, row.id.bytes());
  s.bind(2, std::string_view(row.source));
  s.bind(3, std::string_view(row.event_id));
  s.bind(4, base::ByteView(row.content_hash));
  s.bind(5, std::string_view(row.type));
  s.bind(6, std::string_view(row.tool.str()));
  bind_optional(s, 7, row.subject);
  s.bind(8, std::string_view(row.system_id));
  s.bind(9, std::string_view(row.system_version));
  s.bind(10, std::string_view(row.purpose));
  s.bind(11, to_millis(row.occurred_at));
  s.bind(12, to_millis(row.recorded_at));
  s.bind(13, std::string_view(row.sequence));
  s.bind(14, row.had_permit ? 1 : 0);
  s.bind(15, row.log_index);
  s.bind(16, std::string_view(row.clear));
  if (row.sealed.empty())
    s.bind_null(17);
  else
    s.bind(17, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::optional<DecisionRow>> DecisionRepository::find(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s));
  return rows.empty() ? std::optional<DecisionRow>() : std::optional<DecisionRow>(std::move(rows.front()));
}

base::Result<std::optional<DecisionRepository::Known>> DecisionRepository::find_event(std::string_view source,
                                                                                      std::string_view event_id) const {
  Statement& s = connection_.prepare("SELECT id, content_hash FROM decision WHERE source = ?1 AND event_id = ?2");
  s.bind(1, source);
  s.bind(2, event_id);
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<Known>();
  const auto id = uuid_of(s, 0);
  base::Bytes hash = bytes_of(s, 1);
  s.reset();
  if (!id) return id.error();
  return std::optional<Known>(Known{base::RecordId(*id), std::move(hash)});
}

base::Result<std::optional<DecisionRow>> DecisionRepository::find_by_log_index(std::uint64_t log_index) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE log_index = ?1");
  s.bind(1, log_index);
  EGIDE_TRY(auto rows, read_all(s));
  return rows.empty() ? std::optional<DecisionRow>() : std::optional<DecisionRow>(std::move(rows.front()));
}

base::Result<std::int64_t> DecisionRepository::forget_subject(std::uint64_t log_index) {
  Statement& s = connection_.prepare("UPDATE decision SET subject_id = NULL, sealed = NULL WHERE log_index = ?1");
  s.bind(1, log_index);
  EGIDE_TRY_VOID(run(s));
  return connection_.changes();
}

base::Result<std::vector<DecisionRow>> DecisionRepository::list(const DecisionFilter& filter) const {
  // One text for every combination: an absent condition is the empty string.
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE (?1 = '' OR tool_id = ?1) AND (?2 = '' OR system_id = ?2) "
                                     "AND (recorded_at > ?3 OR (recorded_at = ?3 AND id > ?4)) "
                                     "ORDER BY recorded_at, id LIMIT ?5");
  s.bind(1, filter.tool ? std::string_view(filter.tool->str()) : std::string_view());
  s.bind(2, std::string_view(filter.system_id));
  const base::Uuid nil;
  s.bind(3, filter.after ? to_millis(filter.after->first) : std::int64_t{-1});
  s.bind(4, filter.after ? filter.after->second.bytes() : base::ByteView(nil.bytes()));
  s.bind(5, filter.limit);
  return read_all(s);
}

}  // namespace egide::storage
