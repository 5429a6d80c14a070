// The database's key, whichever version of it the file was written with: the first bytes of the file are the key's
// salt, which names the version, so no number is kept beside it that could disagree.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::vault {

inline constexpr std::uint64_t kMostDatabaseKeys = 1000;

// 1 when the file is missing or written with none of the keys: opening it then says what is wrong.
base::Result<std::uint64_t> database_key_version(base::ByteView derivation_key, const std::string& path);
base::Result<crypto::SecretBytes> database_key(base::ByteView derivation_key, std::uint64_t version);
// The key of the file at `path`, as open_sqlcipher takes it.
base::Result<crypto::SecretBytes> database_key_of(base::ByteView derivation_key, const std::string& path);

}  // namespace egide::vault
