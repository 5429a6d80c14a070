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
  // `most_evaluations`: then the search ends, and a walk down from the coarsest node takes its place.
  LatticeSearch(const Evaluator& evaluator, std::uint64_t max_failing, std::size_t most_evaluations)
      : evaluator_(evaluator), max_failing_(max_failing), most_evaluations_(most_evaluations) {}

  // Product of the levels, or nothing above kMaxNodes.
  std::optional<std::size_t> size() const;
  // Nothing when not even the coarsest node meets the requirements.
  std::optional<BestNode> run();
  std::size_t evaluated() const noexcept { return evaluated_; }
  bool is_optimal() const noexcept { return optimal_; }

 private:
  bool is_known_to_fail(const Levels& levels) const;
  // Marks the highest failing node found on a chain up from `levels`.
  void mark_failing_chain(const Levels& levels);
  // From the coarsest node, always to the finer neighbour that loses least, while there is one that meets the
  // requirements. At most (levels * columns) evaluations.
  std::optional<BestNode> walk_down();
  std::optional<BestNode> meets(const Levels& levels);
  std::vector<Levels> chain_up(Levels levels) const;
  Evaluation evaluate(const Levels& levels) { return ++evaluated_, evaluator_.evaluate(levels); }

  const Evaluator& evaluator_;
  std::uint64_t max_failing_;
  std::size_t most_evaluations_;
  bool optimal_ = true;
  std::vector<Levels> failing_;  // each takes all finer nodes with it
  std::size_t evaluated_ = 0;
};

}  // namespace egide::anonymity
