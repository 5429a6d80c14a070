// JSON in one canonical form: members in the order of their names (bytes), no white space, numbers in the shortest form
// that reads back the same. What is hashed and stored of a decision is written in it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace egide::vault {

void append_canonical(std::string& out, const nlohmann::json& value);

// A member of an object under construction. `name` points into what it was read from, or to a literal.
struct JsonMember {
  std::string_view name;
  std::string text;  // canonical JSON
};
// The object of both lists, by name. Names are different.
std::string canonical_object(const std::vector<JsonMember>& some, const std::vector<JsonMember>& others);

}  // namespace egide::vault
