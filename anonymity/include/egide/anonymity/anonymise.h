// anonymise() coarsens a table until every class of people who look alike has k members and l values of each sensitive
// column, suppresses the rows of the classes that remain too small, and gives the solution with the least loss.
//
// - k-anonymity: Sweeney, "k-anonymity: a model for protecting privacy", IJUFKS 10(5), 2002.
// - l-diversity, distinct and entropy: Machanavajjhala et al., "l-Diversity: Privacy Beyond k-Anonymity", ACM TKDD
// 1(1),
//   2007. Entropy l: the entropy of the sensitive values of each class is at least log(l).
// - Search: full-domain generalisation over the whole lattice, as OLA does (El Emam et al., "A Globally Optimal
//   k-Anonymity Method for the De-Identification of Health Data", JAMIA 16(5), 2009): one level for a column keeps a
//   column in one scale, which somebody who trains or studies needs (Mondrian gives each region its own bands), and the
//   optimum is exact, so that the same question has the same answer. Nodes are taken in the order of their loss; a node
//   whose k or distinct l fails takes all below it with it. Work is bounded: for very wide tables a walk down from the
//   coarsest node ends the search; what is kept meets the requirements all the same.
// - Loss: normalised certainty penalty (Xu et al., "Utility-based anonymization using local recoding", KDD 2006): for a
//   value under a label that covers m of a domain of d, (m-1)/(d-1); the mean over quasi-identifiers and rows;
//   a suppressed row counts as 1. Thus 0: untouched, 1: nothing left.
//
// Thread safety: a free function without state.
#pragma once

#include <cstdint>
#include <vector>

#include "egide/anonymity/risk.h"
#include "egide/anonymity/table.h"
#include "egide/base/result.h"

namespace egide::anonymity {

struct Requirements {
  std::uint32_t k = 5;           // at least 2
  std::uint32_t distinct_l = 1;  // of each sensitive column; 1: nothing asked
  double entropy_l = 0;          // of each sensitive column; up to 1: nothing asked
  double max_suppression = 0.1;  // share of the rows that may be left out, 0 to 1
};

struct ColumnOutcome {
  int level = 0, levels = 1;                              // a sensitive column stays at 0 of 1
  std::uint32_t distinct_before = 0, distinct_after = 0;  // over all rows, over the kept ones
  double loss = 0;                                        // of the kept rows
};

struct Anonymised {
  std::vector<ColumnOutcome> columns;  // as the table's
  std::vector<bool> kept;              // by row
  std::vector<std::uint32_t> classes;  // by row: the class, among kept and suppressed ones
  std::size_t suppressed = 0;
  Risk before, after;
  double loss = 0;
  std::uint32_t smallest_l = 0;  // fewest different values of a sensitive column in a kept class; 0: no such column
  std::size_t nodes = 0, evaluated = 0;  // of the lattice
  bool optimal = true;  // false: the work ran out, and a walk down from the coarsest node gave the answer
};

inline constexpr std::size_t kMaxNodes = 100000;

// InvalidRequest: the table or the requirements make no sense. TooLarge: more than kMaxNodes nodes. Conflict: no node
// meets the requirements within the suppression limit: too few people, or too few sensitive values.
base::Result<Anonymised> anonymise(const Table& table, const Requirements& requirements);

}  // namespace egide::anonymity
