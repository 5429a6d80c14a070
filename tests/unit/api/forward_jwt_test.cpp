// Vectors: RFC 7515, appendix A.1 (HS256), and RFC 8037, appendix A.4 (EdDSA).
#include "forward_jwt.h"

#include <gtest/gtest.h>

#include "egide/base/time.h"

namespace egide::api {
namespace {

const std::string kHs256 =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr const char* kHs256Key =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const std::string kEdDsa =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
constexpr const char* kEdDsaKey = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

ForwardJwt hs256(const std::string& key) {
  ForwardJwt rules;
  rules.claim = "iss";
  auto secret = crypto::SecretBytes::copy_of(*base::from_base64url(key));
  rules.secret = std::make_shared<const crypto::SecretBytes>(std::move(secret).value());
  return rules;
}

class ForwardJwtTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(crypto::initialize().has_value()); }
  base::Timestamp before_ = *base::parse_rfc3339("2011-03-22T18:42:00Z");  // exp is 18:43:00
};

TEST_F(ForwardJwtTest, AcceptsTheVectorUntilItEnds) {
  const auto rules = hs256(kHs256Key);
  const auto person = person_of_jwt(kHs256, rules, before_);
  ASSERT_TRUE(person.has_value());
  EXPECT_EQ(*person, "joe");
  EXPECT_TRUE(person_of_jwt(kHs256, rules, before_ + std::chrono::seconds(119)).has_value());
  EXPECT_FALSE(person_of_jwt(kHs256, rules, before_ + std::chrono::seconds(120)).has_value());
}

TEST_F(ForwardJwtTest, RefusesTheVectorWithAnyBitChanged) {
  const auto rules = hs256(kHs256Key);
  for (std::size_t i = 0; i < kHs256.size(); ++i) {
    for (int bit = 0; bit < 7; ++bit) {
      auto bad = kHs256;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(person_of_jwt(bad, rules, before_).has_value()) << i << " " << bit;
    }
  }
}

TEST_F(ForwardJwtTest, RefusesAnotherOrAShortKey) {
  EXPECT_FALSE(person_of_jwt(kHs256, hs256(std::string(86, 'A')), before_).has_value());
  EXPECT_FALSE(person_of_jwt(kHs256, hs256("AyM1SysPpbyDfgZld3umjw"), before_).has_value());
  ForwardJwt none;
  none.claim = "iss";
  EXPECT_FALSE(person_of_jwt(kHs256, none, before_).has_value());
}

// The RFC's payload is a sentence: its signature is right, and it is no claims set.
TEST_F(ForwardJwtTest, TakesASignedSentenceForNoToken) {
  ForwardJwt rules;
  rules.algorithm = JwtAlgorithm::EdDSA;
  rules.public_key = *base::to_array<32>(*base::from_base64url(kEdDsaKey));
  const auto text = kEdDsa.substr(0, kEdDsa.rfind('.'));
  const auto signature = *base::from_base64url(kEdDsa.substr(kEdDsa.rfind('.') + 1));
  EXPECT_TRUE(crypto::verify_signature(rules.public_key, base::as_bytes(text), signature));
  EXPECT_FALSE(person_of_jwt(kEdDsa, rules, before_).has_value());
}

}  // namespace
}  // namespace egide::api
