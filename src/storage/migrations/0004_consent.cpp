#include "0004_consent.h"

namespace egide::storage {

constinit const Migration kMigration0004Consent = {4, "consent", R"sql(
CREATE TABLE mail_outbox (
  id BLOB PRIMARY KEY,
  subject_id BLOB NOT NULL,         -- to whom; under whose key it is sealed
  about_id BLOB NOT NULL,           -- whose consent it is about
  kind TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  next_attempt_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  state INTEGER NOT NULL,           -- 1 waiting, 2 sent, 3 given up
  problem TEXT NOT NULL,            -- a code of the last failure, nothing personal
  sealed BLOB                       -- gone once it is sent or given up
);
CREATE INDEX mail_outbox_due ON mail_outbox (state, next_attempt_at);
CREATE INDEX mail_outbox_subject ON mail_outbox (subject_id);
CREATE INDEX mail_outbox_about ON mail_outbox (about_id);
CREATE TABLE consent_link (
  token_hash BLOB PRIMARY KEY,
  subject_id BLOB NOT NULL,
  purpose TEXT NOT NULL,
  party INTEGER NOT NULL,           -- 1 the person, 2 the guardian
  guardian_id BLOB,
  notice_version INTEGER NOT NULL,
  notice_language TEXT NOT NULL,
  ceremony BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  event_id BLOB                     -- the consent event that the answer made
);
CREATE INDEX consent_link_subject ON consent_link (subject_id, purpose);
CREATE INDEX consent_link_guardian ON consent_link (guardian_id);
CREATE TABLE guardianship (
  id BLOB PRIMARY KEY,
  child_id BLOB NOT NULL,
  guardian_id BLOB NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT,
  verified_by TEXT NOT NULL,
  log_index BIGINT NOT NULL,
  sealed BLOB NOT NULL              -- evidence and who recorded it, under the child's key
);
CREATE INDEX guardianship_child ON guardianship (child_id);
CREATE INDEX guardianship_guardian ON guardianship (guardian_id);
)sql"};

}  // namespace egide::storage
