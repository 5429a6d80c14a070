// The keys derived from the derivation key (crypto_kdf, 8-byte contexts), and what is computed with them:
// pseudonyms, blind indexes, API token hashes. docs/cryptography.md, "Key hierarchy".
//
// Thread safety: safe from many threads after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "egide/base/bytes.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

using Pseudonym = base::ByteArray<16>;
using TokenHash = base::Hash32;

// HMAC key of one pseudonymisation domain: purpose x recipient, or one export.
class PseudonymDomain {
 public:
  Pseudonym of(const base::SubjectId& subject) const;

 private:
  friend class DerivedKeys;
  explicit PseudonymDomain(SecretBytes key) : key_(std::move(key)) {}
  SecretBytes key_;
};

// Value of a blind index, truncated to `bits` (1 to 128). Normalise the text first (normalise_* below).
class BlindIndex {
 public:
  // (bits + 7) / 8 bytes: the first `bits` bits of the hash, the rest of the last byte zero.
  base::Bytes of(std::string_view normalised_text) const;
  int bits() const noexcept { return bits_; }

 private:
  friend class DerivedKeys;
  BlindIndex(SecretBytes key, int bits) : key_(std::move(key)), bits_(bits) {}
  SecretBytes key_;
  int bits_;
};

class DerivedKeys {
 public:
  // `derivation_key` has 32 bytes (else InvalidRequest); Unavailable when the arena is full. `version` is the kdf's
  // subkey id: 1 until a key is changed.
  static base::Result<DerivedKeys> make(base::ByteView derivation_key, std::uint64_t version = 1);

  // 64 hex digits of key + 32 of salt, as SQLCipher takes it, in wiped memory.
  base::Result<SecretBytes> database_key() const;
  base::Result<PseudonymDomain> pseudonym_domain(std::string_view purpose, std::string_view recipient,
                                                 int version = 1) const;
  // Document-randomised pseudonyms of one export. `random` is 32 random bytes kept with the export and deleted with
  // its purpose; without them nobody can repeat the pseudonyms.
  base::Result<PseudonymDomain> export_domain(const base::Uuid& export_id, std::string_view recipient,
                                              base::ByteView random) const;
  // One key per (tenant, table, field, purpose). InvalidRequest when `bits` is not 1 to 128.
  base::Result<BlindIndex> blind_index(std::string_view tenant, std::string_view table, std::string_view field,
                                       std::string_view purpose, int bits) const;
  TokenHash token_hash(base::ByteView token) const;
  base::ByteView backup_key() const;
  // Authenticates opaque values egide hands out and takes back (list cursors, page tokens): HMAC-SHA-256.
  base::Hash32 authenticate(std::string_view context, base::ByteView message) const;

 private:
  DerivedKeys() = default;
  SecretBytes database_, pseudonym_root_, blind_root_, token_, backup_, opaque_;
};

// An API token: 32 random bytes, shown once as base64url.
struct NewToken {
  std::string text;
  TokenHash hash;
};
NewToken make_token(const DerivedKeys& keys);
// Nothing unless `text` is base64url of 32 bytes.
std::optional<TokenHash> hash_of_token(const DerivedKeys& keys, std::string_view text);

// CipherSweet's planner: which lengths L keep 2 <= C <= sqrt(R), where C = R / 2^min(L, entropy) rows share a value on
// average, for R rows of a field whose values carry `entropy_bits`. Nothing for R < 16, and nothing when no length
// fits.
struct BlindIndexRange {
  int min_bits;
  int max_bits;
};
std::optional<BlindIndexRange> plan_blind_index_range(std::uint64_t rows, double entropy_bits);
// The longest of the range: it stays in range while the rows grow about fourfold, when the index is planned again.
std::optional<int> plan_blind_index(std::uint64_t rows, double entropy_bits);

// Lower case ASCII, outer white space removed; NFC is left to the caller's data as it is.
std::string normalise_email(std::string_view text);

}  // namespace egide::crypto
