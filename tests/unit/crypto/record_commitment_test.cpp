// Why a record carries a commitment: the bare cipher accepts one ciphertext under two keys, the record does not.
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

#include "aead.h"
#include "crypto_testing.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/record.h"
#include "two_key_ciphertext.h"
#include "unsigned_char.h"

namespace egide::crypto {
namespace {

using base::ByteView;

// K_enc || K_com written a second time, from the format's document.
base::Bytes record_keys(ByteView key, ByteView ad, ByteView nonce) {
  base::Bytes input = base::to_bytes(nonce);
  const auto ad_hash = blake2b_256({}, ad);
  input.insert(input.end(), ad_hash.begin(), ad_hash.end());
  const unsigned char personal[16] = {'e', 'g', 'i', 'd', 'e', '-', 'r', 'e', 'c', '-', 'v', '1'};
  base::Bytes out(64);
  crypto_generichash_blake2b_salt_personal(uchars(std::span(out)), out.size(), uchars(ByteView(input)), input.size(),
                                           uchars(key), key.size(), nullptr, personal);
  return out;
}

class RecordCommitmentTest : public ::testing::Test {
 protected:
  RecordCommitmentTest() : sealed(two_key_ciphertext(encryption(first), encryption(second), nonce, ad)) {}

  base::Bytes keys_of(ByteView key) const { return record_keys(key, ad, nonce); }
  base::Bytes encryption(ByteView key) const { return base::to_bytes(ByteView(keys_of(key)).first(32)); }
  base::Bytes record_committed_to(ByteView key) const {
    base::Bytes out{std::byte{1}};
    out.insert(out.end(), nonce.begin(), nonce.end());
    const auto keys = keys_of(key);
    out.insert(out.end(), keys.begin() + 32, keys.end());
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
  }

  const base::Bytes first = filled(0x11), second = filled(0x22), nonce = filled(0x24, 24);
  const base::Bytes ad = enc({base::as_bytes("egide/record/v1"), base::as_bytes("tenant-1")});
  const base::Bytes sealed;
};

TEST_F(RecordCommitmentTest, TheBareCipherOpensOneCiphertextUnderTwoKeys) {
  base::Bytes one(32), other(32);
  EXPECT_TRUE(aead::decrypt(encryption(first), nonce, ad, sealed, one));
  EXPECT_TRUE(aead::decrypt(encryption(second), nonce, ad, sealed, other));
  EXPECT_NE(one, other);
}

TEST_F(RecordCommitmentTest, ARecordOpensUnderTheKeyItCommitsToAlone) {
  EXPECT_TRUE(open_record(first, ad, record_committed_to(first)));
  EXPECT_EQ(open_record(second, ad, record_committed_to(first)).error().code(), base::ErrorCode::Integrity);
  EXPECT_TRUE(open_record(second, ad, record_committed_to(second)));
  EXPECT_EQ(open_record(first, ad, record_committed_to(second)).error().code(), base::ErrorCode::Integrity);
}

TEST(AeadTest, RefusesEverySizeButItsOwn) {
  base::Bytes out(16);
  EXPECT_TRUE(aead::encrypt(filled(1), filled(2, 24), {}, {}, out));
  base::Bytes nothing;
  EXPECT_TRUE(aead::decrypt(filled(1), filled(2, 24), {}, out, nothing));
  for (std::size_t size : {0U, 12U, 23U, 25U, 32U}) {
    EXPECT_FALSE(aead::encrypt(filled(1), filled(2, size), {}, {}, out)) << size;
    EXPECT_FALSE(aead::decrypt(filled(1), filled(2, size), {}, out, nothing)) << size;
  }
  for (std::size_t size : {0U, 16U, 31U, 33U}) {
    EXPECT_FALSE(aead::encrypt(filled(1, size), filled(2, 24), {}, {}, out)) << size;
    EXPECT_FALSE(aead::decrypt(filled(1, size), filled(2, 24), {}, out, nothing)) << size;
  }
  EXPECT_FALSE(aead::encrypt(filled(1), filled(2, 24), {}, filled(3, 1), out));
  EXPECT_FALSE(aead::decrypt(filled(1), filled(2, 24), {}, ByteView(out).first(15), nothing));
  base::Bytes one(1);
  EXPECT_FALSE(aead::decrypt(filled(1), filled(2, 24), {}, out, one));
}

}  // namespace
}  // namespace egide::crypto
