// A copy of a database while others write to it: one snapshot, encrypted page by page under the same key.
#pragma once

#include <string>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"
#include "egide/storage/connection.h"

namespace egide::storage {

// VACUUM INTO a new file of mode 0600: no free page comes along, so nothing that was deleted. `connection` must not be
// in a transaction. Conflict when `path` exists. The copy is opened with open_sqlcipher and the same key.
base::Result<void> copy_sqlcipher(Connection& connection, const std::string& path);

// Copies schema and rows of the database at `path`, which opens with `key` (as open_sqlcipher takes it), into the empty
// database of `connection`, which has another key. Nobody may write to either meanwhile. One transaction.
base::Result<void> copy_rows_sqlcipher(Connection& connection, const std::string& path, const crypto::SecretBytes& key);

}  // namespace egide::storage
