// The part of WebhookRepository that is the queue.
#include <algorithm>

#include "egide/storage/webhook_repository.h"
#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr const char* kColumns =
    "SELECT id, endpoint_id, subject_id, type, data, created_at, state, attempts, round_attempts, claimed, next_at, "
    "ack_state, ack_reason, ack_until, acked_at, log_index FROM webhook_delivery";

base::Result<WebhookDeliveryRow> read_delivery(const Statement& s) {
  WebhookDeliveryRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::RecordId(id);
  EGIDE_TRY(const base::Uuid endpoint, uuid_of(s, 1));
  row.endpoint = base::RecordId(endpoint);
  EGIDE_TRY(row.subject, optional_subject(s, 2));
  row.type = text_of(s, 3);
  row.data = text_of(s, 4);
  row.created_at = to_time(s.integer(5));
  row.state = text_of(s, 6);
  row.attempts = static_cast<int>(s.integer(7));
  row.round_attempts = static_cast<int>(s.integer(8));
  row.claimed = s.integer(9) != 0;
  if (!s.is_null(10)) row.next_at = to_time(s.integer(10));
  row.ack_state = text_of(s, 11);
  row.ack_reason = text_of(s, 12);
  row.ack_until = text_of(s, 13);
  row.acked_at = to_time(s.integer(14));
  row.log_index = static_cast<std::uint64_t>(s.integer(15));
  return row;
}

base::Result<std::vector<WebhookDeliveryRow>> read_all(Statement& s) {
  std::vector<WebhookDeliveryRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_delivery(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

std::optional<WebhookDeliveryRow> first_of(std::vector<WebhookDeliveryRow> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

void bind_time(Statement& s, int parameter, const std::optional<base::Timestamp>& time) {
  if (time)
    s.bind(parameter, to_millis(*time));
  else
    s.bind_null(parameter);
}

}  // namespace

base::Result<void> WebhookRepository::enqueue(const WebhookDeliveryRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO webhook_delivery (id, endpoint_id, subject_id, type, data, created_at, state, attempts, "
      "round_attempts, claimed, next_at, ack_state, ack_reason, ack_until, acked_at, log_index) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 0, 0, 0, ?7, '', '', '', 0, ?8)");
  s.bind(1, row.id.bytes());
  s.bind(2, row.endpoint.bytes());
  bind_optional(s, 3, row.subject);
  s.bind(4, std::string_view(row.type));
  s.bind(5, std::string_view(row.data));
  s.bind(6, to_millis(row.created_at));
  bind_time(s, 7, row.next_at);
  s.bind(8, row.log_index);
  return run(s);
}

base::Result<std::optional<WebhookDeliveryRow>> WebhookRepository::delivery(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s));
  return first_of(std::move(rows));
}

base::Result<std::vector<WebhookDeliveryRow>> WebhookRepository::deliveries(const WebhookDeliveryFilter& filter) const {
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE endpoint_id = ?1 AND (?2 = '' OR state = ?2) "
                                     "AND (created_at > ?3 OR (created_at = ?3 AND id > ?4)) "
                                     "ORDER BY created_at, id LIMIT ?5");
  const base::Uuid nil;
  s.bind(1, filter.endpoint.bytes());
  s.bind(2, std::string_view(filter.state));
  s.bind(3, filter.after ? to_millis(filter.after->first) : std::int64_t{-1});
  s.bind(4, filter.after ? filter.after->second.bytes() : base::ByteView(nil.bytes()));
  s.bind(5, filter.limit);
  return read_all(s);
}

base::Result<std::vector<WebhookAttemptRow>> WebhookRepository::attempts(const base::RecordId& delivery) const {
  Statement& s = connection_.prepare(
      "SELECT number, at, duration_ms, status, error, answer_size, answer_start FROM webhook_attempt "
      "WHERE delivery_id = ?1 ORDER BY number");
  s.bind(1, delivery.bytes());
  std::vector<WebhookAttemptRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    rows.push_back({delivery, static_cast<int>(s.integer(0)), to_time(s.integer(1)), s.integer(2),
                    static_cast<int>(s.integer(3)), text_of(s, 4), s.integer(5), text_of(s, 6)});
  }
}

base::Result<std::optional<WebhookDeliveryRow>> WebhookRepository::first_due(const base::RecordId& endpoint,
                                                                             base::Timestamp now,
                                                                             bool only_tests) const {
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE endpoint_id = ?1 AND next_at <= ?2 AND (?3 = 0 OR type = 'endpoint.test') "
                                     "ORDER BY next_at, log_index, id LIMIT 1");
  s.bind(1, endpoint.bytes());
  s.bind(2, to_millis(now));
  s.bind(3, only_tests ? 1 : 0);
  EGIDE_TRY(auto rows, read_all(s));
  return first_of(std::move(rows));
}

base::Result<bool> WebhookRepository::claim(const base::RecordId& id) {
  Statement& s = connection_.prepare(
      "UPDATE webhook_delivery SET claimed = 1, next_at = NULL, attempts = attempts + 1, "
      "round_attempts = round_attempts + 1 WHERE id = ?1 AND next_at IS NOT NULL");
  s.bind(1, id.bytes());
  EGIDE_TRY_VOID(run(s));
  return connection_.changes() == 1;
}

base::Result<std::int64_t> WebhookRepository::release_claims(base::Timestamp now) {
  Statement& s = connection_.prepare("UPDATE webhook_delivery SET claimed = 0, next_at = ?1 WHERE claimed = 1");
  s.bind(1, to_millis(now));
  EGIDE_TRY_VOID(run(s));
  return connection_.changes();
}

base::Result<void> WebhookRepository::settle(const WebhookAttemptRow& attempt, std::string_view state,
                                             const std::optional<base::Timestamp>& next_at) {
  Statement& s = connection_.prepare(
      "UPDATE webhook_delivery SET claimed = 0, state = ?2, next_at = ?3 WHERE id = ?1 AND claimed = 1");
  s.bind(1, attempt.delivery.bytes());
  s.bind(2, state);
  bind_time(s, 3, next_at);
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return {};
  Statement& made = connection_.prepare(
      "INSERT INTO webhook_attempt (delivery_id, number, at, duration_ms, status, error, answer_size, answer_start) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  made.bind(1, attempt.delivery.bytes());
  made.bind(2, attempt.number);
  made.bind(3, to_millis(attempt.at));
  made.bind(4, attempt.duration_ms);
  made.bind(5, attempt.status);
  made.bind(6, std::string_view(attempt.error));
  made.bind(7, attempt.answer_size);
  made.bind(8, std::string_view(attempt.answer_start));
  return run(made);
}

base::Result<void> WebhookRepository::release(const base::RecordId& endpoint, base::Timestamp now) {
  Statement& s = connection_.prepare(
      "UPDATE webhook_delivery SET next_at = ?2, round_attempts = 0 WHERE endpoint_id = ?1 AND state = 'pending' AND "
      "claimed = 0");
  s.bind(1, endpoint.bytes());
  s.bind(2, to_millis(now));
  return run(s);
}

base::Result<bool> WebhookRepository::requeue(const base::RecordId& id, base::Timestamp now) {
  Statement& s = connection_.prepare(
      "UPDATE webhook_delivery SET state = 'pending', next_at = ?2, round_attempts = 0 WHERE id = ?1 AND claimed = 0");
  s.bind(1, id.bytes());
  s.bind(2, to_millis(now));
  EGIDE_TRY_VOID(run(s));
  return connection_.changes() == 1;
}

base::Result<std::int64_t> WebhookRepository::requeue_between(const base::RecordId& endpoint, base::Timestamp from,
                                                              base::Timestamp to, const std::vector<std::string>& types,
                                                              base::Timestamp now) {
  Statement& s = connection_.prepare(std::string(kColumns) +
                                     " WHERE endpoint_id = ?1 AND created_at >= ?2 AND created_at <= ?3 AND "
                                     "claimed = 0 AND type <> 'endpoint.test' ORDER BY created_at, id");
  s.bind(1, endpoint.bytes());
  s.bind(2, to_millis(from));
  s.bind(3, to_millis(to));
  EGIDE_TRY(const auto rows, read_all(s));
  std::int64_t count = 0;
  for (const auto& row : rows) {
    if (!types.empty() && std::find(types.begin(), types.end(), row.type) == types.end()) continue;
    EGIDE_TRY(const bool done, requeue(row.id, now));
    count += done ? 1 : 0;
  }
  return count;
}

base::Result<void> WebhookRepository::acknowledge(const base::RecordId& id, std::string_view state,
                                                  std::string_view reason, std::string_view until, base::Timestamp at) {
  Statement& s = connection_.prepare(
      "UPDATE webhook_delivery SET ack_state = ?2, ack_reason = ?3, ack_until = ?4, acked_at = ?5 WHERE id = ?1");
  s.bind(1, id.bytes());
  s.bind(2, state);
  s.bind(3, reason);
  s.bind(4, until);
  s.bind(5, to_millis(at));
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::not_found("There is no such delivery");
  return {};
}

base::Result<void> WebhookRepository::forget_subject(const base::SubjectId& subject) {
  for (const char* sql :
       {"DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM webhook_delivery WHERE subject_id = ?1)",
        "DELETE FROM webhook_delivery WHERE subject_id = ?1"}) {
    Statement& s = connection_.prepare(sql);
    s.bind(1, subject.bytes());
    EGIDE_TRY_VOID(run(s));
  }
  return {};
}

base::Result<std::int64_t> WebhookRepository::remove_before(base::Timestamp oldest) {
  constexpr const char* kOld =
      "webhook_delivery WHERE created_at < ?1 AND claimed = 0 AND (type <> 'subject.erased' OR ack_state = 'done')";
  for (const std::string& sql :
       {std::string("DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM ") + kOld + ")",
        std::string("DELETE FROM ") + kOld}) {
    Statement& s = connection_.prepare(sql);
    s.bind(1, to_millis(oldest));
    EGIDE_TRY_VOID(run(s));
  }
  return connection_.changes();
}

}  // namespace egide::storage
