#include "egide/crypto/record.h"

#include <sodium.h>

#include <cstring>

#include "aead.h"
#include "egide/base/check.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "unsigned_char.h"

namespace egide::crypto {
namespace {

constexpr std::byte kVersion{0x01};
constexpr std::size_t kNonceAt = 1;
constexpr std::size_t kCommitmentAt = kNonceAt + aead::kNonceSize;
constexpr std::size_t kCommitmentSize = 32;
constexpr std::size_t kSealedAt = kCommitmentAt + kCommitmentSize;
static_assert(kSealedAt + aead::kTagSize == kRecordOverhead);

constexpr unsigned char kPersonal[crypto_generichash_blake2b_PERSONALBYTES] = {'e', 'g', 'i', 'd', 'e', '-',
                                                                               'r', 'e', 'c', '-', 'v', '1'};

// K_enc || K_com of one record, wiped at the end of the operation.
class RecordKeys {
 public:
  RecordKeys(base::ByteView key, base::ByteView ad, base::ByteView nonce) {
    EGIDE_CHECK(key.size() == SecretKey::kSize && nonce.size() == aead::kNonceSize);
    const base::Hash32 ad_hash = blake2b_256({}, ad);
    base::ByteArray<aead::kNonceSize + 32> input;
    std::memcpy(input.data(), nonce.data(), nonce.size());
    std::memcpy(input.data() + nonce.size(), ad_hash.data(), ad_hash.size());
    EGIDE_CHECK(crypto_generichash_blake2b_salt_personal(uchars(both_), both_.size(), uchars(input), input.size(),
                                                         uchars(key), key.size(), nullptr, kPersonal) == 0);
  }
  ~RecordKeys() { wipe(both_); }
  RecordKeys(const RecordKeys&) = delete;
  RecordKeys& operator=(const RecordKeys&) = delete;

  base::ByteView encryption() const noexcept { return base::ByteView(both_).first(aead::kKeySize); }
  base::ByteView commitment() const noexcept { return base::ByteView(both_).subspan(aead::kKeySize); }

 private:
  base::ByteArray<aead::kKeySize + kCommitmentSize> both_;
};

base::Error does_not_open() { return base::integrity_violation("A protected value does not open"); }

// `out` is record.size() - kRecordOverhead long. False for every cause alike.
bool open_into(base::ByteView key, base::ByteView ad, base::ByteView record, std::span<std::byte> out) {
  if (record.size() < kRecordOverhead || record[0] != kVersion) return false;
  const auto nonce = record.subspan(kNonceAt, aead::kNonceSize);
  const RecordKeys keys(key, ad, nonce);
  if (!equal_constant_time(keys.commitment(), record.subspan(kCommitmentAt, kCommitmentSize))) return false;
  return aead::decrypt(keys.encryption(), nonce, ad, record.subspan(kSealedAt), out);
}

}  // namespace

base::Bytes seal_record_with_nonce(base::ByteView key, base::ByteView ad, base::ByteView plaintext,
                                   const base::ByteArray<24>& nonce) {
  const RecordKeys keys(key, ad, nonce);
  base::Bytes record(kRecordOverhead + plaintext.size());
  record[0] = kVersion;
  std::memcpy(record.data() + kNonceAt, nonce.data(), nonce.size());
  std::memcpy(record.data() + kCommitmentAt, keys.commitment().data(), kCommitmentSize);
  EGIDE_CHECK(aead::encrypt(keys.encryption(), nonce, ad, plaintext, std::span(record).subspan(kSealedAt)));
  return record;
}

base::Bytes seal_record(base::ByteView key, base::ByteView ad, base::ByteView plaintext) {
  return seal_record_with_nonce(key, ad, plaintext, random_array<aead::kNonceSize>());
}

base::Result<base::Bytes> open_record(base::ByteView key, base::ByteView ad, base::ByteView record) {
  if (record.size() < kRecordOverhead) return does_not_open();
  base::Bytes plaintext(record.size() - kRecordOverhead);
  if (!open_into(key, ad, record, plaintext)) return does_not_open();
  return plaintext;
}

base::Bytes wrap_key(base::ByteView wrapping_key, base::ByteView ad, base::ByteView key) {
  EGIDE_CHECK(key.size() == SecretKey::kSize);
  return seal_record(wrapping_key, ad, key);
}

base::Result<SecretKey> unwrap_key(base::ByteView wrapping_key, base::ByteView ad, base::ByteView record) {
  if (record.size() != kRecordOverhead + SecretKey::kSize) return does_not_open();
  base::ByteArray<SecretKey::kSize> bytes;
  if (!open_into(wrapping_key, ad, record, bytes)) return does_not_open();
  auto key = SecretKey::copy_of(bytes);
  wipe(bytes);
  return key;
}

base::Result<SecretBytes> unwrap_secret(base::ByteView wrapping_key, base::ByteView ad, base::ByteView record) {
  EGIDE_TRY(const auto key, unwrap_key(wrapping_key, ad, record));
  return SecretBytes::copy_of(key.expose_secret());
}

base::Bytes record_ad(const RecordPlace& place) {
  const std::string version = std::to_string(place.version);
  return enc({base::as_bytes("egide/record/v1"), base::as_bytes(place.tenant), base::as_bytes(place.table),
              base::as_bytes(place.record), base::as_bytes(place.field), base::as_bytes(version),
              base::as_bytes(place.subject)});
}

}  // namespace egide::crypto
