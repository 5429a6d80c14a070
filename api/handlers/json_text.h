// JSON written straight into a string, for the answers that are given thousands of times a second.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace egide::api {

// `text` is UTF-8. Escapes what RFC 8259 wants escaped.
void append_json_string(std::string& out, std::string_view text);
void append_json_strings(std::string& out, const std::vector<std::string>& texts);  // ["a","b"]
void append_number(std::string& out, std::uint64_t number);

}  // namespace egide::api
