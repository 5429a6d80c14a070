#include "dataset_file.h"

#include <algorithm>
#include <array>

namespace egide::vault {
namespace {

// = + - @ in full width, as some spreadsheets read them.
constexpr std::array<std::string_view, 4> kWideStarts = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                                         "\xef\xbc\xa0"};

bool looks_like_formula(std::string_view text) {
  // White space in front does not keep a spreadsheet from reading on.
  const auto first = text.find_first_not_of(" \xc2\xa0");
  if (first == std::string_view::npos) return false;
  text.remove_prefix(first);
  if (std::string_view("=+-@|%\t\r\n").find(text.front()) != std::string_view::npos) return true;
  return std::any_of(kWideStarts.begin(), kWideStarts.end(),
                     [text](std::string_view start) { return text.starts_with(start); });
}

}  // namespace

void append_csv_field(std::string& out, std::string_view text) {
  const bool formula = looks_like_formula(text);
  const bool quoted = text.find_first_of("\",\r\n;\t") != std::string_view::npos ||
                      (!text.empty() && (text.front() == ' ' || text.back() == ' '));
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

void append_csv_row(std::string& out, const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(out, fields[i]);
  }
  out += "\r\n";
}

void append_json_line(std::string& out, const std::vector<std::string>& names,
                      const std::vector<nlohmann::json>& values) {
  out += '{';
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += ',';
    out += nlohmann::json(names[i]).dump();
    out += ':';
    out += values[i].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  out += "}\n";
}

}  // namespace egide::vault
