// Tables for tests, written row by row.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "egide/anonymity/anonymise.h"

namespace egide::anonymity {

using Rows = std::vector<std::vector<std::string>>;

inline std::vector<std::string> values_of(const Rows& rows, std::size_t column) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[column]);
  return out;
}

inline void add_sensitive(Table& table, const std::string& name, const Rows& rows, std::size_t column) {
  table.rows = rows.size();
  table.columns.push_back(make_column(name, ColumnRole::Sensitive, values_of(rows, column)));
}

template <typename MakeHierarchy>
void add_quasi(Table& table, const std::string& name, const Rows& rows, std::size_t column, MakeHierarchy&& make) {
  table.rows = rows.size();
  table.columns.push_back(make_column(name, ColumnRole::QuasiIdentifier, values_of(rows, column)));
  table.columns.back().hierarchy = make(table.columns.back().domain);
}

// What leaves: label of a quasi-identifier, value of a sensitive column.
inline std::string released(const Table& table, const Anonymised& result, std::size_t column, std::size_t row) {
  const Column& c = table.columns[column];
  const auto level = static_cast<std::size_t>(result.columns[column].level);
  return c.role == ColumnRole::Sensitive ? c.domain[c.codes[row]] : c.hierarchy.labels[level][c.codes[row]];
}

// The classes as somebody who reads the release makes them: rows by all their released quasi-identifiers. Takes nothing
// from what the engine says about classes.
inline std::map<std::vector<std::string>, std::vector<std::size_t>> classes_of_release(const Table& table,
                                                                                       const Anonymised& result) {
  std::map<std::vector<std::string>, std::vector<std::size_t>> out;
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (!result.kept[row]) continue;
    std::vector<std::string> key;
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      if (table.columns[c].role == ColumnRole::QuasiIdentifier) key.push_back(released(table, result, c, row));
    out[key].push_back(row);
  }
  return out;
}

}  // namespace egide::anonymity
