#include "0005_webhooks.h"

namespace egide::storage {

// A delivery's data holds ids only: pseudonyms proper to the receiving tool. The person's own id stands beside them so
// that an erasure finds what is queued about them; the row of the erasure's own event has none.
constinit const Migration kMigration0005Webhooks = {5, "webhooks", R"sql(
CREATE TABLE webhook_endpoint (
  id BLOB PRIMARY KEY,
  tool TEXT NOT NULL,               -- whose it is; empty: the association's own
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  types TEXT NOT NULL,              -- JSON list; empty list: all that its owner may get
  format TEXT NOT NULL,             -- 'cloudevents', 'plain'
  asymmetric INTEGER NOT NULL,      -- signs with Ed25519 too
  state TEXT NOT NULL,              -- 'unverified', 'active', 'disabled'
  reason TEXT NOT NULL,             -- of a disabled one
  verified_once INTEGER NOT NULL,   -- events are kept for it from then on
  secret BLOB NOT NULL,             -- sealed
  previous_secret BLOB,             -- sealed; signs beside the other until then
  previous_until BIGINT NOT NULL,
  exhausted INTEGER NOT NULL,       -- deliveries given up one after the other
  paused_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE webhook_delivery (
  id BLOB PRIMARY KEY,
  endpoint_id BLOB NOT NULL,
  subject_id BLOB,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  log_index BIGINT NOT NULL,        -- of the cause's entry: the order in which they are sent at first
  state TEXT NOT NULL,              -- 'pending', 'delivered', 'failed'
  attempts INTEGER NOT NULL,        -- of all rounds
  round_attempts INTEGER NOT NULL,  -- since it was queued, or queued again
  claimed INTEGER NOT NULL,
  next_at BIGINT,                   -- absent: nothing to be sent (done, or claimed)
  ack_state TEXT NOT NULL,
  ack_reason TEXT NOT NULL,
  ack_until TEXT NOT NULL,
  acked_at BIGINT NOT NULL
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_at);
CREATE INDEX webhook_delivery_time ON webhook_delivery (endpoint_id, created_at, id);
CREATE INDEX webhook_delivery_subject ON webhook_delivery (subject_id);
CREATE TABLE webhook_attempt (
  delivery_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  at BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  status INTEGER NOT NULL,          -- 0: no answer
  error TEXT NOT NULL,              -- a class, from a closed list
  answer_size BIGINT NOT NULL,
  answer_start TEXT NOT NULL,       -- printable ASCII
  PRIMARY KEY (delivery_id, number)
);
)sql"};

}  // namespace egide::storage
