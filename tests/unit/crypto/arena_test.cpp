#include "arena.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <vector>

#include "crypto_testing.h"
#include "egide/testing/shared_data.h"

namespace egide::crypto {
namespace {

constexpr int kLocked = 0;
constexpr int kRefused = 3;
constexpr int kNotTested = 4;

// Runs in the child of a death test, as a user who has no right to pass the limit.
[[noreturn]] void lock_under_limits(rlim_t soft, rlim_t hard) {
  const rlimit limit{soft, hard};
  if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) std::_Exit(kNotTested);
  if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) std::_Exit(kNotTested);
  const auto arena = Arena::lock();
  if (!arena) std::cerr << arena.error().message();
  std::_Exit(arena ? kLocked : kRefused);
}

TEST(ArenaDeathTest, RefusesToStartWhenTheHardLimitIsTooLow) {
  if (!EGIDE_MLOCK_WORKS) GTEST_SKIP() << "mlock does nothing under this sanitizer";
  EXPECT_EXIT(lock_under_limits(0, 0), ::testing::ExitedWithCode(kRefused), "at least 64 KiB .LimitMEMLOCK=");
}

TEST(ArenaDeathTest, RaisesASoftLimitThatIsTooLow) {
  if (!EGIDE_MLOCK_WORKS) GTEST_SKIP() << "mlock does nothing under this sanitizer";
  EXPECT_EXIT(lock_under_limits(0, 1 << 20), ::testing::ExitedWithCode(kLocked), "");
}

TEST(ArenaDeathTest, HasPagesThatCannotBeTouchedOnEachSide) {
  const auto arena = Arena::lock().value();
  const volatile std::byte* const begin = arena->allocate(Arena::kSize);
  ASSERT_NE(begin, nullptr);
  EXPECT_DEATH(static_cast<void>(*(begin - 1)), "");
  EXPECT_DEATH(static_cast<void>(*(begin + Arena::kSize)), "");
}

TEST(ArenaTest, GivesEachKeyItsOwnZeroedMemoryUntilItIsFull) {
  const auto arena = Arena::lock().value();
  std::vector<std::byte*> keys;
  for (std::byte* key = arena->allocate(32); key != nullptr; key = arena->allocate(32)) {
    EXPECT_TRUE(std::all_of(key, key + 32, [](std::byte b) { return b == std::byte{0}; }));
    std::fill_n(key, 32, std::byte{0xff});
    keys.push_back(key);
  }
  EXPECT_EQ(keys.size(), Arena::kSize / 32);
  std::sort(keys.begin(), keys.end());
  for (std::size_t i = 1; i < keys.size(); ++i) ASSERT_EQ(keys[i] - keys[i - 1], 32);
}

TEST(ArenaTest, ReusesWhatWasReleasedAfterWipingIt) {
  const auto arena = Arena::lock().value();
  std::byte* const first = arena->allocate(48);
  std::byte* const second = arena->allocate(16);
  std::fill_n(first, 48, std::byte{0xff});
  arena->release(first, 48);
  EXPECT_TRUE(std::all_of(first, first + 48, [](std::byte b) { return b == std::byte{0}; }));
  EXPECT_EQ(arena->allocate(48), first);
  arena->release(second, 16);
  EXPECT_EQ(arena->allocate(1), second);
}

TEST(ArenaTest, RefusesWhatItCanNeverHold) {
  const auto arena = Arena::lock().value();
  EXPECT_EQ(arena->allocate(Arena::kSize + 1), nullptr);
  EXPECT_EQ(arena->allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(arena->allocate(0), nullptr);
}

// The kernel's flags of the mapping that holds `address` ("rd wr lo dd ...").
std::string mapping_flags(const std::byte* address) {
  std::istringstream lines(testing::read_file("/proc/self/smaps"));
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    char* rest = nullptr;
    const std::uintptr_t from = std::strtoull(line.c_str(), &rest, 16);
    if (*rest == '-') inside = from <= wanted && wanted < std::strtoull(rest + 1, nullptr, 16);
    if (inside && line.starts_with("VmFlags:")) return line + ' ';
  }
  return "";
}

TEST(ArenaTest, IsLockedAndLeftOutOfCoreDumps) {
  const SecretBytes key = secret(1);
  const std::string flags = mapping_flags(key.expose_secret().data());
  if (flags.empty()) GTEST_SKIP() << "the kernel does not tell";
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  if (EGIDE_MLOCK_WORKS) {
    EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
  }
}

}  // namespace
}  // namespace egide::crypto
