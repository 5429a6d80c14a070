#include "0001_log.h"

namespace egide::storage {

// The keys of the log's tables are positions: rows are appended in order and a table is its own index.
constinit const Migration kMigration0001Log = {1, "log", R"sql(
CREATE TABLE entry (
  i INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL
);
CREATE TABLE node (
  i INTEGER PRIMARY KEY,
  h BLOB NOT NULL
);
CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  note BLOB NOT NULL
);
CREATE TABLE entry_detail (
  i INTEGER PRIMARY KEY,
  subject BLOB,
  previous INTEGER NOT NULL,
  record BLOB NOT NULL,
  sealed BLOB NOT NULL
);
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
);
)sql"};

}  // namespace egide::storage
