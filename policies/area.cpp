#include <algorithm>

#include "egide/policies/transform.h"

namespace egide::policies {

std::string departement_of(std::string_view postal_code) {
  std::string code;
  for (const char c : postal_code)
    if (c != ' ') code += c;  // "69 003" is a usual spelling
  if (code.size() != 5 || !std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return {};
  const std::string two = code.substr(0, 2);
  if (two == "20") {  // Corsica: 200 and 201 are the south, 202 and 206 the north
    if (code[2] == '0' || code[2] == '1') return "2A";
    return code[2] == '2' || code[2] == '6' ? "2B" : "";
  }
  if (two == "97" || two == "98") return code[2] == '0' ? "" : code.substr(0, 3);  // 980 is Monaco
  return two >= "01" && two <= "95" ? two : "";
}

}  // namespace egide::policies
