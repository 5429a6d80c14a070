// A table of people: one row each, columns of coded values.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "egide/anonymity/hierarchy.h"
#include "egide/base/result.h"

namespace egide::anonymity {

enum class ColumnRole {
  QuasiIdentifier,  // others may know it: generalised until k people share each combination
  Sensitive,        // what must not be learnt: kept as it is, with l different values in each class
};

struct Column {
  std::string name;
  ColumnRole role = ColumnRole::QuasiIdentifier;
  std::vector<std::string> domain;   // each distinct value once
  std::vector<std::uint32_t> codes;  // one a row: position in the domain
  Hierarchy hierarchy;               // of a quasi-identifier
};

struct Table {
  std::size_t rows = 0;
  std::vector<Column> columns;
};

// Codes the values of one column, the domain in the order of first appearance. The hierarchy is left to the caller.
Column make_column(std::string name, ColumnRole role, const std::vector<std::string>& values);

// InvalidRequest: a column's length differs, a code lies outside its domain, or a hierarchy is no hierarchy.
base::Result<void> check_table(const Table& table);

}  // namespace egide::anonymity
