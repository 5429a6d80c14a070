#include "egide/crypto/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <ostream>
#include <type_traits>
#include <utility>
#include <vector>

#include "crypto_testing.h"
#include "egide/base/json.h"
#include "egide/base/log.h"

namespace egide::crypto {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <typename T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};

template <typename T>
constexpr bool kKeepsItsSecret =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_nothrow_move_constructible_v<T> &&
    !Printable<T> && !Comparable<T> && !std::is_constructible_v<base::Json, const T&> &&
    !std::is_constructible_v<base::LogField, std::string_view, const T&> && !std::is_convertible_v<T, std::string> &&
    !std::is_convertible_v<T, base::ByteView>;
static_assert(kKeepsItsSecret<SecretBytes>);
static_assert(kKeepsItsSecret<SecretKey>);
static_assert(Printable<std::string> && Comparable<std::string>);  // the concepts can tell

bool all_zero(base::ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

TEST(SecretBytesTest, IsWipedWhenItDies) {
  base::ByteView bytes;
  {
    const SecretBytes key = secret(0x42);
    bytes = key.expose_secret();  // the arena stays mapped, so the place can be read afterwards
    EXPECT_EQ(base::to_bytes(bytes), filled(0x42));
  }
  EXPECT_TRUE(all_zero(bytes));
}

TEST(SecretBytesTest, MovesWithoutLeavingACopyBehind) {
  SecretBytes first = secret(1);
  const base::ByteView place = first.expose_secret();
  SecretBytes second = std::move(first);
  EXPECT_EQ(second.expose_secret().data(), place.data());
  EXPECT_EQ(first.size(), 0U);  // NOLINT: a moved-from secret is empty, as promised

  SecretBytes third = secret(2);
  const base::ByteView overwritten = third.expose_secret();
  third = std::move(second);
  EXPECT_TRUE(all_zero(overwritten));
  EXPECT_EQ(base::to_bytes(third.expose_secret()), filled(1));
  EXPECT_EQ(second.size(), 0U);  // NOLINT
}

TEST(SecretBytesTest, SurvivesBeingMovedIntoItself) {
  SecretBytes key = secret(7);
  SecretBytes& same = key;
  key = std::move(same);
  EXPECT_EQ(base::to_bytes(key.expose_secret()), filled(7));
}

TEST(SecretBytesTest, AnswersUnavailableWhenTheArenaIsFullAndRecovers) {
  std::vector<SecretBytes> held;
  for (;;) {
    auto next = SecretBytes::random(4096);
    if (!next) {
      EXPECT_EQ(next.error().code(), base::ErrorCode::Unavailable);
      break;
    }
    held.push_back(std::move(next).value());
    ASSERT_LE(held.size(), 16U);
  }
  EXPECT_FALSE(SecretBytes::copy_of(filled(1, 4096)));
  held.clear();
  EXPECT_TRUE(SecretBytes::random(4096));
}

TEST(SecretBytesTest, RandomOnesDifferAndMayBeEmpty) {
  const auto first = SecretBytes::random(32).value();
  const auto second = SecretBytes::random(32).value();
  EXPECT_FALSE(equal_constant_time(first.expose_secret(), second.expose_secret()));
  EXPECT_EQ(SecretBytes::random(0).value().size(), 0U);
  EXPECT_EQ(SecretBytes::copy_of({}).value().size(), 0U);
}

TEST(SecretKeyTest, IsWipedWhenItDiesAndWhenItMoves) {
  alignas(SecretKey) std::byte place[sizeof(SecretKey)];
  auto* const key = new (place) SecretKey(SecretKey::copy_of(filled(0x42)));
  EXPECT_EQ(base::to_bytes(base::ByteView(place)), filled(0x42));
  SecretKey moved = std::move(*key);
  EXPECT_TRUE(all_zero(place));
  *key = std::move(moved);
  EXPECT_TRUE(all_zero(moved.expose_secret()));  // NOLINT: moved-from on purpose
  EXPECT_EQ(base::to_bytes(base::ByteView(place)), filled(0x42));
  key->~SecretKey();
  EXPECT_TRUE(all_zero(place));
}

TEST(SecretKeyTest, RandomOnesDiffer) {
  EXPECT_FALSE(equal_constant_time(SecretKey::random().expose_secret(), SecretKey::random().expose_secret()));
}

TEST(SecretKeyDeathTest, StopsOnAnotherSize) {
  EXPECT_DEATH(static_cast<void>(SecretKey::copy_of(filled(1, 31))), "kSize");
}

TEST(WipeTest, ClearsATextWithWhatStandsBehindItsEnd) {
  std::string text(100, 'x');
  text.resize(3);
  const char* const data = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.data(), data);
  text.resize(text.capacity());
  EXPECT_EQ(text.find('x'), std::string::npos);
}

TEST(EqualConstantTimeTest, ComparesLengthAndEveryByte) {
  EXPECT_TRUE(equal_constant_time(filled(1), filled(1)));
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_FALSE(equal_constant_time(filled(1), filled(1, 31)));
  for (std::size_t i = 0; i < 32; ++i) {
    auto other = filled(1);
    other[i] = std::byte{0x81};
    EXPECT_FALSE(equal_constant_time(filled(1), other)) << i;
  }
}

TEST(InitializeTest, MayBeCalledAgain) { EXPECT_TRUE(initialize()); }

}  // namespace
}  // namespace egide::crypto
