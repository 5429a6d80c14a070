#include "egide/anonymity/risk.h"

#include <gtest/gtest.h>

namespace egide::anonymity {
namespace {

TEST(RiskTest, CountsByHand) {
  const Risk risk = measure_risk({1, 1, 2, 4, 5, 12, 0, 75}, 5);
  EXPECT_EQ(risk.records, 100U);
  EXPECT_EQ(risk.classes, 7U);
  EXPECT_EQ(risk.smallest_class, 1U);
  EXPECT_EQ(risk.unique_records, 2U);
  EXPECT_EQ(risk.records_at_risk, 8U);
  EXPECT_DOUBLE_EQ(risk.share_at_risk, 0.08);
  EXPECT_DOUBLE_EQ(risk.prosecutor_highest, 1);
  EXPECT_DOUBLE_EQ(risk.marketer_average, 0.07);
  std::vector<std::uint64_t> classes, records;
  for (const auto& band : risk.histogram) {
    classes.push_back(band.classes);
    records.push_back(band.records);
  }
  EXPECT_EQ(classes, (std::vector<std::uint64_t>{2, 1, 1, 1, 1, 0, 1}));
  EXPECT_EQ(records, (std::vector<std::uint64_t>{2, 2, 4, 5, 12, 0, 75}));
}

TEST(RiskTest, IsZeroForNobody) {
  const Risk risk = measure_risk({}, 5);
  EXPECT_EQ(risk.records, 0U);
  EXPECT_DOUBLE_EQ(risk.prosecutor_highest, 0);
  EXPECT_DOUBLE_EQ(risk.marketer_average, 0);
}

}  // namespace
}  // namespace egide::anonymity
