// What may stand in a dataset, and in which form: the rules by category, and columns filled person by person.
//
// Thread safety: free functions without state; one DatasetColumn a thread.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "egide/anonymity/table.h"
#include "egide/base/time.h"
#include "egide/policies/pack.h"

namespace egide::vault {

// How a category is generalised.
enum class ColumnKind {
  Never,  // direct identifiers, free text, and everything that no rule names
  Age,    // a birth date becomes an age; 5, 10, 20, 40 years
  Band,   // bands of ages, joined with their neighbours
  Area,   // postal code, département
  List,   // how many
  Count,  // of what was done, all months together; 5, 10, 20
  Plain,  // the value, or nothing
};
ColumnKind column_kind(std::string_view category, const policies::Pack& pack) noexcept;

// Others may well know it: it can't be declared sensitive only.
bool is_always_quasi_identifier(std::string_view category) noexcept;
// GDPR 9: never a quasi-identifier that is shown in classes; always sensitive.
bool is_always_sensitive(std::string_view category, const policies::Pack& pack) noexcept;

class DatasetColumn {
 public:
  // `rows`: people before the first who has a value.
  DatasetColumn(std::string category, ColumnKind kind, anonymity::ColumnRole role, std::size_t rows);
  void add(const nlohmann::json& value, base::Date today);
  void fill(std::size_t rows);  // nothing is held for the people since the last add()

  // Released name: the category; a birth date leaves as user.demographic.age.
  const std::string& name() const noexcept { return name_; }
  const std::string& category() const noexcept { return category_; }
  anonymity::ColumnRole role() const noexcept { return role_; }
  ColumnKind kind() const noexcept { return kind_; }
  bool is_free_text() const noexcept { return free_text_; }  // a value too long to be a code: the column can't leave

  // Of a sensitive column: values (items of lists) of fewer than k people become "(rare)" (are left out).
  std::size_t hide_rare(std::uint32_t k);
  // As the engine takes it.
  anonymity::Column to_column() const;
  // The JSON value of a label; lists that were not generalised stay lists.
  nlohmann::json to_json(const std::string& label) const;

 private:
  std::uint32_t code_of(const std::string& text, const nlohmann::json& value);
  std::size_t hide_rare_items(std::uint32_t k);

  std::string category_, name_;
  ColumnKind kind_;
  anonymity::ColumnRole role_;
  bool free_text_ = false;
  std::vector<std::string> texts_;      // by code; 0 is "nothing held"
  std::vector<nlohmann::json> values_;  // by code
  std::unordered_map<std::string, std::uint32_t> code_of_text_;
  std::vector<std::uint32_t> codes_;  // by row
};

}  // namespace egide::vault
