// Hierarchies: ever coarser labels for the values of a quasi-identifier, level by level, up to "*".
//
// Level 0 is the value itself; the last level is "*" for everybody. Full-domain generalisation (Samarati and Sweeney,
// "Protecting privacy when disclosing information", SRI-CSL-98-04, 1998) takes one level for a whole column.
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/result.h"

namespace egide::anonymity {

inline constexpr std::string_view kAnything = "*";

// labels[level][i] is the label of the domain's value i. names[level] says what the level is, for the report.
struct Hierarchy {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> labels;
  int levels() const noexcept { return static_cast<int>(labels.size()); }
};

// InvalidRequest unless every level has a label for each of the `domain`'s values, values that share a label share all
// coarser ones, and the last level is "*" alone.
base::Result<void> check_hierarchy(const Hierarchy& hierarchy, std::size_t domain);

// One coarser level: its name, and the label of a value.
struct Level {
  std::string name;
  std::function<std::string(const std::string& value)> label;
};
// The value, the levels given, "*". Levels that change nothing on this domain are left out.
Hierarchy make_hierarchy(const std::vector<std::string>& domain, const std::vector<Level>& levels);

// Whole numbers ("37") in bands of these widths, each a multiple of the one before: "35-39", "30-39". Other texts stand
// for themselves.
Hierarchy number_hierarchy(const std::vector<std::string>& domain, const std::vector<int>& widths);
// Texts of one length, their last characters covered one after the other: "13053", "1305*", "130**", ...
Hierarchy prefix_hierarchy(const std::vector<std::string>& domain);
// Bands that stand in an order ("<18", "18-29", "75+"): neighbours are joined two by two. By their first number; texts
// without one stand for themselves.
Hierarchy band_hierarchy(const std::vector<std::string>& domain);
// The value, or nothing.
Hierarchy flat_hierarchy(const std::vector<std::string>& domain);

}  // namespace egide::anonymity
