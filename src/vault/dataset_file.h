// The file of a dataset: CSV (RFC 4180, UTF-8) or JSON Lines, one row a person, written row by row.
//
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace egide::vault {

// One field. A spreadsheet takes a cell that begins with = + - @ (or a control character, or their full-width forms) as
// a formula: such a cell gets an apostrophe first (OWASP, "CSV Injection"). Quoted where RFC 4180 asks for it.
void append_csv_field(std::string& out, std::string_view text);
void append_csv_row(std::string& out, const std::vector<std::string>& fields);
// {"pseudonym": ..., "<name>": ...}, members in the order given.
void append_json_line(std::string& out, const std::vector<std::string>& names,
                      const std::vector<nlohmann::json>& values);

}  // namespace egide::vault
