// v1 vector: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md (1.0.0). v1a vector: made for
// egide with the same id, time and body, Ed25519 seed 00 01 02 ... 1f.
#include "webhook_signature.h"

#include <gtest/gtest.h>

#include "egide/crypto/random.h"
#include "egide/crypto/signature.h"
#include "vault_fixture.h"
#include "webhook_message.h"

namespace egide::vault {
namespace {

constexpr const char* kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* kTime = "1614265330";
constexpr const char* kBody = R"({"test": 2432232314})";
constexpr const char* kSecret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST(WebhookSignatureTest, IsThatOfTheOfficialVector) {
  const auto secret = base::from_base64(kSecret);
  ASSERT_TRUE(secret);
  EXPECT_EQ(webhook_signature_v1(*secret, kId, kTime, kBody), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignatureTest, IsThatOfTheAsymmetricVector) {
  base::ByteArray<32> seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::byte>(i);
  const auto signature = webhook_signature_v1a(seed, kId, kTime, kBody);
  ASSERT_TRUE(signature);
  EXPECT_EQ(*signature, "v1a,yoUrgEkc12aGqm0n4Sydmdz55xJfTz4AsAgieHFjmkR7LJtqVCZOQYzvvHjI5kAey+r4iaBGxTFRrl2iBQxtDQ==");
  const auto key = crypto::SigningKey::from_seed(seed);
  EXPECT_EQ(base::to_base64(key->public_key()), "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
}

TEST(WebhookSignatureTest, OneFlippedBitAnywhereFails) {
  const auto secret = *base::from_base64(kSecret);
  const std::string right = webhook_signature_v1(secret, kId, kTime, kBody);
  for (const std::string& part : {std::string(kId), std::string(kTime), std::string(kBody)})
    for (std::size_t i = 0; i < part.size() * 8; ++i) {
      std::string flipped = part;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
      EXPECT_NE(webhook_signature_v1(secret, part == kId ? flipped : kId, part == kTime ? flipped : kTime,
                                     part == kBody ? flipped : kBody),
                right);
    }
  for (std::size_t i = 0; i < secret.size() * 8; ++i) {
    base::Bytes other = secret;
    other[i / 8] ^= static_cast<std::byte>(1 << (i % 8));
    EXPECT_NE(webhook_signature_v1(other, kId, kTime, kBody), right);
  }
}

class WebhookKeysTest : public VaultFixture {};

TEST_F(WebhookKeysTest, OpenForTheirOwnEndpointOnly) {
  const base::RecordId endpoint(crypto::random_uuid());
  const auto keys = WebhookKeys::random();
  const auto sealed = keys.seal(services(), endpoint);
  const auto opened = WebhookKeys::open(services(), endpoint, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->secret_text(), keys.secret_text());
  EXPECT_EQ(*opened->public_key_text(), *keys.public_key_text());
  EXPECT_EQ(keys.secret_text().substr(0, 6), "whsec_");
  EXPECT_EQ(base::from_base64(keys.secret_text().substr(6))->size(), 32U);
  EXPECT_FALSE(WebhookKeys::open(services(), base::RecordId(crypto::random_uuid()), sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto flipped = sealed;
    flipped[i] ^= std::byte{1};
    EXPECT_FALSE(WebhookKeys::open(services(), endpoint, flipped)) << i;
  }
}

TEST(WebhookMessageTest, TakesAChallengeAsTextOrAsAMember) {
  const char* data = R"({"type":"endpoint.test","challenge":"abc"})";
  EXPECT_TRUE(echoes_challenge(data, "abc"));
  EXPECT_TRUE(echoes_challenge(data, "abc\r\n"));
  EXPECT_TRUE(echoes_challenge(data, R"({"challenge": "abc", "more": 1})"));
  for (const char* answer :
       {"", "ab", "abcd", "\"abc\"", R"({"challenge": "abd"})", R"({"challenge": null})", "[]", "ok"})
    EXPECT_FALSE(echoes_challenge(data, answer)) << answer;
  EXPECT_FALSE(echoes_challenge(R"({"type":"endpoint.test"})", ""));
  EXPECT_FALSE(echoes_challenge("", ""));
}

TEST(WebhookMessageTest, KeepsTwoHundredPrintableCharacters) {
  EXPECT_EQ(printable_start("a\nb\x1b[31m\xc3\xa9z"), "ab[31mz");
  EXPECT_EQ(printable_start(std::string(1000, 'x')).size(), 200U);
}

}  // namespace
}  // namespace egide::vault
