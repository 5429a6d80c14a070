#include "egide/storage/access_request_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

base::Result<AccessRequestRow> read_row(const Statement& s) {
  AccessRequestRow row;
  EGIDE_TRY(row.id, uuid_of(s, 0));
  row.tool = text_of(s, 1);
  EGIDE_TRY(const base::Uuid subject, uuid_of(s, 2));
  row.subject = base::SubjectId(subject);
  row.purpose = text_of(s, 3);
  row.created_at = to_time(s.integer(4));
  row.expires_at = to_time(s.integer(5));
  row.person_sequence = s.integer(6);
  row.guardian_sequence = s.integer(7);
  return row;
}

base::Result<std::vector<AccessRequestRow>> read_all(Statement& s) {
  std::vector<AccessRequestRow> rows;
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

base::Result<void> AccessRequestRepository::insert(const AccessRequestRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO access_request (id, tool, subject_id, purpose, created_at, expires_at, person_sequence, "
      "guardian_sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  s.bind(1, base::ByteView(row.id.bytes()));
  s.bind(2, std::string_view(row.tool));
  s.bind(3, row.subject.bytes());
  s.bind(4, std::string_view(row.purpose));
  s.bind(5, to_millis(row.created_at));
  s.bind(6, to_millis(row.expires_at));
  s.bind(7, row.person_sequence);
  s.bind(8, row.guardian_sequence);
  return run(s);
}

base::Result<std::optional<AccessRequestRow>> AccessRequestRepository::find(const base::Uuid& id) const {
  Statement& s = connection_.prepare(
      "SELECT id, tool, subject_id, purpose, created_at, expires_at, person_sequence, guardian_sequence "
      "FROM access_request WHERE id = ?1");
  s.bind(1, base::ByteView(id.bytes()));
  EGIDE_TRY(auto rows, read_all(s));
  if (rows.empty()) return std::optional<AccessRequestRow>();
  return std::optional<AccessRequestRow>(std::move(rows.front()));
}

base::Result<std::vector<AccessRequestRow>> AccessRequestRepository::recent(const std::string& tool,
                                                                            const base::SubjectId& subject,
                                                                            base::Timestamp since) const {
  Statement& s = connection_.prepare(
      "SELECT id, tool, subject_id, purpose, created_at, expires_at, person_sequence, guardian_sequence "
      "FROM access_request WHERE subject_id = ?1 AND tool = ?2 AND created_at >= ?3 ORDER BY created_at, id");
  s.bind(1, subject.bytes());
  s.bind(2, std::string_view(tool));
  s.bind(3, to_millis(since));
  return read_all(s);
}

}  // namespace egide::storage
