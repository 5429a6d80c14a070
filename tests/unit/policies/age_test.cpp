#include <gtest/gtest.h>

#include "egide/policies/transform.h"

namespace egide::policies {
namespace {

const std::vector<int> kBounds = {18, 30, 45, 60};

base::Date day(const char* text) { return base::parse_date(text).value(); }

TEST(AgeBandTest, TurnsAtTheBirthday) {
  const auto today = day("2026-11-24");
  EXPECT_EQ(age_band(day("2008-11-25"), today, kBounds), "<18");
  EXPECT_EQ(age_band(day("2008-11-24"), today, kBounds), "18-29");
  EXPECT_EQ(age_band(day("1996-11-25"), today, kBounds), "18-29");
  EXPECT_EQ(age_band(day("1996-11-24"), today, kBounds), "30-44");
  EXPECT_EQ(age_band(day("1981-11-24"), today, kBounds), "45-59");
  EXPECT_EQ(age_band(day("1966-11-24"), today, kBounds), "60+");
}

TEST(AgeBandTest, IsEmptyWhereThereIsNoneToGive) {
  EXPECT_EQ(age_band(day("2030-01-01"), day("2026-11-24"), kBounds), "");
  EXPECT_EQ(age_band(day("1990-01-01"), day("2026-11-24"), {}), "");
  EXPECT_EQ(age_band(base::Date(), day("2026-11-24"), kBounds), "");
}

TEST(DepartementTest, IsReadFromFrenchPostalCodes) {
  const std::pair<const char*, const char*> cases[] = {
      {"69003", "69"},  {"01000", "01"}, {"95000", "95"},  {"20000", "2A"},  {"20137", "2A"},
      {"20200", "2B"},  {"20620", "2B"}, {"97400", "974"}, {"97110", "971"}, {"98800", "988"},
      {"69 003", "69"}, {"00100", ""},   {"96000", ""},    {"20300", ""},    {"98000", ""},
      {"6900", ""},     {"690033", ""},  {"6900a", ""},    {"", ""},         {"W1A 0AX", ""}};
  for (const auto& [code, expected] : cases) EXPECT_EQ(departement_of(code), expected) << code;
}

}  // namespace
}  // namespace egide::policies
