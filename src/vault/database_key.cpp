#include "database_key.h"

#include "egide/crypto/derived_keys.h"
#include "egide/storage/file_stream.h"

namespace egide::vault {
namespace {

constexpr std::size_t kSalt = 16;
constexpr std::size_t kSaltDigits = 2 * kSalt;

}  // namespace

base::Result<crypto::SecretBytes> database_key(base::ByteView derivation_key, std::uint64_t version) {
  EGIDE_TRY(const auto keys, crypto::DerivedKeys::make(derivation_key, version));
  return keys.database_key();
}

base::Result<std::uint64_t> database_key_version(base::ByteView derivation_key, const std::string& path) {
  auto file = storage::FileReader::open(path);
  if (!file) return std::uint64_t{1};
  base::ByteArray<kSalt> salt{};
  EGIDE_TRY(const std::size_t got, file->read(salt));
  if (got != salt.size()) return std::uint64_t{1};
  const std::string digits = base::to_hex(salt);
  for (std::uint64_t version = 1; version <= kMostDatabaseKeys; ++version) {
    EGIDE_TRY(const auto key, database_key(derivation_key, version));
    if (base::as_text(key.expose_secret().last(kSaltDigits)) == digits) return version;
  }
  return std::uint64_t{1};
}

base::Result<crypto::SecretBytes> database_key_of(base::ByteView derivation_key, const std::string& path) {
  EGIDE_TRY(const std::uint64_t version, database_key_version(derivation_key, path));
  return database_key(derivation_key, version);
}

}  // namespace egide::vault
