#include "0002_people.h"

namespace egide::storage {

// People, consents, accounts, decisions, requests. Business rows hold ciphertext under the person's own key, blind
// indexes, and clear columns only where nothing personal is in them.
constinit const Migration kMigration0002People = {2, "people", R"sql(
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE subject (
  id BLOB PRIMARY KEY,
  status INTEGER NOT NULL,          -- 1 living, 2 erased (a tombstone: nothing else is left)
  locale TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  restricted INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  key_version INTEGER NOT NULL,
  dek BLOB,
  kaudit BLOB,
  facts BLOB                        -- sealed: what decisions need at once (birth date)
);
CREATE TABLE attribute (
  subject_id BLOB NOT NULL,
  category TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  source TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (subject_id, category)
);
CREATE TABLE blind_index (
  field TEXT NOT NULL,
  value BLOB NOT NULL,
  subject_id BLOB NOT NULL,
  PRIMARY KEY (field, value, subject_id)
);
CREATE INDEX blind_index_subject ON blind_index (subject_id);
CREATE TABLE objection (
  subject_id BLOB NOT NULL,
  purpose TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (subject_id, purpose)
);
CREATE TABLE consent_event (
  id BLOB PRIMARY KEY,
  subject_id BLOB NOT NULL,
  purpose TEXT NOT NULL,
  party INTEGER NOT NULL,           -- 1 the person, 2 the guardian
  sequence BIGINT NOT NULL,         -- 1, 2, 3 ... for one subject, purpose and party: an append-only chain
  type TEXT NOT NULL,
  at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  channel TEXT NOT NULL,
  notice_version INTEGER NOT NULL,
  notice_language TEXT NOT NULL,
  notice_hash BLOB,
  valid_until BIGINT,
  ceremony BLOB,
  log_index BIGINT NOT NULL,
  sealed BLOB NOT NULL,             -- who recorded it, method, evidence
  UNIQUE (subject_id, purpose, party, sequence)
);
CREATE TABLE notice (
  purpose TEXT NOT NULL,
  version INTEGER NOT NULL,
  texts TEXT NOT NULL,
  summary TEXT NOT NULL,
  material INTEGER NOT NULL,
  oldest_acceptable INTEGER NOT NULL,
  issued_at BIGINT NOT NULL,
  PRIMARY KEY (purpose, version)
);
CREATE TABLE tool (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  actor BLOB NOT NULL UNIQUE,
  active INTEGER NOT NULL,
  evaluate_any INTEGER NOT NULL,
  recipient_class TEXT NOT NULL,
  grants TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE account (
  id BLOB PRIMARY KEY,
  label TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  actor BLOB NOT NULL UNIQUE,
  active INTEGER NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE decision (
  id BLOB PRIMARY KEY,
  source TEXT NOT NULL,
  event_id TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  type TEXT NOT NULL,
  tool_id TEXT NOT NULL,
  subject_id BLOB,
  system_id TEXT NOT NULL,
  system_version TEXT NOT NULL,
  purpose TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  sequence TEXT NOT NULL,
  had_permit INTEGER NOT NULL,
  log_index BIGINT NOT NULL,
  clear TEXT NOT NULL,              -- the members of class C, canonical JSON
  sealed BLOB,                      -- r32 || the members of class E, under the person's key
  UNIQUE (source, event_id)
);
-- A person's decisions are found through the chain of their log entries; an index on subject_id would be touched at a
-- random page by every event.
CREATE INDEX decision_log_index ON decision (log_index);
CREATE INDEX decision_time ON decision (recorded_at, id);
CREATE TABLE request (
  id BLOB PRIMARY KEY,
  type TEXT NOT NULL,
  subject_id BLOB,
  state TEXT NOT NULL,
  channel TEXT NOT NULL,
  language TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  due TEXT NOT NULL,
  legal_due TEXT NOT NULL,
  version BIGINT NOT NULL,
  log_index BIGINT NOT NULL,
  receipt_index BIGINT,             -- the erasure's entry
  sealed BLOB                       -- details, under the person's key
);
CREATE INDEX request_subject ON request (subject_id);
CREATE TABLE request_transition (
  request_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  at BIGINT NOT NULL,
  actor BLOB NOT NULL,
  ground TEXT NOT NULL,
  log_index BIGINT NOT NULL,
  PRIMARY KEY (request_id, number)
);
CREATE TABLE package (
  request_id BLOB PRIMARY KEY,
  subject_id BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  sha256 BLOB NOT NULL,
  sealed BLOB NOT NULL
);
CREATE INDEX package_subject ON package (subject_id);
CREATE TABLE idempotency (
  scope BLOB PRIMARY KEY,
  fingerprint BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  subject_id BLOB,
  answer BLOB NOT NULL              -- sealed: under the person's key where the answer concerns one
);
CREATE INDEX idempotency_age ON idempotency (created_at);
CREATE INDEX idempotency_subject ON idempotency (subject_id);
)sql"};

}  // namespace egide::storage
