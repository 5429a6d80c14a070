#include "egide/anonymity/anonymise.h"

#include <gtest/gtest.h>

#include <limits>

#include "tables.h"

namespace egide::anonymity {
namespace {

Table of(const Rows& rows) {
  Table table;
  add_quasi(table, "age", rows, 0, [](const auto& domain) { return number_hierarchy(domain, {10}); });
  add_sensitive(table, "secret", rows, 1);
  table.rows = rows.size();
  return table;
}

TEST(AnonymiseTest, RefusesATableOfTooFewPeople) {
  for (const Rows& rows : {Rows{}, Rows{{"30", "a"}}, Rows{{"30", "a"}, {"30", "b"}, {"30", "c"}, {"30", "d"}}}) {
    const auto result = anonymise(of(rows), {5, 1, 0, 1});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), base::ErrorCode::Conflict);
  }
}

TEST(AnonymiseTest, RefusesWhereEverybodyHasTheSameSecret) {
  // The homogeneity attack: k holds, and yet each member's secret is known.
  const Rows rows(20, {"30", "same"});
  EXPECT_TRUE(anonymise(of(rows), {5, 1, 0, 0}));
  const auto result = anonymise(of(rows), {5, 2, 0, 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), base::ErrorCode::Conflict);
}

TEST(AnonymiseTest, SuppressesOneWhoStandsAlone) {
  Rows rows(20, {"31", "a"});
  for (std::size_t i = 0; i < 10; ++i) rows[i][1] = "b";
  rows.push_back({"97", "c"});
  const Table table = of(rows);
  const auto result = anonymise(table, {5, 2, 0, 0.05});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->suppressed, 1U);
  EXPECT_FALSE(result->kept.back());
  EXPECT_EQ(result->columns[0].level, 0);
  EXPECT_EQ(result->columns[0].distinct_before, 2U);
  EXPECT_EQ(result->columns[0].distinct_after, 1U);
  // Without leave to suppress, everybody's age goes.
  const auto whole = anonymise(table, {5, 2, 0, 0});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->suppressed, 0U);
  EXPECT_EQ(released(table, *whole, 0, 0), "*");
}

TEST(AnonymiseTest, KeepsAReleaseOfAtLeastKEvenWhenAllMayBeSuppressed) {
  Rows rows;
  for (int i = 0; i < 12; ++i) rows.push_back({std::to_string(10 + 7 * i), i % 2 == 0 ? "a" : "b"});
  const auto result = anonymise(of(rows), {6, 2, 0, 1});
  ASSERT_TRUE(result);
  EXPECT_GE(result->after.records, 6U);
}

TEST(AnonymiseTest, RefusesRequirementsAndTablesThatMakeNoSense) {
  const Table table = of(Rows(10, {"30", "a"}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Requirements& asked : {Requirements{1, 1, 0, 0}, Requirements{0, 1, 0, 0}, Requirements{5, 0, 0, 0},
                                    Requirements{5, 1, -1, 0}, Requirements{5, 1, nan, 0}, Requirements{5, 1, 0, 1.5},
                                    Requirements{5, 1, 0, nan}, Requirements{5, 1, 0, -0.1}}) {
    const auto result = anonymise(table, asked);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), base::ErrorCode::InvalidRequest);
  }
  Table longer = table;
  longer.rows = 11;
  EXPECT_FALSE(anonymise(longer, {}));
  Table outside = table;
  outside.columns[0].codes[0] = 7;
  EXPECT_FALSE(anonymise(outside, {}));
  Table open_ended = table;
  open_ended.columns[0].hierarchy.labels.pop_back();
  open_ended.columns[0].hierarchy.names.pop_back();
  EXPECT_FALSE(anonymise(open_ended, {}));
}

TEST(AnonymiseTest, RefusesALatticeThatCannotBeSearched) {
  Table table;
  Rows rows;
  for (int i = 0; i < 60; ++i) rows.push_back({std::to_string(i)});
  for (int i = 0; i < 9; ++i)
    add_quasi(table, std::to_string(i), rows, 0, [](const auto& domain) {
      return number_hierarchy(domain, {2, 4, 8, 16});
    });
  const auto result = anonymise(table, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), base::ErrorCode::TooLarge);
}

TEST(AnonymiseTest, TakesATableWithoutQuasiIdentifiersAsOneClass) {
  Table table;
  add_sensitive(table, "secret", {{"a"}, {"b"}, {"a"}, {"b"}, {"c"}}, 0);
  const auto result = anonymise(table, {5, 3, 0, 0});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->after.classes, 1U);
  EXPECT_FALSE(anonymise(table, {6, 1, 0, 0}));
}

}  // namespace
}  // namespace egide::anonymity
