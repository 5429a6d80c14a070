#include "egide/crypto/password.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "crypto_testing.h"

namespace egide::crypto {
namespace {

using base::ErrorCode;

PassphraseParameters small() {
  PassphraseParameters out{.memory_bytes = 65536, .passes = 2, .salt = {}};
  for (std::size_t i = 0; i < out.salt.size(); ++i) out.salt[i] = static_cast<std::byte>(i);
  return out;
}

// libargon2 gives the same: argon2id, 64 KiB, 2 passes, one lane.
TEST(PassphraseTest, MatchesAnotherImplementation) {
  const auto key = key_from_passphrase("correct horse battery staple", small()).value();
  EXPECT_EQ(base::to_hex(key.expose_secret()), "2df47ede6358ed17a9976d4fcedb897a10036d432a4acef17d263bfc98bd20ac");
}

TEST(PassphraseTest, DependsOnTextSaltAndCost) {
  const auto of = [](std::string_view text, const PassphraseParameters& parameters) {
    return base::to_hex(key_from_passphrase(text, parameters).value().expose_secret());
  };
  const auto key = of("passphrase", small());
  EXPECT_NE(of("passphrasf", small()), key);
  auto other = small();
  other.salt[15] ^= std::byte{1};
  EXPECT_NE(of("passphrase", other), key);
  other = small();
  other.passes = 3;
  EXPECT_NE(of("passphrase", other), key);
  other = small();
  other.memory_bytes = 131072;
  EXPECT_NE(of("passphrase", other), key);
}

TEST(PassphraseTest, RefusesParametersThatAFileMustNotAskFor) {
  const auto code_of = [](std::uint64_t memory, std::uint64_t passes) {
    return key_from_passphrase("x", {.memory_bytes = memory, .passes = passes, .salt = {}}).error().code();
  };
  EXPECT_EQ(code_of((1ULL << 30) + 1, 1), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(UINT64_MAX, 1), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(65536, 11), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(65536, UINT64_MAX), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(8191, 1), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(65536, 0), ErrorCode::InvalidRequest);
  EXPECT_TRUE(check_parameters({.memory_bytes = 1ULL << 30, .passes = 10, .salt = {}}));
  EXPECT_TRUE(key_from_passphrase("x", {.memory_bytes = 8192, .passes = 1, .salt = {}}));
}

TEST(PassphraseTest, ServesMoreCallersThanThereArePlaces) {
  std::vector<std::thread> threads;
  std::vector<int> right(8);
  for (std::size_t t = 0; t < right.size(); ++t)
    threads.emplace_back([&, t] { right[t] = key_from_passphrase("x", small()) ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(8, 1));
}

TEST(PasswordTest, VerifiesOnlyItsOwnPassword) {
  const auto stored = hash_password("mot de passe").value();
  EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << stored;
  EXPECT_TRUE(verify_password(stored, "mot de passe"));
  EXPECT_FALSE(verify_password(stored, "mot de passE"));
  EXPECT_FALSE(verify_password(stored, ""));
  EXPECT_FALSE(password_needs_rehash(stored));
  EXPECT_NE(hash_password("mot de passe").value(), stored);
}

TEST(PasswordTest, AsksForANewHashWhenTheCostIsNotTheFloor) {
  EXPECT_TRUE(password_needs_rehash(
      "$argon2id$v=19$m=8,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

TEST(PasswordTest, RefusesStoredTextThatIsDamagedOrAsksForTooMuch) {
  const std::string salt_and_hash = "$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const std::string& bad :
       {std::string(), std::string("plain"), std::string("$argon2id$"), "$argon2i$v=19$m=19456,t=2,p=1" + salt_and_hash,
        "$argon2id$v=19$m=1048577,t=2,p=1" + salt_and_hash, "$argon2id$v=19$m=19456,t=11,p=1" + salt_and_hash,
        "$argon2id$v=19$m=99999999999999999999,t=2,p=1" + salt_and_hash, "$argon2id$v=19$m=,t=2,p=1" + salt_and_hash,
        std::string("$argon2id$v=19$m=19456,t=2,p=1") + std::string(1000, '$')}) {
    EXPECT_FALSE(verify_password(bad, "")) << bad;
    EXPECT_TRUE(password_needs_rehash(bad)) << bad;
  }
}

}  // namespace
}  // namespace egide::crypto
