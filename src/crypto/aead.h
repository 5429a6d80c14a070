// XChaCha20-Poly1305 (IETF construction) with every size checked: libsodium's functions take no length for key and
// nonce, so a wrong one would be read past its end.
//
// Security claim: confidentiality and integrity of plaintext and AD. NOT key commitment: a ciphertext can be made that
// opens under two keys. Only record.cpp uses this; everything else seals records.
//
// Thread safety: free functions without state.
#pragma once

#include "egide/base/bytes.h"

namespace egide::crypto::aead {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kNonceSize = 24;
inline constexpr std::size_t kTagSize = 16;

// Writes ciphertext || tag. False, with nothing written, when key or nonce has another size or `out` is not
// plaintext.size() + kTagSize long.
[[nodiscard]] bool encrypt(base::ByteView key, base::ByteView nonce, base::ByteView ad, base::ByteView plaintext,
                           std::span<std::byte> out) noexcept;

// False when a size is wrong (`out` is sealed.size() - kTagSize long) or authentication fails; `out` then holds no
// plaintext.
[[nodiscard]] bool decrypt(base::ByteView key, base::ByteView nonce, base::ByteView ad, base::ByteView sealed,
                           std::span<std::byte> out) noexcept;

}  // namespace egide::crypto::aead
