// Argon2id (RFC 9106): unseal passphrases (256 MiB, t = 3) and passwords of staff (19 MiB, t = 2, a floor by OWASP).
// Thread safety: safe from many threads; at most two hashes run at once, others wait (memory stays bounded).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

struct PassphraseParameters {
  std::uint64_t memory_bytes = 256ULL << 20;
  std::uint64_t passes = 3;
  base::ByteArray<16> salt{};
};
// 32 bytes. Stored parameters above 1 GiB or 10 passes are refused (InvalidRequest): they come from a file.
base::Result<SecretBytes> key_from_passphrase(std::string_view passphrase, const PassphraseParameters& parameters);

// PHC string "$argon2id$..."; Unavailable when memory is short.
base::Result<std::string> hash_password(std::string_view password);
bool verify_password(const std::string& stored, std::string_view password);
bool password_needs_rehash(const std::string& stored);

}  // namespace egide::crypto
