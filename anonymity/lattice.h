// The search over the lattice of levels. Source: anonymise.h.
//
// Thread safety: one object a search.
#pragma once

#include <optional>
#include <vector>

#include "evaluator.h"

namespace egide::anonymity {

struct BestNode {
  Levels levels;
  Evaluation evaluation;
  double loss = 0;  // with suppression
};

class LatticeSearch {
 public:
  LatticeSearch(const Evaluator& evaluator, std::uint64_t max_failing)
      : evaluator_(evaluator), max_failing_(max_failing) {}

  // Product of the levels, or nothing above kMaxNodes.
  std::optional<std::size_t> size() const;
  // Nothing when not even the coarsest node meets the requirements.
  std::optional<BestNode> run();
  std::size_t evaluated() const noexcept { return evaluated_; }

 private:
  bool is_known_to_fail(const Levels& levels) const;
  // Marks the highest failing node found on a chain up from `levels`.
  void mark_failing_chain(const Levels& levels);
  std::vector<Levels> chain_up(Levels levels) const;
  Evaluation evaluate(const Levels& levels) { return ++evaluated_, evaluator_.evaluate(levels); }

  const Evaluator& evaluator_;
  std::uint64_t max_failing_;
  std::vector<Levels> failing_;  // each takes all finer nodes with it
  std::size_t evaluated_ = 0;
};

}  // namespace egide::anonymity
