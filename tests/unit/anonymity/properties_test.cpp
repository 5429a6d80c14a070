// Random tables: what must hold of every release, and the best node against a search of the whole lattice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include "lattice.h"
#include "tables.h"

namespace egide::anonymity {
namespace {

Hierarchy tens(const std::vector<std::string>& domain) { return number_hierarchy(domain, {2, 4, 12}); }

Table random_table(std::mt19937& random, std::size_t rows) {
  Rows values;
  for (std::size_t i = 0; i < rows; ++i)
    values.push_back(
        {std::to_string(random() % 24),
         std::string(1, static_cast<char>('a' + random() % 4)) + std::string(1, static_cast<char>('a' + random() % 3)),
         random() % 5 == 0 ? "rare" : "common", std::to_string(random() % 4 * (random() % 2))});
  Table table;
  add_quasi(table, "number", values, 0, tens);
  add_quasi(table, "text", values, 1, prefix_hierarchy);
  add_quasi(table, "kind", values, 2, flat_hierarchy);
  add_sensitive(table, "secret", values, 3);
  return table;
}

double entropy_of(const Table& table, const std::vector<std::size_t>& rows) {
  std::map<std::uint32_t, double> counts;
  for (const auto row : rows) ++counts[table.columns[3].codes[row]];
  double out = 0;
  for (const auto& [value, count] : counts)
    out -= count / static_cast<double>(rows.size()) * std::log(count / static_cast<double>(rows.size()));
  return out;
}

void expect_holds(const Table& table, const Anonymised& result, const Requirements& asked) {
  for (const auto& [key, rows] : classes_of_release(table, result)) {
    EXPECT_GE(rows.size(), asked.k);
    std::set<std::uint32_t> secrets;
    for (const auto row : rows) secrets.insert(table.columns[3].codes[row]);
    EXPECT_GE(secrets.size(), asked.distinct_l);
    EXPECT_GE(entropy_of(table, rows) + 1e-6, std::log(std::max(1.0, asked.entropy_l)));
  }
  const auto kept = static_cast<std::size_t>(std::count(result.kept.begin(), result.kept.end(), true));
  EXPECT_EQ(kept + result.suppressed, table.rows);
  EXPECT_EQ(result.after.records, kept);
  EXPECT_EQ(result.before.records, table.rows);
  EXPECT_LE(static_cast<double>(result.suppressed), asked.max_suppression * static_cast<double>(table.rows) + 1e-6);
  EXPECT_EQ(result.after.records_at_risk, 0U);
  EXPECT_GE(result.loss, 0);
  EXPECT_LE(result.loss, 1);
}

class PropertiesTest : public ::testing::Test {
 protected:
  PropertiesTest() : seed_(std::random_device{}()), random_(seed_) {}
  void SetUp() override { RecordProperty("seed", std::to_string(seed_)); }
  void TearDown() override {
    if (HasFailure()) std::printf("seed %u\n", seed_);
  }
  std::uint32_t seed_;
  // A number below `end`.
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_()) % end; }
  std::mt19937 random_;
};

TEST_F(PropertiesTest, ReleasesOnlyWhatWasAskedFor) {
  int released_tables = 0;
  for (int round = 0; round < 150; ++round) {
    const Table table = random_table(random_, 1 + below(150));
    Requirements asked;
    asked.k = 2 + below(7);
    asked.distinct_l = 1 + below(3);
    asked.entropy_l = below(2) == 0 ? 0 : 1.4;
    asked.max_suppression = static_cast<double>(below(4)) * 0.1;
    const auto result = anonymise(table, asked);
    if (!result) {
      EXPECT_EQ(result.error().code(), base::ErrorCode::Conflict);
      continue;
    }
    ++released_tables;
    expect_holds(table, *result, asked);
  }
  EXPECT_GT(released_tables, 60);
}

TEST_F(PropertiesTest, BoundsTheRiskByKAndPaysForALargerOne) {
  for (int round = 0; round < 40; ++round) {
    const Table table = random_table(random_, 60 + below(100));
    double last_loss = 0;
    for (const std::uint32_t k : {2U, 3U, 5U, 8U, 13U}) {
      const auto result = anonymise(table, {k, 1, 0, 0.1});
      ASSERT_TRUE(result);
      EXPECT_LE(result->after.prosecutor_highest, 1.0 / k);
      EXPECT_LE(result->after.marketer_average, 1.0 / k);
      EXPECT_GE(result->loss + 1e-9, last_loss);
      last_loss = result->loss;
    }
  }
}

// The least loss there is, from every node, with classes counted by their labels.
double best_by_trying_all(const Table& table, const Requirements& asked) {
  double best = 2;
  Anonymised node;
  node.columns.resize(4);
  for (int a = 0; a < table.columns[0].hierarchy.levels(); ++a)
    for (int b = 0; b < table.columns[1].hierarchy.levels(); ++b)
      for (int c = 0; c < table.columns[2].hierarchy.levels(); ++c) {
        node.columns[0].level = a, node.columns[1].level = b, node.columns[2].level = c;
        node.kept.assign(table.rows, true);
        double loss = 0;
        std::size_t suppressed = 0;
        for (const auto& [key, rows] : classes_of_release(table, node)) {
          std::set<std::uint32_t> secrets;
          for (const auto row : rows) secrets.insert(table.columns[3].codes[row]);
          const bool even = asked.entropy_l <= 1 || entropy_of(table, rows) + 1e-9 >= std::log(asked.entropy_l);
          if (rows.size() < asked.k || secrets.size() < asked.distinct_l || !even) {
            suppressed += rows.size();
            continue;
          }
          for (std::size_t q = 0; q < 3; ++q) {
            const auto& column = table.columns[q];
            const auto& labels = column.hierarchy.labels[static_cast<std::size_t>(node.columns[q].level)];
            const auto covered = std::count(labels.begin(), labels.end(), key[q]);
            const double others = std::max(1.0, static_cast<double>(column.domain.size()) - 1);
            loss += static_cast<double>(rows.size()) * static_cast<double>(covered - 1) / others / 3;
          }
        }
        const auto rows = static_cast<double>(table.rows);
        if (suppressed < table.rows && static_cast<double>(suppressed) <= asked.max_suppression * rows + 1e-9)
          best = std::min(best, (loss + static_cast<double>(suppressed)) / rows);
      }
  return best;
}

TEST_F(PropertiesTest, FindsTheLeastLossOfTheWholeLattice) {
  int compared = 0;
  for (int round = 0; round < 60; ++round) {
    const Table table = random_table(random_, 5 + below(60));
    Requirements asked;
    asked.k = 2 + below(4);
    asked.distinct_l = 1 + below(2);
    asked.entropy_l = below(3) == 0 ? 1.5 : 0;
    asked.max_suppression = static_cast<double>(below(3)) * 0.15;
    const auto result = anonymise(table, asked);
    const double best = best_by_trying_all(table, asked);
    ASSERT_EQ(result.has_value(), best <= 1.5) << "round " << round;
    if (!result) continue;
    EXPECT_NEAR(result->loss, best, 1e-9) << "round " << round;
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST_F(PropertiesTest, MeetsTheRequirementsWhenTheWorkRunsOut) {
  int found = 0;
  for (int round = 0; round < 60; ++round) {
    const Table table = random_table(random_, 20 + below(80));
    Requirements asked;
    asked.k = 2 + below(4);
    asked.distinct_l = 1 + below(2);
    asked.max_suppression = below(3) * 0.15;
    const Evaluator evaluator(table, asked);
    const auto most = static_cast<std::uint64_t>(asked.max_suppression * static_cast<double>(table.rows));
    LatticeSearch whole(evaluator, most, 100000), hurried(evaluator, most, 1);
    const auto best = whole.run(), quick = hurried.run();
    ASSERT_EQ(best.has_value(), quick.has_value());
    EXPECT_TRUE(whole.is_optimal());
    if (!quick) continue;
    ++found;
    EXPECT_LE(quick->evaluation.failing, most);
    EXPECT_GE(quick->loss + 1e-12, best->loss);
    for (std::size_t i = 0; i < quick->evaluation.sizes.size(); ++i)
      EXPECT_TRUE(!quick->evaluation.holds[i] || quick->evaluation.sizes[i] >= asked.k);
  }
  EXPECT_GT(found, 30);
}

TEST_F(PropertiesTest, GivesTheSameAnswerToTheSameQuestion) {
  const Table table = random_table(random_, 120);
  const auto first = anonymise(table, {5, 2, 0, 0.1});
  const auto second = anonymise(table, {5, 2, 0, 0.1});
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->kept, second->kept);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(first->columns[i].level, second->columns[i].level);
}

}  // namespace
}  // namespace egide::anonymity
