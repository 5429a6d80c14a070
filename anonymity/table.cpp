#include "egide/anonymity/table.h"

#include <unordered_map>

namespace egide::anonymity {

Column make_column(std::string name, ColumnRole role, const std::vector<std::string>& values) {
  Column out;
  out.name = std::move(name);
  out.role = role;
  out.codes.reserve(values.size());
  std::unordered_map<std::string, std::uint32_t> code_of;
  for (const auto& value : values) {
    const auto [found, is_new] = code_of.emplace(value, static_cast<std::uint32_t>(out.domain.size()));
    if (is_new) out.domain.push_back(value);
    out.codes.push_back(found->second);
  }
  return out;
}

base::Result<void> check_table(const Table& table) {
  for (const auto& column : table.columns) {
    if (column.codes.size() != table.rows) return base::invalid_request("A column has another length than the table");
    for (const auto code : column.codes)
      if (code >= column.domain.size()) return base::invalid_request("A row's value is not in the column's domain");
    if (column.role == ColumnRole::QuasiIdentifier)
      EGIDE_TRY_VOID(check_hierarchy(column.hierarchy, column.domain.size()));
  }
  return {};
}

}  // namespace egide::anonymity
