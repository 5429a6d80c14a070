// A copy of a database while others write to it: one snapshot, encrypted page by page under the same key.
#pragma once

#include <string>

#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

// VACUUM INTO a new file of mode 0600: no free page comes along, so nothing that was deleted. `connection` must not be
// in a transaction. Conflict when `path` exists. The copy is opened with open_sqlcipher and the same key.
base::Result<void> copy_sqlcipher(Connection& connection, const std::string& path);

}  // namespace egide::storage
