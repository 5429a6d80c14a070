#include "egide/storage/mail_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, subject_id, about_id, kind, created_at, next_attempt_at, attempts, state, problem, sealed FROM "
    "mail_outbox";

base::Result<MailRow> read_mail(const Statement& s) {
  MailRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  EGIDE_TRY(const base::Uuid recipient, uuid_of(s, 1));
  EGIDE_TRY(const base::Uuid about, uuid_of(s, 2));
  row.id = base::RecordId(id);
  row.recipient = base::SubjectId(recipient);
  row.about = base::SubjectId(about);
  row.kind = text_of(s, 3);
  row.created_at = to_time(s.integer(4));
  row.next_attempt_at = to_time(s.integer(5));
  row.attempts = static_cast<int>(s.integer(6));
  row.state = s.integer(7) == 1 ? MailState::Waiting : s.integer(7) == 2 ? MailState::Sent : MailState::GivenUp;
  row.problem = text_of(s, 8);
  if (!s.is_null(9)) row.sealed = bytes_of(s, 9);
  return row;
}

base::Result<std::vector<MailRow>> read_all(Statement& s) {
  std::vector<MailRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_mail(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(*row));
  }
}

}  // namespace

base::Result<void> MailRepository::insert(const MailRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO mail_outbox (id, subject_id, about_id, kind, created_at, next_attempt_at, attempts, state, problem, "
      "sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  s.bind(1, row.id.bytes());
  s.bind(2, row.recipient.bytes());
  s.bind(3, row.about.bytes());
  s.bind(4, std::string_view(row.kind));
  s.bind(5, to_millis(row.created_at));
  s.bind(6, to_millis(row.next_attempt_at));
  s.bind(7, row.attempts);
  s.bind(8, static_cast<int>(row.state));
  s.bind(9, std::string_view(row.problem));
  s.bind(10, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::vector<MailRow>> MailRepository::due(base::Timestamp now, int limit) const {
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE state = 1 AND next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT ?2");
  s.bind(1, to_millis(now));
  s.bind(2, limit);
  return read_all(s);
}

base::Result<std::vector<MailRow>> MailRepository::newest(int limit) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " ORDER BY created_at DESC, id DESC LIMIT ?1");
  s.bind(1, limit);
  return read_all(s);
}

base::Result<void> MailRepository::update(const base::RecordId& id, MailState state, int attempts,
                                          base::Timestamp next_attempt_at, std::string_view problem) {
  Statement& s = connection_.prepare(
      "UPDATE mail_outbox SET state = ?2, attempts = ?3, next_attempt_at = ?4, problem = ?5, "
      "sealed = CASE WHEN ?2 = 1 THEN sealed ELSE NULL END WHERE id = ?1 AND state = 1");
  s.bind(1, id.bytes());
  s.bind(2, static_cast<int>(state));
  s.bind(3, attempts);
  s.bind(4, to_millis(next_attempt_at));
  s.bind(5, problem);
  return run(s);
}

}  // namespace egide::storage
