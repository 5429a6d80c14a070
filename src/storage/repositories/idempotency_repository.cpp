#include "egide/storage/idempotency_repository.h"

#include "repositories/row.h"

namespace egide::storage {

base::Result<void> IdempotencyRepository::put(const IdempotencyRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO idempotency (scope, fingerprint, created_at, subject_id, answer) VALUES (?1, ?2, ?3, ?4, ?5)");
  s.bind(1, base::ByteView(row.scope));
  s.bind(2, base::ByteView(row.fingerprint));
  s.bind(3, to_millis(row.created_at));
  bind_optional(s, 4, row.subject);
  s.bind(5, base::ByteView(row.answer));
  return run(s);
}

base::Result<std::optional<IdempotencyRow>> IdempotencyRepository::find(const base::Hash32& scope) const {
  Statement& s =
      connection_.prepare("SELECT fingerprint, created_at, subject_id, answer FROM idempotency WHERE scope = ?1");
  s.bind(1, base::ByteView(scope));
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<IdempotencyRow>();
  const auto fingerprint = array_of<32>(s, 0);
  auto subject = optional_subject(s, 2);
  IdempotencyRow row{scope, {}, to_time(s.integer(1)), std::nullopt, bytes_of(s, 3)};
  s.reset();
  if (!fingerprint) return fingerprint.error();
  if (!subject) return subject.error();
  row.fingerprint = *fingerprint;
  row.subject = *subject;
  return std::optional<IdempotencyRow>(std::move(row));
}

base::Result<std::int64_t> IdempotencyRepository::remove_before(base::Timestamp limit) {
  Statement& s = connection_.prepare("DELETE FROM idempotency WHERE created_at < ?1");
  s.bind(1, to_millis(limit));
  EGIDE_TRY_VOID(run(s));
  return connection_.changes();
}

}  // namespace egide::storage
