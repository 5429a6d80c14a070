// Argon2id (RFC 9106): unseal passphrases (256 MiB, t = 3) and passwords of staff (19 MiB, t = 2, a floor by OWASP).
// Thread safety: safe from many threads; at most two hashes run at once, others wait (memory stays bounded).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

// The most a stored slot or password may ask for: the numbers come from a file.
inline constexpr std::uint64_t kMaxPassphraseMemory = 1ULL << 30;
inline constexpr std::uint64_t kMaxPassphrasePasses = 10;

struct PassphraseParameters {
  std::uint64_t memory_bytes = 256ULL << 20;
  std::uint64_t passes = 3;
  base::ByteArray<16> salt{};
};
// InvalidRequest outside 8 KiB to 1 GiB and 1 to 10 passes.
base::Result<void> check_parameters(const PassphraseParameters& parameters);
// 32 bytes. InvalidRequest as check_parameters; Unavailable when memory is short.
base::Result<SecretBytes> key_from_passphrase(std::string_view passphrase, const PassphraseParameters& parameters);

// PHC string "$argon2id$..."; Unavailable when memory is short.
base::Result<std::string> hash_password(std::string_view password);
// False, too, for a stored string that is damaged or asks for more than the limits above.
bool verify_password(const std::string& stored, std::string_view password);
bool password_needs_rehash(const std::string& stored);

}  // namespace egide::crypto
