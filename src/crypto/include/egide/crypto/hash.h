// SHA-256 (OpenSSL EVP, fetched once), HMAC-SHA-256 and BLAKE2b (libsodium).
// Thread safety: free functions, safe from many threads; the EVP context is per thread.
#pragma once

#include <initializer_list>
#include <string_view>

#include "egide/base/bytes.h"

namespace egide::crypto {

base::Hash32 sha256(std::initializer_list<base::ByteView> parts);
inline base::Hash32 sha256(base::ByteView data) { return sha256({data}); }

// Any key length; note that HMAC pads keys with zeros: k and k||00 are one key. Use fixed lengths.
base::Hash32 hmac_sha256(base::ByteView key, std::initializer_list<base::ByteView> parts);

// BLAKE2b with 32-byte output; `key` empty or 16 to 64 bytes.
base::Hash32 blake2b_256(base::ByteView key, base::ByteView input);
// The same with salt zero and `personal` (at most 16 bytes, zero padded) as domain separation.
base::Hash32 blake2b_256(base::ByteView key, std::string_view personal, base::ByteView input);

// enc(a, b, ...): for each item LE64(length) || bytes. Unambiguous for any content.
base::Bytes enc(std::initializer_list<base::ByteView> items);

}  // namespace egide::crypto
