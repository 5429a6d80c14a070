#include "egide/anonymity/anonymise.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "egide/base/check.h"
#include "lattice.h"

namespace egide::anonymity {
namespace {

// Groups looked at: some ten seconds on one core.
constexpr std::size_t kMostWork = 400000000;

base::Result<void> check_requirements(const Requirements& requirements) {
  if (requirements.k < 2) return base::invalid_request("k is at least 2");
  if (requirements.distinct_l < 1) return base::invalid_request("l is at least 1");
  if (!(requirements.entropy_l >= 0) || !std::isfinite(requirements.entropy_l))
    return base::invalid_request("The entropy l is a number from 0");
  if (!(requirements.max_suppression >= 0 && requirements.max_suppression <= 1))
    return base::invalid_request("The suppression limit is a share from 0 to 1");
  return {};
}

// A release of nobody is none, whatever the limit.
std::uint64_t most_suppressed(std::size_t rows, double limit) {
  const auto share = static_cast<std::uint64_t>(std::floor(limit * static_cast<double>(rows) + 1e-9));
  return rows == 0 ? 0 : std::min<std::uint64_t>(share, rows - 1);
}

std::uint32_t distinct_labels(const Column& column, int level, const std::vector<bool>& kept) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    if (!kept[row]) continue;
    const auto code = column.codes[row];
    seen.insert(column.role == ColumnRole::Sensitive ? column.domain[code]
                                                     : column.hierarchy.labels[static_cast<std::size_t>(level)][code]);
  }
  return static_cast<std::uint32_t>(seen.size());
}

void describe_columns(const Table& table, const Evaluator& evaluator, const Levels& levels, Anonymised& out) {
  std::size_t quasi = 0;
  for (const auto& column : table.columns) {
    ColumnOutcome outcome;
    outcome.distinct_before = static_cast<std::uint32_t>(column.domain.size());
    if (column.role == ColumnRole::QuasiIdentifier) {
      outcome.level = levels[quasi];
      outcome.levels = column.hierarchy.levels();
      outcome.loss = evaluator.column_loss(quasi, outcome.level, out.kept);
      ++quasi;
    }
    outcome.distinct_after = distinct_labels(column, outcome.level, out.kept);
    out.columns.push_back(outcome);
  }
}

std::vector<std::uint32_t> sizes_that_hold(const Evaluation& evaluation) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < evaluation.sizes.size(); ++i)
    if (evaluation.holds[i]) out.push_back(evaluation.sizes[i]);
  return out;
}

}  // namespace

base::Result<Anonymised> anonymise(const Table& table, const Requirements& requirements) {
  EGIDE_TRY_VOID(check_requirements(requirements));
  EGIDE_TRY_VOID(check_table(table));
  const Evaluator evaluator(table, requirements);
  const std::size_t groups = std::max<std::size_t>(1, evaluator.groups());
  LatticeSearch search(evaluator, most_suppressed(table.rows, requirements.max_suppression), kMostWork / groups);
  const auto nodes = search.size();
  if (!nodes) return base::Error(base::ErrorCode::TooLarge, "Too many columns with too many levels: name fewer");
  const auto best = search.run();
  if (table.rows == 0 || !best)
    return base::conflict("No generalisation of these data protects the people in them as asked");

  Anonymised out;
  out.nodes = *nodes;
  out.evaluated = search.evaluated();
  out.optimal = search.is_optimal();
  out.loss = best->loss;
  out.smallest_l = best->evaluation.smallest_l;
  out.before = measure_risk(evaluator.evaluate(Levels(evaluator.quasi_identifiers(), 0)).sizes, requirements.k);
  out.after = measure_risk(sizes_that_hold(best->evaluation), requirements.k);
  for (const auto group : evaluator.group_of_row()) {
    const auto number = best->evaluation.class_of[group];
    out.classes.push_back(number);
    out.kept.push_back(best->evaluation.holds[number]);
    if (!out.kept.back()) ++out.suppressed;
  }
  // What goes out is what was promised, or nothing does.
  EGIDE_CHECK(out.after.smallest_class >= requirements.k && out.after.records + out.suppressed == table.rows);
  describe_columns(table, evaluator, best->levels, out);
  return out;
}

}  // namespace egide::anonymity
