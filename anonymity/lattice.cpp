#include "lattice.h"

#include <algorithm>
#include <numeric>

namespace egide::anonymity {
namespace {

bool is_below(const Levels& a, const Levels& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i]) return false;
  return true;
}

struct Candidate {
  Levels levels;
  double loss = 0;
  int height = 0;
};

std::vector<Candidate> in_order_of_loss(const Evaluator& evaluator, std::size_t size) {
  std::vector<Candidate> out;
  out.reserve(size);
  Levels levels(evaluator.quasi_identifiers(), 0);
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back({levels, evaluator.loss(levels), std::accumulate(levels.begin(), levels.end(), 0)});
    for (std::size_t q = 0; q < levels.size(); ++q) {  // counts up, the first column fastest
      if (++levels[q] < evaluator.levels_of(q)) break;
      levels[q] = 0;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return a.loss != b.loss ? a.loss < b.loss : a.height < b.height;
  });
  return out;
}

}  // namespace

std::optional<std::size_t> LatticeSearch::size() const {
  std::size_t out = 1;
  for (std::size_t q = 0; q < evaluator_.quasi_identifiers(); ++q) {
    out *= static_cast<std::size_t>(evaluator_.levels_of(q));
    if (out > kMaxNodes) return std::nullopt;
  }
  return out;
}

std::optional<BestNode> LatticeSearch::run() {
  std::optional<BestNode> best;
  for (const Candidate& node : in_order_of_loss(evaluator_, size().value_or(0))) {
    if (best && node.loss >= best->loss) return best;  // nothing further on can lose less
    if (is_known_to_fail(node.levels)) continue;
    if (evaluated_ >= most_evaluations_) {
      optimal_ = false;
      auto other = walk_down();
      return other && (!best || other->loss < best->loss) ? std::move(other) : std::move(best);
    }
    Evaluation evaluation = evaluate(node.levels);
    if (evaluation.failing_monotone > max_failing_) {
      mark_failing_chain(node.levels);
    } else if (evaluation.failing <= max_failing_) {
      const double loss = evaluator_.loss_with_suppression(node.levels, evaluation);
      if (!best || loss < best->loss) best = BestNode{node.levels, std::move(evaluation), loss};
    }
  }
  return best;
}

std::optional<BestNode> LatticeSearch::meets(const Levels& levels) {
  if (is_known_to_fail(levels)) return std::nullopt;
  Evaluation evaluation = evaluate(levels);
  if (evaluation.failing > max_failing_) return std::nullopt;
  const double loss = evaluator_.loss_with_suppression(levels, evaluation);
  return BestNode{levels, std::move(evaluation), loss};
}

std::optional<BestNode> LatticeSearch::walk_down() {
  Levels top;
  for (std::size_t q = 0; q < evaluator_.quasi_identifiers(); ++q) top.push_back(evaluator_.levels_of(q) - 1);
  auto here = meets(top);
  for (bool moved = here.has_value(); moved;) {
    moved = false;
    const Levels from = here->levels;
    for (std::size_t q = 0; q < from.size(); ++q) {
      if (from[q] == 0) continue;
      Levels finer = from;
      --finer[q];
      auto next = meets(finer);
      if (!next || next->loss >= here->loss) continue;
      here = std::move(next);
      moved = true;
    }
  }
  return here;
}

bool LatticeSearch::is_known_to_fail(const Levels& levels) const {
  return std::any_of(failing_.begin(), failing_.end(), [&](const Levels& above) { return is_below(levels, above); });
}

std::vector<Levels> LatticeSearch::chain_up(Levels levels) const {
  std::vector<Levels> chain = {levels};
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t q = 0; q < levels.size(); ++q) {
      if (levels[q] + 1 >= evaluator_.levels_of(q)) continue;
      ++levels[q];
      chain.push_back(levels);
      grown = true;
    }
  }
  return chain;
}

void LatticeSearch::mark_failing_chain(const Levels& levels) {
  const auto chain = chain_up(levels);
  std::size_t fails = 0, holds = chain.size();  // chain[fails] fails; chain[holds], or what would lie above, holds
  while (holds - fails > 1) {
    const std::size_t middle = fails + (holds - fails) / 2;
    const bool failed = is_known_to_fail(chain[middle]) || evaluate(chain[middle]).failing_monotone > max_failing_;
    (failed ? fails : holds) = middle;
  }
  failing_.push_back(chain[fails]);
}

}  // namespace egide::anonymity
