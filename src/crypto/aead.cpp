#include "aead.h"

#include <sodium.h>

#include "unsigned_char.h"

namespace egide::crypto::aead {

static_assert(kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kNonceSize == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kTagSize == crypto_aead_xchacha20poly1305_ietf_ABYTES);

bool encrypt(base::ByteView key, base::ByteView nonce, base::ByteView ad, base::ByteView plaintext,
             std::span<std::byte> out) noexcept {
  if (key.size() != kKeySize || nonce.size() != kNonceSize || out.size() != plaintext.size() + kTagSize) return false;
  return crypto_aead_xchacha20poly1305_ietf_encrypt(uchars(out), nullptr, uchars(plaintext), plaintext.size(),
                                                    uchars(ad), ad.size(), nullptr, uchars(nonce), uchars(key)) == 0;
}

bool decrypt(base::ByteView key, base::ByteView nonce, base::ByteView ad, base::ByteView sealed,
             std::span<std::byte> out) noexcept {
  if (key.size() != kKeySize || nonce.size() != kNonceSize) return false;
  if (sealed.size() < kTagSize || out.size() != sealed.size() - kTagSize) return false;
  // Told apart by libsodium: a null output means "authenticate only", so an empty plaintext still gets a place.
  unsigned char nowhere = 0;
  unsigned char* const target = out.empty() ? &nowhere : uchars(out);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(target, nullptr, nullptr, uchars(sealed), sealed.size(), uchars(ad),
                                                    ad.size(), uchars(nonce), uchars(key)) == 0;
}

}  // namespace egide::crypto::aead
