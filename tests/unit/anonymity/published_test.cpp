// Tables of the papers: L. Sweeney, "k-anonymity: a model for protecting privacy" (IJUFKS 10(5), 2002), figure 2;
// A. Machanavajjhala et al., "l-Diversity: Privacy Beyond k-Anonymity" (ACM TKDD 1(1), 2007), tables I to III.
#include <gtest/gtest.h>

#include "tables.h"

namespace egide::anonymity {
namespace {

// zip, age, nationality, condition
const Rows kInpatients = {{"13053", "28", "Russian", "Heart Disease"},
                          {"13068", "29", "American", "Heart Disease"},
                          {"13068", "21", "Japanese", "Viral Infection"},
                          {"13053", "23", "American", "Viral Infection"},
                          {"14853", "50", "Indian", "Cancer"},
                          {"14853", "55", "Russian", "Heart Disease"},
                          {"14850", "47", "American", "Viral Infection"},
                          {"14850", "49", "American", "Viral Infection"},
                          {"13053", "31", "American", "Cancer"},
                          {"13053", "37", "Indian", "Cancer"},
                          {"13068", "36", "Japanese", "Cancer"},
                          {"13068", "35", "American", "Cancer"}};

Hierarchy ages(const std::vector<std::string>& domain) {
  return make_hierarchy(domain, {{"decades", [](const std::string& age) { return age.substr(0, 1) + "*"; }},
                                 {"three bands",
                                  [](const std::string& age) {
                                    return age < "30" ? std::string("<30") : age < "40" ? "3*" : ">=40";
                                  }},
                                 {"two bands", [](const std::string& age) { return age <= "40" ? "<=40" : ">40"; }}});
}

Table inpatients(bool with_condition) {
  Table table;
  add_quasi(table, "zip", kInpatients, 0, prefix_hierarchy);
  add_quasi(table, "age", kInpatients, 1, ages);
  add_quasi(table, "nationality", kInpatients, 2, flat_hierarchy);
  if (with_condition) add_sensitive(table, "condition", kInpatients, 3);
  return table;
}

std::set<std::set<std::size_t>> numbered_from_one(const Table& table, const Anonymised& result) {
  std::set<std::set<std::size_t>> out;
  for (const auto& [key, rows] : classes_of_release(table, result)) {
    std::set<std::size_t> numbers;
    for (const auto row : rows) numbers.insert(row + 1);
    out.insert(numbers);
  }
  return out;
}

TEST(PublishedTest, FindsTheFourAnonymousInpatients) {
  const Table table = inpatients(false);
  const auto result = anonymise(table, {4, 1, 0, 0});
  ASSERT_TRUE(result);
  // Table II: 130** <30, 1485* >=40, 130** 3*.
  EXPECT_EQ(numbered_from_one(table, *result),
            (std::set<std::set<std::size_t>>{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}}));
  EXPECT_EQ(result->suppressed, 0U);
  EXPECT_EQ(result->before.unique_records, 12U);
  EXPECT_DOUBLE_EQ(result->after.prosecutor_highest, 0.25);
}

TEST(PublishedTest, FindsTheThreeDiverseInpatients) {
  const Table table = inpatients(true);
  const auto result = anonymise(table, {4, 3, 0, 0});
  ASSERT_TRUE(result);
  // Table III: 1305* <=40, 1485* >40, 1306* <=40. The homogeneous class (all cancer) is gone.
  EXPECT_EQ(numbered_from_one(table, *result),
            (std::set<std::set<std::size_t>>{{1, 4, 9, 10}, {5, 6, 7, 8}, {2, 3, 11, 12}}));
  EXPECT_EQ(released(table, *result, 0, 0), "1305*");
  EXPECT_EQ(released(table, *result, 1, 0), "<=40");
  EXPECT_EQ(released(table, *result, 2, 0), "*");
  EXPECT_EQ(result->smallest_l, 3U);
}

TEST(PublishedTest, HoldsTheEntropyOfTheThreeDiverseInpatients) {
  // Each class holds one condition twice and two once: entropy 1.5 ln 2 = ln 2.828...
  const Table table = inpatients(true);
  const auto held = anonymise(table, {4, 1, 2.82, 0});
  ASSERT_TRUE(held);
  EXPECT_EQ(classes_of_release(table, *held).size(), 3U);
  const auto coarser = anonymise(table, {4, 1, 2.83, 0});
  ASSERT_TRUE(coarser);
  EXPECT_LT(classes_of_release(table, *coarser).size(), 3U);
}

TEST(PublishedTest, LeavesSweeneysTableForTwoAsItIs) {
  // race, birth, gender, zip, problem
  const Rows rows = {{"Black", "1965", "m", "0214*", "short breath"}, {"Black", "1965", "m", "0214*", "chest pain"},
                     {"Black", "1965", "f", "0213*", "hypertension"}, {"Black", "1965", "f", "0213*", "hypertension"},
                     {"Black", "1964", "f", "0213*", "obesity"},      {"Black", "1964", "f", "0213*", "chest pain"},
                     {"White", "1964", "m", "0213*", "chest pain"},   {"White", "1964", "m", "0213*", "obesity"},
                     {"White", "1964", "m", "0213*", "short breath"}, {"White", "1967", "m", "0213*", "chest pain"},
                     {"White", "1967", "m", "0213*", "chest pain"}};
  Table table;
  for (std::size_t c = 0; c < 4; ++c) add_quasi(table, std::to_string(c), rows, c, flat_hierarchy);
  const auto plain = anonymise(table, {2, 1, 0, 0});
  ASSERT_TRUE(plain);
  EXPECT_DOUBLE_EQ(plain->loss, 0);
  EXPECT_EQ(plain->after.classes, 5U);
  EXPECT_EQ(plain->after.smallest_class, 2U);
  // t3 and t4 are alike, and both have hypertension; t10 and t11 chest pain: two attributes are given away.
  add_sensitive(table, "problem", rows, 4);
  const auto diverse = anonymise(table, {2, 2, 0, 0});
  ASSERT_TRUE(diverse);
  EXPECT_GT(diverse->loss, 0);
  EXPECT_GE(diverse->smallest_l, 2U);
}

}  // namespace
}  // namespace egide::anonymity
