#include "0003_access_requests.h"

namespace egide::storage {

// Who asked for whose consent to what, and when. No answer is stored: it is the state of the consent.
constinit const Migration kMigration0003AccessRequests = {3, "access_requests", R"sql(
CREATE TABLE access_request (
  id BLOB PRIMARY KEY,
  tool TEXT NOT NULL,
  subject_id BLOB NOT NULL,
  purpose TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  person_sequence BIGINT NOT NULL,    -- newest consent events when this was asked: later ones are the answer
  guardian_sequence BIGINT NOT NULL
);
CREATE INDEX access_request_by_subject ON access_request (subject_id, tool, created_at);
)sql"};

}  // namespace egide::storage
