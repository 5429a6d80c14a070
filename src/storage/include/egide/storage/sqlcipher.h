// The SQLCipher driver (default engine). One function creates a database, one opens it; both key it before the first
// read, set and read back every setting (docs/cryptography.md, "SQLCipher"), and refuse a plaintext file.
//
// Thread safety: as connection.h says.
#pragma once

#include <memory>
#include <string>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct SqlcipherOptions {
  std::string path;
  std::string vfs;      // empty: the platform's; tests name a fault-injecting one
  bool create = false;  // true: the file must not exist; false: it must
  // WAL pages above which a commit copies them into the database: 4 MiB. Larger delays the two fsyncs it takes.
  int transfer_pages = 1000;
};

// `key`: 96 hex digits (64 key, 32 salt) as crypto::DerivedKeys::database_key gives. Kept in locked memory.
// Unavailable: SQLCipher older than 4.5, a setting that did not take, a missing file. Integrity: wrong key, damaged or
// plaintext file (one answer). Conflict: `create` and a file is there. InvalidRequest: the key has another form (the
// engine would take it as a passphrase).
base::Result<std::unique_ptr<Database>> open_sqlcipher(const SqlcipherOptions& options, crypto::SecretBytes key);

// "4.14.0 community"
std::string sqlcipher_version();

}  // namespace egide::storage
