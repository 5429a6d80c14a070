// Generalisation and suppression of a table of people: five quasi-identifiers, one sensitive column.
//
//   egide_anonymity_bench [ROWS] [SEED] [MORE COLUMNS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "egide/anonymity/anonymise.h"

namespace {

using namespace egide::anonymity;
using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// Skewed, as people are: few in each of the many places.
std::size_t skewed(std::mt19937& random, std::size_t count) {
  const double u = std::uniform_real_distribution<double>(0, 1)(random);
  return static_cast<std::size_t>(u * u * static_cast<double>(count));
}

Table people(std::size_t rows, std::uint32_t seed, int wide) {
  std::mt19937 random(seed);
  std::vector<std::string> age, place, language, skills, gender, secret;
  for (std::size_t i = 0; i < rows; ++i) {
    age.push_back(std::to_string(15 + skewed(random, 75)));
    place.push_back(std::to_string(10000 + 10 * skewed(random, 6000)));
    language.push_back("l" + std::to_string(skewed(random, 12)));
    skills.push_back("s" + std::to_string(skewed(random, 200)));
    gender.push_back(random() % 2 == 0 ? "f" : "m");
    secret.push_back("v" + std::to_string(skewed(random, 20)));
  }
  Table table;
  table.rows = rows;
  const auto add = [&table](const char* name, const std::vector<std::string>& values,
                            Hierarchy (*make)(const std::vector<std::string>&)) {
    table.columns.push_back(make_column(name, ColumnRole::QuasiIdentifier, values));
    table.columns.back().hierarchy = make(table.columns.back().domain);
  };
  add("age", age, [](const std::vector<std::string>& domain) { return number_hierarchy(domain, {5, 10, 20, 40}); });
  add("place", place, prefix_hierarchy);
  add("language", language, flat_hierarchy);
  add("skills", skills, flat_hierarchy);
  add("gender", gender, flat_hierarchy);
  for (int i = 0; i < wide; ++i) {
    std::vector<std::string> more;
    for (std::size_t row = 0; row < rows; ++row) more.push_back("w" + std::to_string(skewed(random, 6)));
    add("more", more, flat_hierarchy);
  }
  table.columns.push_back(make_column("secret", ColumnRole::Sensitive, secret));
  return table;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000;
  const auto seed = static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
  const int wide = argc > 3 ? std::atoi(argv[3]) : 0;
  const Table table = people(rows, seed, wide);
  for (const std::uint32_t k : {5U, 11U, 50U})
    for (const double entropy : {0.0, 3.0}) {
      const auto start = SteadyClock::now();
      const auto result = anonymise(table, {k, 2, entropy, 0.05});
      if (!result) {
        std::printf("k %u entropy l %.1f: %s\n", k, entropy, result.error().message().c_str());
        continue;
      }
      std::printf(
          "%zu people, k %u, l 2, entropy l %.1f: %.2f s, %zu of %zu nodes, loss %.3f, suppressed %zu, unique %llu -> "
          "%llu, highest risk %.3f -> %.3f\n",
          rows, k, entropy, seconds_since(start), result->evaluated, result->nodes, result->loss, result->suppressed,
          static_cast<unsigned long long>(result->before.unique_records),
          static_cast<unsigned long long>(result->after.unique_records), result->before.prosecutor_highest,
          result->after.prosecutor_highest);
    }
  return 0;
}
