// Ed25519 (RFC 8032). Sizes are checked before libsodium is called: its functions take none.
// Thread safety: a SigningKey may be used from many threads at once.
#pragma once

#include <optional>

#include "egide/base/bytes.h"
#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

using PublicKey = base::ByteArray<32>;
using Signature = base::ByteArray<64>;

class SigningKey {
 public:
  // From a 32-byte seed. InvalidRequest on another size; Unavailable when the arena is full.
  static base::Result<SigningKey> from_seed(base::ByteView seed);
  const PublicKey& public_key() const noexcept { return public_key_; }
  Signature sign(base::ByteView message) const;

 private:
  SigningKey(SecretBytes secret, const PublicKey& public_key) : secret_(std::move(secret)), public_key_(public_key) {}
  SecretBytes secret_;
  PublicKey public_key_;
};

// False for any wrong size, key or signature.
bool verify_signature(base::ByteView public_key, base::ByteView message, base::ByteView signature) noexcept;

}  // namespace egide::crypto
