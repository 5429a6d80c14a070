#include "0006_datasets.h"

namespace egide::storage {

// A dataset's row holds its report and nothing about anybody in it; the file and the key of its pseudonyms are not
// kept.
constinit const Migration kMigration0006Datasets = {6, "datasets", R"sql(
CREATE TABLE dataset (
  id BLOB PRIMARY KEY,
  created_at BIGINT NOT NULL,
  actor BLOB NOT NULL,
  tool_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  report TEXT NOT NULL,
  detail TEXT NOT NULL,             -- what the log entry commits to
  commitment_key BLOB NOT NULL,     -- and with which key
  log_index BIGINT NOT NULL
);
CREATE INDEX dataset_time ON dataset (created_at, id);
CREATE TABLE reidentification (
  id BLOB PRIMARY KEY,
  state TEXT NOT NULL,
  subject_id BLOB,                  -- NULL once the person was erased
  tool_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  opener BLOB NOT NULL,             -- account ids
  approver BLOB,
  opened_at BIGINT NOT NULL,
  approve_until BIGINT NOT NULL,
  duration_s BIGINT NOT NULL,
  approved_at BIGINT,
  read_until BIGINT,
  log_index BIGINT NOT NULL,
  sealed BLOB                       -- pseudonym and reason, under the person's key
);
CREATE INDEX reidentification_time ON reidentification (opened_at, id);
CREATE INDEX reidentification_subject ON reidentification (subject_id);
)sql"};

}  // namespace egide::storage
