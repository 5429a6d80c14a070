#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "crypto_testing.h"
#include "egide/crypto/derived_keys.h"

namespace egide::crypto {
namespace {

class BlindIndexTest : public ::testing::Test {
 protected:
  BlindIndex make(int bits) const { return keys.blind_index("tenant-1", "person", "email", "login", bits).value(); }
  const DerivedKeys keys = DerivedKeys::make(filled(0x55)).value();
};

// Python's hashlib.blake2b gives 6be3d85688c9049d07572c2ec11ba6b0... for this text.
TEST_F(BlindIndexTest, IsTheBeginningOfTheHashToTheBit) {
  EXPECT_EQ(base::to_hex(make(128).of("alice@example.org")), "6be3d85688c9049d07572c2ec11ba6b0");
  EXPECT_EQ(base::to_hex(make(16).of("alice@example.org")), "6be3");
  EXPECT_EQ(base::to_hex(make(11).of("alice@example.org")), "6be0");
  EXPECT_EQ(base::to_hex(make(8).of("alice@example.org")), "6b");
  EXPECT_EQ(base::to_hex(make(3).of("alice@example.org")), "60");
  EXPECT_EQ(base::to_hex(make(1).of("alice@example.org")), "00");
}

TEST_F(BlindIndexTest, RefusesLengthsOutsideOneTo128) {
  for (const int bits : {-1, 0, 129, 1000})
    EXPECT_EQ(keys.blind_index("t", "t", "f", "p", bits).error().code(), base::ErrorCode::InvalidRequest) << bits;
}

TEST_F(BlindIndexTest, LinksNoTwoTenantsTablesFieldsOrPurposes) {
  const char* places[][4] = {{"t", "a", "f", "p"}, {"u", "a", "f", "p"}, {"t", "b", "f", "p"}, {"t", "a", "g", "p"},
                             {"t", "a", "f", "q"}, {"ta", "", "f", "p"}, {"", "ta", "f", "p"}};
  std::set<base::Bytes> seen;
  for (const auto& place : places)
    EXPECT_TRUE(seen.insert(keys.blind_index(place[0], place[1], place[2], place[3], 128).value().of("x")).second);
}

// The rule 2 <= C <= sqrt(R), by hand.
TEST(PlanBlindIndexTest, KeepsTheTableOfTheDocument) {
  struct Case {
    std::uint64_t rows;
    int min_bits, max_bits;
  };
  for (const Case& c :
       {Case{16, 2, 3}, Case{500, 5, 7}, Case{5000, 7, 11}, Case{100000, 9, 15}, Case{1000000, 10, 18}}) {
    const auto range = plan_blind_index_range(c.rows, 64);
    ASSERT_TRUE(range) << c.rows;
    EXPECT_EQ(range->min_bits, c.min_bits) << c.rows;
    EXPECT_EQ(range->max_bits, c.max_bits) << c.rows;
    EXPECT_EQ(plan_blind_index(c.rows, 64), c.max_bits) << c.rows;
  }
}

TEST(PlanBlindIndexTest, RefusesFewerThanSixteenRows) {
  for (const std::uint64_t rows : {0U, 1U, 15U}) EXPECT_FALSE(plan_blind_index(rows, 64)) << rows;
}

TEST(PlanBlindIndexTest, KeepsItsRuleForEveryNumberOfRows) {
  for (std::uint64_t rows = 16; rows < 20000; ++rows) {
    const auto bits = plan_blind_index(rows, 128);
    ASSERT_TRUE(bits) << rows;
    const double sharing = static_cast<double>(rows) / std::exp2(*bits);
    EXPECT_GE(sharing, 2) << rows;
    EXPECT_LE(sharing * sharing, static_cast<double>(rows)) << rows;
  }
}

TEST(PlanBlindIndexTest, RefusesFieldsThatHoldTooLittle) {
  EXPECT_FALSE(plan_blind_index(1000000, 1));  // a boolean: 500,000 rows a value
  EXPECT_FALSE(plan_blind_index(1000000, 0));
  EXPECT_FALSE(plan_blind_index(1000000, -3));
  EXPECT_FALSE(plan_blind_index(1000000, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(plan_blind_index(1000000, 12), 12);  // a longer index would tell nothing more
  EXPECT_EQ(plan_blind_index(1000000, 11.5), 12);
  EXPECT_EQ(plan_blind_index(1000000, std::numeric_limits<double>::infinity()), 18);
}

// An index of the planned length, over made-up names: the values shared stay within twice the bounds of the rule.
TEST_F(BlindIndexTest, CollidesAboutAsOftenAsPlanned) {
  constexpr std::uint64_t kRows = 5000;
  const auto index = make(plan_blind_index(kRows, 40).value());
  std::set<base::Bytes> values;
  for (std::uint64_t i = 0; i < kRows; ++i) values.insert(index.of("person-" + std::to_string(i)));
  const double sharing = static_cast<double>(kRows) / static_cast<double>(values.size());
  EXPECT_GE(sharing, 2);
  EXPECT_LE(sharing, 5);
}

TEST(NormaliseEmailTest, LowersLettersAndCutsOuterSpace) {
  EXPECT_EQ(normalise_email("  Alice@Example.ORG\t\r\n"), "alice@example.org");
  EXPECT_EQ(normalise_email("a b"), "a b");
  EXPECT_EQ(normalise_email("\xc3\x89lise@x.fr"), "\xc3\x89lise@x.fr");  // beyond ASCII nothing changes
  EXPECT_EQ(normalise_email(" \n"), "");
}

}  // namespace
}  // namespace egide::crypto
