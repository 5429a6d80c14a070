// Vectors: Project Wycheproof (C2SP/wycheproof, Apache License 2.0), run through egide's own wrappers.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "aead.h"
#include "crypto_testing.h"
#include "egide/base/json.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/signature.h"
#include "egide/testing/shared_data.h"

namespace egide::crypto {
namespace {

using base::Json;

base::Bytes bytes(const Json& object, const char* key) { return hex(object.at(key).get_ref<const std::string&>()); }

// Calls `check(group, test, valid)` for each case and expects that the file holds the numbers of the README.
void for_each_case(const std::string& path, int cases, int valid_cases,
                   const std::function<void(const Json&, const Json&, bool)>& check) {
  const auto parsed = base::parse_json(testing::read_file(path), {.max_bytes = 8U << 20});
  ASSERT_TRUE(parsed);
  int run = 0;
  int valid_run = 0;
  for (const Json& group : parsed->at("testGroups")) {
    for (const Json& test : group.at("tests")) {
      const auto& result = test.at("result").get_ref<const std::string&>();
      ASSERT_TRUE(result == "valid" || result == "invalid");
      SCOPED_TRACE("tcId " + std::to_string(test.at("tcId").get<int>()));
      check(group, test, result == "valid");
      ++run;
      valid_run += result == "valid" ? 1 : 0;
    }
  }
  EXPECT_EQ(run, parsed->at("numberOfTests").get<int>());
  EXPECT_EQ(run, cases);
  EXPECT_EQ(valid_run, valid_cases);
}

TEST(WycheproofTest, XChaCha20Poly1305) {
  EGIDE_SHARED_OR_SKIP(path, "vectors/wycheproof/testvectors_v1/xchacha20_poly1305_test.json");
  int wrong_nonce_sizes = 0;
  for_each_case(path, 315, 246, [&](const Json& group, const Json& test, bool valid) {
    const auto key = bytes(test, "key");
    const auto nonce = bytes(test, "iv");
    const auto ad = bytes(test, "aad");
    const auto plaintext = bytes(test, "msg");
    auto sealed = bytes(test, "ct");
    const auto tag = bytes(test, "tag");
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    EXPECT_EQ(group.at("keySize").get<int>(), 256);
    EXPECT_EQ(group.at("tagSize").get<int>(), 128);
    wrong_nonce_sizes += nonce.size() == aead::kNonceSize ? 0 : 1;

    // Cases with a wrong nonce have no tag at all.
    base::Bytes opened(sealed.size() < aead::kTagSize ? 0 : sealed.size() - aead::kTagSize);
    EXPECT_EQ(aead::decrypt(key, nonce, ad, sealed, opened), valid);
    if (valid) {
      EXPECT_EQ(opened, plaintext);
    }
    base::Bytes made(plaintext.size() + aead::kTagSize);
    const bool encrypted = aead::encrypt(key, nonce, ad, plaintext, made);
    EXPECT_EQ(encrypted, nonce.size() == aead::kNonceSize);
    if (valid) {
      EXPECT_EQ(made, sealed);
    }
  });
  EXPECT_EQ(wrong_nonce_sizes, 9);
}

TEST(WycheproofTest, Ed25519) {
  EGIDE_SHARED_OR_SKIP(path, "vectors/wycheproof/testvectors_v1/ed25519_test.json");
  int wrong_sizes = 0;
  for_each_case(path, 151, 88, [&](const Json& group, const Json& test, bool valid) {
    const auto signature = bytes(test, "sig");
    wrong_sizes += signature.size() == 64 ? 0 : 1;
    EXPECT_EQ(verify_signature(bytes(group.at("publicKey"), "pk"), bytes(test, "msg"), signature), valid);
  });
  EXPECT_EQ(wrong_sizes, 12);
}

TEST(WycheproofTest, HmacSha256) {
  EGIDE_SHARED_OR_SKIP(path, "vectors/wycheproof/testvectors_v1/hmac_sha256_test.json");
  for_each_case(path, 174, 66, [](const Json& group, const Json& test, bool valid) {
    const auto mac = hmac_sha256(bytes(test, "key"), {bytes(test, "msg")});
    const auto size = group.at("tagSize").get<std::size_t>() / 8;
    EXPECT_TRUE(size == 16 || size == 32);
    EXPECT_EQ(equal_constant_time(base::ByteView(mac).first(size), bytes(test, "tag")), valid);
  });
}

}  // namespace
}  // namespace egide::crypto
