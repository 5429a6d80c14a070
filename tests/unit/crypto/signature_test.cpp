#include "egide/crypto/signature.h"

#include <gtest/gtest.h>

#include "crypto_testing.h"

namespace egide::crypto {
namespace {

// RFC 8032, section 7.1, tests 1 and 3.
TEST(SignatureTest, MatchesTheStandard) {
  const auto first =
      SigningKey::from_seed(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")).value();
  EXPECT_EQ(base::to_hex(first.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      base::to_hex(first.sign({})),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
      "be24655141438e7a100b");
  const auto third =
      SigningKey::from_seed(hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")).value();
  EXPECT_EQ(
      base::to_hex(third.sign(hex("af82"))),
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
      "d28dc027beceea1ec40a");
}

TEST(SignatureTest, RefusesEveryFlippedBit) {
  const auto key = SigningKey::from_seed(filled(1)).value();
  const auto message = filled(7, 20);
  const auto signature = key.sign(message);
  ASSERT_TRUE(verify_signature(key.public_key(), message, signature));
  const auto flipped = [](base::ByteView bytes, std::size_t bit) {
    auto out = base::to_bytes(bytes);
    out[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    return out;
  };
  for (std::size_t bit = 0; bit < 64UL * 8; ++bit)
    EXPECT_FALSE(verify_signature(key.public_key(), message, flipped(signature, bit))) << bit;
  for (std::size_t bit = 0; bit < 20UL * 8; ++bit)
    EXPECT_FALSE(verify_signature(key.public_key(), flipped(message, bit), signature)) << bit;
  for (std::size_t bit = 0; bit < 32UL * 8; ++bit)
    EXPECT_FALSE(verify_signature(flipped(key.public_key(), bit), message, signature)) << bit;
}

TEST(SignatureTest, RefusesEveryOtherSize) {
  const auto key = SigningKey::from_seed(filled(1)).value();
  const auto signature = key.sign({});
  for (std::size_t size = 0; size < 64; ++size)
    EXPECT_FALSE(verify_signature(key.public_key(), {}, base::ByteView(signature).first(size))) << size;
  for (std::size_t size = 0; size < 32; ++size)
    EXPECT_FALSE(verify_signature(base::ByteView(key.public_key()).first(size), {}, signature)) << size;
  EXPECT_FALSE(verify_signature(filled(1, 33), {}, signature));
  EXPECT_FALSE(verify_signature(key.public_key(), {}, filled(1, 65)));
  for (std::size_t size : {0U, 31U, 33U, 64U})
    EXPECT_EQ(SigningKey::from_seed(filled(1, size)).error().code(), base::ErrorCode::InvalidRequest) << size;
}

}  // namespace
}  // namespace egide::crypto
