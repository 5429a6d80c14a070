// What a node of the lattice does to a table. Rows that are alike in every quasi-identifier are counted once
// ("frequency sets": LeFevre et al., "Incognito", SIGMOD 2005).
//
// Thread safety: evaluate() may be called from many threads.
#pragma once

#include <cstdint>
#include <vector>

#include "egide/anonymity/anonymise.h"

namespace egide::anonymity {

using Levels = std::vector<int>;  // one for each quasi-identifier

struct Evaluation {
  std::vector<std::uint32_t> class_of;  // by group
  std::vector<std::uint32_t> sizes;     // by class, in people
  std::vector<bool> holds;              // by class: k and every l
  std::uint64_t failing = 0;            // people in classes that don't hold
  std::uint64_t failing_monotone = 0;   // in classes without k or distinct l: never more on a coarser node
  std::uint32_t smallest_l = 0;         // of the classes that hold; 0 without a sensitive column
};

class Evaluator {
 public:
  Evaluator(const Table& table, const Requirements& requirements);

  Evaluation evaluate(const Levels& levels) const;
  // Mean loss of all rows; of a node it is never below that of a finer one, nor above the loss with suppression.
  double loss(const Levels& levels) const;
  double loss_with_suppression(const Levels& levels, const Evaluation& evaluation) const;
  double column_loss(std::size_t quasi, int level, const std::vector<bool>& kept) const;  // of the kept rows

  std::size_t quasi_identifiers() const noexcept { return quasi_.size(); }
  int levels_of(std::size_t quasi) const noexcept { return static_cast<int>(quasi_[quasi].labels.size()); }
  std::size_t groups() const noexcept { return group_size_.size(); }
  const std::vector<std::uint32_t>& group_of_row() const noexcept { return group_of_row_; }

 private:
  struct LevelCodes {
    std::vector<std::uint32_t> label;  // by the domain's code
    std::vector<double> loss;          // by the domain's code
    std::uint32_t count = 0;
    double mean = 0;  // over the rows
  };
  struct Quasi {
    const Column* column = nullptr;
    std::vector<LevelCodes> labels;    // by level
    std::vector<std::uint32_t> codes;  // by group
  };
  struct Cell {
    std::uint32_t group, value, count;
  };
  struct Sensitive {
    std::uint32_t domain = 0;
    std::vector<Cell> cells;
  };
  LevelCodes level_codes(const Column& column, int level) const;
  void group(const Table& table);
  void add_sensitive(const Column& column);
  void check_diversity(const Sensitive& sensitive, Evaluation& out, std::vector<bool>& monotone) const;

  Requirements requirements_;
  std::size_t rows_;
  std::vector<Quasi> quasi_;
  std::vector<Sensitive> sensitive_;
  std::vector<std::uint32_t> group_of_row_, group_size_;
};

}  // namespace egide::anonymity
