#include "egide/crypto/signature.h"

#include <sodium.h>

#include "unsigned_char.h"

namespace egide::crypto {

static_assert(crypto_sign_ed25519_PUBLICKEYBYTES == 32 && crypto_sign_ed25519_BYTES == 64);

base::Result<SigningKey> SigningKey::from_seed(base::ByteView seed) {
  if (seed.size() != crypto_sign_ed25519_SEEDBYTES) return base::invalid_request("A signing seed has 32 bytes");
  PublicKey public_key;
  base::ByteArray<crypto_sign_ed25519_SECRETKEYBYTES> expanded;
  EGIDE_CHECK(crypto_sign_ed25519_seed_keypair(uchars(public_key), uchars(expanded), uchars(seed)) == 0);
  auto secret = SecretBytes::copy_of(expanded);
  wipe(expanded);
  if (!secret) return std::move(secret).error();
  return SigningKey(std::move(secret).value(), public_key);
}

Signature SigningKey::sign(base::ByteView message) const {
  EGIDE_CHECK(secret_.size() == crypto_sign_ed25519_SECRETKEYBYTES);
  Signature signature;
  EGIDE_CHECK(crypto_sign_ed25519_detached(uchars(signature), nullptr, uchars(message), message.size(),
                                           uchars(secret_.expose_secret())) == 0);
  return signature;
}

bool verify_signature(base::ByteView public_key, base::ByteView message, base::ByteView signature) noexcept {
  if (public_key.size() != crypto_sign_ed25519_PUBLICKEYBYTES || signature.size() != crypto_sign_ed25519_BYTES)
    return false;
  return crypto_sign_ed25519_verify_detached(uchars(signature), uchars(message), message.size(), uchars(public_key)) ==
         0;
}

}  // namespace egide::crypto
