// The committing record envelope, also used for every key wrap.
//
//   0x01 || nonce (24) || K_com (32) || XChaCha20-Poly1305 ciphertext || tag (16)         overhead 73 bytes
//   K_enc || K_com = BLAKE2b-512(key, salt 0, personal "egide-rec-v1", nonce || BLAKE2b-256(AD))
//
// Security claim: confidentiality and integrity of plaintext and AD, and key commitment: a record opens under one key
// only. K_com is compared before the cipher is opened. Every failure is the same Integrity error.
// Format and test vector: docs/formats/record.md.
//
// Thread safety: free functions without state.
#pragma once

#include <initializer_list>

#include "egide/base/bytes.h"
#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

inline constexpr std::size_t kRecordOverhead = 73;

// `key` has 32 bytes (a SecretKey's or SecretBytes' exposed bytes). `ad` is the output of enc().
base::Bytes seal_record(base::ByteView key, base::ByteView ad, base::ByteView plaintext);
base::Result<base::Bytes> open_record(base::ByteView key, base::ByteView ad, base::ByteView record);

// Wraps of 32-byte keys: the plaintext never leaves wiped memory.
base::Bytes wrap_key(base::ByteView wrapping_key, base::ByteView ad, base::ByteView key);
base::Result<SecretKey> unwrap_key(base::ByteView wrapping_key, base::ByteView ad, base::ByteView record);
base::Result<SecretBytes> unwrap_secret(base::ByteView wrapping_key, base::ByteView ad, base::ByteView record);

// The AD of a field of a business row (docs/formats/record.md): where a ciphertext stands is part of it, so that
// ciphertexts can't be swapped between rows, fields, people or tenants.
struct RecordPlace {
  std::string_view tenant;
  std::string_view table;
  std::string_view record;  // uuid, 36 characters
  std::string_view field;
  int version = 1;
  std::string_view subject;  // uuid, 36 characters
};
base::Bytes record_ad(const RecordPlace& place);

// Deterministic nonce, for test vectors only.
base::Bytes seal_record_with_nonce(base::ByteView key, base::ByteView ad, base::ByteView plaintext,
                                   const base::ByteArray<24>& nonce);

}  // namespace egide::crypto
