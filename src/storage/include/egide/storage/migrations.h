// Numbered schema migrations. Each runs once, in one transaction with the record that it ran; a database with a newer
// schema than this program knows is refused.
#pragma once

#include <string_view>
#include <vector>

#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct Migration {
  int number;  // 1, 2, 3 ...
  std::string_view name;
  // Portable statements separated by ';'. Column types are INTEGER (64 bits), TEXT and BLOB only: a driver whose engine
  // names them otherwise (BIGINT, BYTEA) replaces these words.
  std::string_view sql;
};

const std::vector<Migration>& migrations();
// Brings the schema up to date; the number of migrations applied. Unavailable: newer or other schema.
base::Result<int> migrate(Connection& connection, const std::vector<Migration>& list = migrations());

}  // namespace egide::storage
