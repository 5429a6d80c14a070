// Keys a fresh handle and applies every setting. Private to the SQLCipher driver.
#pragma once

#include <sqlite3.h>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::storage {

inline constexpr std::size_t kKeyDigits = 96;  // 64 key, 32 salt
inline constexpr std::size_t kSaltDigits = 32;

// Keys, applies and reads back every setting, and reads the schema. `key` has kKeyDigits lower-case hex digits.
base::Result<void> key_and_configure(sqlite3* handle, const crypto::SecretBytes& key);

// The file's first bytes are the key's salt: what SQLCipher writes, and what a plaintext file does not hold.
base::Result<void> check_header(sqlite3* handle, const crypto::SecretBytes& key);

// One text value of a pragma or query without parameters; empty when there is none.
base::Result<std::string> query_text(sqlite3* handle, const char* sql);

}  // namespace egide::storage
