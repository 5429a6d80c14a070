// Webhook endpoints, the queue of their deliveries, and the attempts made. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct WebhookEndpointRow {
  base::RecordId id;
  std::string tool;  // empty: the association's own
  std::string url, description;
  std::string types = "[]";            // JSON list of event types; empty: all that the owner may get
  std::string format = "cloudevents";  // or "plain"
  bool asymmetric = false;
  std::string state = "unverified";  // "unverified", "active", "disabled"
  std::string reason;                // of a disabled one
  bool verified_once = false;
  base::Bytes secret, previous_secret;  // sealed
  base::Timestamp previous_until{};
  int exhausted = 0;
  base::Timestamp paused_until{};
  base::Timestamp created_at{};
  std::int64_t version = 1;
};

struct WebhookDeliveryRow {
  base::RecordId id;
  base::RecordId endpoint;
  std::optional<base::SubjectId> subject;
  std::string type, data;
  base::Timestamp created_at{};
  std::uint64_t log_index = 0;    // of the cause's entry; of those due at once the lower one goes first
  std::string state = "pending";  // "pending", "delivered", "failed"
  int attempts = 0;               // of all rounds
  int round_attempts = 0;         // since it was queued, or queued again
  bool claimed = false;
  std::optional<base::Timestamp> next_at;  // nothing: not to be sent now
  std::string ack_state, ack_reason, ack_until;
  base::Timestamp acked_at{};
};

struct WebhookAttemptRow {
  base::RecordId delivery;
  int number = 1;
  base::Timestamp at{};
  std::int64_t duration_ms = 0;
  int status = 0;
  std::string error;
  std::int64_t answer_size = 0;
  std::string answer_start;
};

struct WebhookDeliveryFilter {
  base::RecordId endpoint;
  std::string state;
  std::optional<std::pair<base::Timestamp, base::RecordId>> after;  // (created_at, id)
  int limit = 50;
};

class WebhookRepository {
 public:
  explicit WebhookRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert_endpoint(const WebhookEndpointRow& row);
  // Writes every column but id, tool and created_at. NotFound.
  base::Result<void> update_endpoint(const WebhookEndpointRow& row);
  base::Result<std::optional<WebhookEndpointRow>> endpoint(const base::RecordId& id) const;
  base::Result<std::vector<WebhookEndpointRow>> endpoints() const;  // by creation
  base::Result<void> remove_endpoint(const base::RecordId& id);     // with all its deliveries. NotFound

  base::Result<void> enqueue(const WebhookDeliveryRow& row);
  base::Result<std::optional<WebhookDeliveryRow>> delivery(const base::RecordId& id) const;
  base::Result<std::vector<WebhookDeliveryRow>> deliveries(const WebhookDeliveryFilter& filter) const;
  base::Result<std::vector<WebhookAttemptRow>> attempts(const base::RecordId& delivery) const;
  // What the endpoint is to be sent next, at `now` or before; of `endpoint.test` only, where it may get nothing else.
  base::Result<std::optional<WebhookDeliveryRow>> first_due(const base::RecordId& endpoint, base::Timestamp now,
                                                            bool only_tests) const;

  // Takes a delivery for sending: counts the attempt. False when it is no longer to be sent.
  base::Result<bool> claim(const base::RecordId& id);
  // What a process that ended had claimed is due again.
  base::Result<std::int64_t> release_claims(base::Timestamp now);
  // Ends a claim; `next_at` for a pending one. A delivery that was removed meanwhile is left alone, attempt and all.
  base::Result<void> settle(const WebhookAttemptRow& attempt, std::string_view state,
                            const std::optional<base::Timestamp>& next_at);
  // An endpoint's pending deliveries are due, as on their first day.
  base::Result<void> release(const base::RecordId& endpoint, base::Timestamp now);
  // Queues one again, and those of a time (ends included) of these types (none: all), that are not being sent.
  base::Result<bool> requeue(const base::RecordId& id, base::Timestamp now);
  base::Result<std::int64_t> requeue_between(const base::RecordId& endpoint, base::Timestamp from, base::Timestamp to,
                                             const std::vector<std::string>& types, base::Timestamp now);
  base::Result<void> acknowledge(const base::RecordId& id, std::string_view state, std::string_view reason,
                                 std::string_view until, base::Timestamp at);

  base::Result<void> forget_subject(const base::SubjectId& subject);
  // But not erasures that the receiver has not done yet.
  base::Result<std::int64_t> remove_before(base::Timestamp oldest);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
