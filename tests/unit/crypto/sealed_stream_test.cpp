// The sealed stream of backups, SHA-256 in parts, and a new root key in old slots.
#include "egide/crypto/sealed_stream.h"

#include <gtest/gtest.h>

#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "egide/crypto/running_hash.h"
#include "egide/crypto/slot_rotation.h"

namespace egide::crypto {
namespace {

class SealedStreamTest : public ::testing::Test {
 protected:
  std::vector<base::Bytes> sealed() {
    StreamSealer sealer(key, base::as_bytes("ad"));
    header = sealer.header();
    return {sealer.seal(base::as_bytes("one"), false), sealer.seal({}, false),
            sealer.seal(base::as_bytes("three"), true)};
  }
  // How many chunks open before one is refused or the last is read; true when that was the last.
  std::pair<std::size_t, bool> opened(const std::vector<base::Bytes>& chunks, std::string_view ad = "ad") {
    StreamOpener opener(key, base::as_bytes(ad), header);
    std::size_t count = 0;
    for (const auto& chunk : chunks) {
      const auto plain = opener.open(chunk);
      if (!plain) {
        EXPECT_EQ(plain.error().code(), base::ErrorCode::Integrity);
        return {count, false};
      }
      ++count;
      if (plain->second) return {count, true};
    }
    return {count, false};
  }
  base::Hash32 key = random_array<32>();
  base::ByteArray<kStreamHeader> header{};
};

TEST_F(SealedStreamTest, OpensInOrderToItsEnd) {
  const auto chunks = sealed();
  EXPECT_EQ(opened(chunks), std::pair(std::size_t{3}, true));
  StreamOpener opener(key, base::as_bytes("ad"), header);
  EXPECT_EQ(base::as_text(opener.open(chunks[0])->first), "one");
  EXPECT_TRUE(opener.open(chunks[1])->first.empty());
  EXPECT_EQ(base::as_text(opener.open(chunks[2])->first), "three");
  EXPECT_FALSE(opener.open(chunks[2]));  // nothing follows the end
}

TEST_F(SealedStreamTest, RefusesChunksMovedLeftOutOrRepeated) {
  const auto chunks = sealed();
  EXPECT_EQ(opened({chunks[1], chunks[0], chunks[2]}).first, 0U);
  EXPECT_EQ(opened({chunks[0], chunks[2]}).first, 1U);
  EXPECT_EQ(opened({chunks[0], chunks[0]}).first, 1U);
  EXPECT_FALSE(opened({chunks[0], chunks[1]}).second);  // a cut stream never says that it is complete
}

TEST_F(SealedStreamTest, RefusesEveryFlippedBitAnotherKeyHeaderOrAd) {
  const auto chunks = sealed();
  for (std::size_t bit = 0; bit < chunks[0].size() * 8; ++bit) {
    auto spoiled = chunks;
    spoiled[0][bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_EQ(opened(spoiled).first, 0U) << bit;
  }
  EXPECT_EQ(opened(chunks, "other").first, 0U);
  EXPECT_EQ(opened({base::Bytes(16)}).first, 0U);
  EXPECT_EQ(opened({base::Bytes()}).first, 0U);
  header[0] ^= std::byte{1};
  EXPECT_EQ(opened(chunks).first, 0U);
  header[0] ^= std::byte{1};
  key[0] ^= std::byte{1};
  EXPECT_EQ(opened(chunks).first, 0U);
}

TEST(RunningSha256Test, IsTheHashOfTheWhole) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 100'000U}) {
    base::Bytes text(size);
    fill_random(text);
    RunningSha256 hash;
    for (std::size_t at = 0; at < size;) {
      const std::size_t part = std::min<std::size_t>(size - at, 1 + at % 37);
      hash.add(base::ByteView(text).subspan(at, part));
      at += part;
    }
    EXPECT_EQ(hash.finish(), sha256(text)) << size;
  }
}

class SlotRotationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    PassphraseParameters quick;
    quick.memory_bytes = 8192;
    quick.passes = 1;
    ASSERT_TRUE(slots.add_passphrase(root, "first passphrase", "a", "2026-11-24T00:00:00Z", quick));
    ASSERT_TRUE(slots.add_passphrase(root, "second passphrase", "b", "2026-11-24T00:00:00Z", quick));
    ASSERT_TRUE(slots.add_key(root, SlotKind::KeyFile, key, "c", "2026-11-24T00:00:00Z"));
  }
  const SecretBytes root = *SecretBytes::random(32);
  const SecretBytes next = *SecretBytes::random(32);
  const base::Hash32 key = random_array<32>();
  KeySlots slots;
};

TEST_F(SlotRotationTest, SealsWhatTheGivenSecretsOpenAndNamesTheRest) {
  const auto resealed = reseal_slots(
      slots, root, next, {{SlotKind::Passphrase, base::as_bytes("second passphrase")}, {SlotKind::KeyFile, key}});
  ASSERT_TRUE(resealed);
  ASSERT_EQ(resealed->left_out.size(), 1U);
  EXPECT_EQ(resealed->left_out[0].label, "a");
  ASSERT_EQ(resealed->slots.slots().size(), 2U);
  EXPECT_EQ(resealed->slots.slots()[0].id, slots.slots()[1].id);
  for (const auto& opened : {resealed->slots.unseal_with_passphrase("second passphrase").has_value(),
                             resealed->slots.unseal_with_key(SlotKind::KeyFile, key).has_value()})
    EXPECT_TRUE(opened);
  EXPECT_TRUE(equal_constant_time(resealed->slots.unseal_with_key(SlotKind::KeyFile, key)->expose_secret(),
                                  next.expose_secret()));
  EXPECT_FALSE(resealed->slots.unseal_with_passphrase("first passphrase"));
}

TEST_F(SlotRotationTest, WithoutAFittingSecretThereIsNothing) {
  EXPECT_EQ(reseal_slots(slots, root, next, {}).error().code(), base::ErrorCode::Unauthenticated);
  EXPECT_EQ(reseal_slots(slots, root, next, {{SlotKind::SystemdCredential, key}}).error().code(),
            base::ErrorCode::Unauthenticated);
  // The secret opens a slot, but to another root key than the one that is said to be in force.
  EXPECT_EQ(reseal_slots(slots, next, next, {{SlotKind::KeyFile, key}}).error().code(),
            base::ErrorCode::Unauthenticated);
}

}  // namespace
}  // namespace egide::crypto
