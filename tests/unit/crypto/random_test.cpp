#include "egide/crypto/random.h"

#include <gtest/gtest.h>

#include <set>

namespace egide::crypto {
namespace {

using namespace std::chrono_literals;

TEST(RandomUuidTest, IsOfVersionFourAndNeverTheSame) {
  std::set<base::Uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = random_uuid();
    EXPECT_TRUE(seen.insert(id).second);
    EXPECT_EQ(id.str()[14], '4');
    EXPECT_NE(std::string("89ab").find(id.str()[19]), std::string::npos);
  }
}

// RFC 9562, appendix A.6.
TEST(TimeUuidTest, BeginsWithTheTimeInMilliseconds) {
  const auto id = time_uuid(base::Timestamp(1645557742000ms));
  EXPECT_EQ(id.str().substr(0, 15), "017f22e2-79b0-7");
  EXPECT_NE(std::string("89ab").find(id.str()[19]), std::string::npos);
  EXPECT_NE(time_uuid(base::Timestamp(1645557742000ms)), id);
}

TEST(TimeUuidTest, SortsByTime) {
  EXPECT_LT(time_uuid(base::Timestamp(1795000000123ms)), time_uuid(base::Timestamp(1795000000124ms)));
  EXPECT_LT(time_uuid(base::Timestamp(255ms)), time_uuid(base::Timestamp(256ms)));
  EXPECT_EQ(time_uuid(base::Timestamp(-5ms)).str().substr(0, 15), "00000000-0000-7");
}

TEST(FillRandomTest, ReachesEveryByte) {
  base::ByteArray<16> seen{};
  for (int i = 0; i < 100; ++i) {
    const auto next = random_array<16>();
    for (std::size_t j = 0; j < seen.size(); ++j) seen[j] |= next[j];
  }
  for (const auto byte : seen) EXPECT_EQ(byte, std::byte{0xff});  // fails by chance once in 2^90
}

}  // namespace
}  // namespace egide::crypto
