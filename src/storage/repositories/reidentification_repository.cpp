#include "egide/storage/reidentification_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, state, subject_id, tool_id, purpose, opener, approver, opened_at, approve_until, duration_s, "
    "approved_at, read_until, log_index, sealed FROM reidentification";

std::optional<base::Timestamp> optional_time(const Statement& s, int column) {
  return s.is_null(column) ? std::nullopt : std::optional<base::Timestamp>(to_time(s.integer(column)));
}

base::Result<ReidentificationRow> read_row(const Statement& s) {
  ReidentificationRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::RecordId(id);
  row.state = text_of(s, 1);
  EGIDE_TRY(row.subject, optional_subject(s, 2));
  row.tool = base::ToolId(text_of(s, 3));
  row.purpose = text_of(s, 4);
  EGIDE_TRY(const base::Uuid opener, uuid_of(s, 5));
  row.opener = base::UserId(opener);
  if (!s.is_null(6)) {
    EGIDE_TRY(const base::Uuid approver, uuid_of(s, 6));
    row.approver = base::UserId(approver);
  }
  row.opened_at = to_time(s.integer(7));
  row.approve_until = to_time(s.integer(8));
  row.duration = std::chrono::seconds(s.integer(9));
  row.approved_at = optional_time(s, 10);
  row.read_until = optional_time(s, 11);
  row.log_index = static_cast<std::uint64_t>(s.integer(12));
  if (!s.is_null(13)) row.sealed = bytes_of(s, 13);
  return row;
}

base::Result<std::vector<ReidentificationRow>> read_all(Statement& s) {
  std::vector<ReidentificationRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_row(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

}  // namespace

base::Result<void> ReidentificationRepository::insert(const ReidentificationRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO reidentification (id, state, subject_id, tool_id, purpose, opener, opened_at, approve_until, "
      "duration_s, log_index, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  s.bind(1, row.id.bytes());
  s.bind(2, std::string_view(row.state));
  bind_optional(s, 3, row.subject);
  s.bind(4, std::string_view(row.tool.str()));
  s.bind(5, std::string_view(row.purpose));
  s.bind(6, row.opener.bytes());
  s.bind(7, to_millis(row.opened_at));
  s.bind(8, to_millis(row.approve_until));
  s.bind(9, static_cast<std::int64_t>(row.duration.count()));
  s.bind(10, row.log_index);
  s.bind(11, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::optional<ReidentificationRow>> ReidentificationRepository::find(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s));
  return rows.empty() ? std::optional<ReidentificationRow>()
                      : std::optional<ReidentificationRow>(std::move(rows.front()));
}

base::Result<std::vector<ReidentificationRow>> ReidentificationRepository::list(
    const std::optional<std::pair<base::Timestamp, base::RecordId>>& after, int limit) const {
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE opened_at > ?1 OR (opened_at = ?1 AND id > ?2) "
                                     "ORDER BY opened_at, id LIMIT ?3");
  const base::Uuid nil;
  s.bind(1, after ? to_millis(after->first) : std::int64_t{-1});
  s.bind(2, after ? after->second.bytes() : base::ByteView(nil.bytes()));
  s.bind(3, limit);
  return read_all(s);
}

base::Result<void> ReidentificationRepository::approve(const base::RecordId& id, std::string_view from,
                                                       std::string_view to, const base::UserId& approver,
                                                       base::Timestamp at, base::Timestamp read_until) {
  Statement& s = connection_.prepare(
      "UPDATE reidentification SET state = ?3, approver = ?4, approved_at = ?5, read_until = ?6 "
      "WHERE id = ?1 AND state = ?2 AND subject_id IS NOT NULL");
  s.bind(1, id.bytes());
  s.bind(2, from);
  s.bind(3, to);
  s.bind(4, approver.bytes());
  s.bind(5, to_millis(at));
  s.bind(6, to_millis(read_until));
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::conflict("The re-identification no longer waits for an approval");
  return {};
}

}  // namespace egide::storage
