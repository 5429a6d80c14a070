#include "egide/crypto/derived_keys.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "egide/base/check.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "unsigned_char.h"

namespace egide::crypto {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kDatabaseKeySize = 48;  // 32 bytes of key, 16 of salt

template <std::size_t N>
base::Result<SecretBytes> derive(base::ByteView derivation_key, std::uint64_t version, const char (&context)[9]) {
  static_assert(sizeof context == crypto_kdf_CONTEXTBYTES + 1);
  base::ByteArray<N> bytes;
  EGIDE_CHECK(crypto_kdf_derive_from_key(uchars(bytes), N, version, context, uchars(derivation_key)) == 0);
  auto secret = SecretBytes::copy_of(bytes);
  wipe(bytes);
  return secret;
}

// BLAKE2b-256 whose result is a key: it goes to the arena and nothing stays behind.
base::Result<SecretBytes> keyed(const SecretBytes& key, std::string_view personal, base::ByteView input) {
  base::Hash32 bytes = blake2b_256(key.expose_secret(), personal, input);
  auto secret = SecretBytes::copy_of(bytes);
  wipe(bytes);
  return secret;
}

}  // namespace

base::Result<DerivedKeys> DerivedKeys::make(base::ByteView derivation_key, std::uint64_t version) {
  if (derivation_key.size() != crypto_kdf_KEYBYTES) return base::invalid_request("The derivation key has 32 bytes");
  DerivedKeys keys;
  EGIDE_TRY(keys.database_, derive<kDatabaseKeySize>(derivation_key, version, "egidedb1"));
  EGIDE_TRY(keys.pseudonym_root_, derive<kKeySize>(derivation_key, version, "egideps1"));
  EGIDE_TRY(keys.blind_root_, derive<kKeySize>(derivation_key, version, "egidebi1"));
  EGIDE_TRY(keys.token_, derive<kKeySize>(derivation_key, version, "egidetk1"));
  EGIDE_TRY(keys.backup_, derive<kKeySize>(derivation_key, version, "egidebk1"));
  EGIDE_TRY(keys.opaque_, derive<kKeySize>(derivation_key, version, "egideop1"));
  return keys;
}

base::Result<SecretBytes> DerivedKeys::database_key() const {
  std::array<char, 2 * kDatabaseKeySize + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), uchars(database_.expose_secret()), database_.size());
  auto secret = SecretBytes::copy_of(base::as_bytes(std::string_view(hex.data(), 2 * kDatabaseKeySize)));
  wipe(std::as_writable_bytes(std::span(hex)));
  return secret;
}

base::Result<PseudonymDomain> DerivedKeys::pseudonym_domain(std::string_view purpose, std::string_view recipient,
                                                            int version) const {
  const std::string version_text = std::to_string(version);
  EGIDE_TRY(auto key, keyed(pseudonym_root_, "egide-psd-v1",
                            enc({base::as_bytes(purpose), base::as_bytes(recipient), base::as_bytes(version_text)})));
  return PseudonymDomain(std::move(key));
}

base::Result<PseudonymDomain> DerivedKeys::export_domain(const base::Uuid& export_id, std::string_view recipient,
                                                         base::ByteView random) const {
  if (random.size() != kKeySize) return base::invalid_request("An export has 32 random bytes");
  const std::string id = export_id.str();
  EGIDE_TRY(auto key,
            keyed(pseudonym_root_, "egide-exp-v1", enc({base::as_bytes(id), base::as_bytes(recipient), random})));
  return PseudonymDomain(std::move(key));
}

base::Result<BlindIndex> DerivedKeys::blind_index(std::string_view tenant, std::string_view table,
                                                  std::string_view field, std::string_view purpose, int bits) const {
  if (bits < 1 || bits > 128) return base::invalid_request("A blind index has between 1 and 128 bits");
  EGIDE_TRY(
      auto key,
      keyed(blind_root_, "egide-bix-v1",
            enc({base::as_bytes(tenant), base::as_bytes(table), base::as_bytes(field), base::as_bytes(purpose)})));
  return BlindIndex(std::move(key), bits);
}

TokenHash DerivedKeys::token_hash(base::ByteView token) const { return blake2b_256(token_.expose_secret(), token); }

base::ByteView DerivedKeys::backup_key() const { return backup_.expose_secret(); }

base::Hash32 DerivedKeys::authenticate(std::string_view context, base::ByteView message) const {
  // enc(context, message) without the copy.
  const auto context_size = base::le64(context.size());
  const auto message_size = base::le64(message.size());
  return hmac_sha256(opaque_.expose_secret(), {context_size, base::as_bytes(context), message_size, message});
}

Pseudonym PseudonymDomain::of(const base::SubjectId& subject) const {
  const std::string text = subject.str();
  const base::Hash32 mac = hmac_sha256(key_.expose_secret(), {base::as_bytes(text)});
  Pseudonym out;
  std::copy_n(mac.begin(), out.size(), out.begin());
  return out;
}

NewToken make_token(const DerivedKeys& keys) {
  auto bytes = random_array<32>();
  NewToken token{base::to_base64url(bytes), keys.token_hash(bytes)};
  wipe(bytes);
  return token;
}

std::optional<TokenHash> hash_of_token(const DerivedKeys& keys, std::string_view text) {
  auto bytes = base::from_base64url(text);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  const TokenHash hash = keys.token_hash(*bytes);
  wipe(*bytes);
  return hash;
}

}  // namespace egide::crypto
