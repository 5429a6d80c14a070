// Makes an XChaCha20-Poly1305 ciphertext that opens under two keys, by solving the linear equation of Poly1305 for one
// block (Len, Grubbs, Ristenpart: "Partitioning Oracle Attacks", 2021, section 3).
#pragma once

#include "egide/base/bytes.h"

namespace egide::crypto {

// 32 bytes of ciphertext and a tag that both keys accept under `nonce` and `ad`.
base::Bytes two_key_ciphertext(base::ByteView first_key, base::ByteView second_key, base::ByteView nonce,
                               base::ByteView ad);

}  // namespace egide::crypto
