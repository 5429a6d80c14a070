// Strict JSON (RFC 8259 held to I-JSON, RFC 7493).
//
// Refused, each with its line: duplicate member names, nesting deeper than the limit, invalid UTF-8, lone
// surrogates, control characters in strings, numbers outside an IEEE double, anything after the document.
// Errors give a position and a reason and never quote the input.
//
// Thread safety: free functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/result.h"

namespace egide::base {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t max_bytes = 1 << 20;
  int max_depth = 32;
  std::size_t max_string = 1 << 16;
  // Control characters in strings. Notes and addresses of people hold line breaks and tabs; these two are let through.
  bool allow_line_breaks = true;
};

Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

// The same, with the 1-based line on which each value begins, by JSON pointer.
struct JsonWithLines;
Result<JsonWithLines> parse_json_with_lines(std::string_view text, const JsonLimits& limits = {});

// A member's name as a reference token of a JSON pointer (RFC 6901, section 3).
std::string pointer_token(std::string_view name);

// True for well-formed UTF-8 without surrogates.
bool is_valid_utf8(std::string_view text) noexcept;

// Reads members of an object with their exact JSON type and collects every mistake instead of stopping at the first.
// (`get<int>()` of 3.9 is 3 in the JSON library; here it is an error.)
//
//   ObjectReader in(body, "");
//   auto purpose = in.required_string("purpose", {.max = 200});
//   auto fields = in.optional_strings("fields");
//   EGIDE_TRY_VOID(in.finish());
//
// A value read after a mistake is a default: use it only after finish().
struct TextRule {
  std::size_t min = 1;
  std::size_t max = 1000;
};
class ObjectReader {
 public:
  // `pointer` is where `value` stands in the document. Not an object: one mistake, every read a default.
  ObjectReader(const Json& value, std::string pointer);

  std::string required_string(std::string_view key, const TextRule& rule = {});
  std::optional<std::string> optional_string(std::string_view key, const TextRule& rule = {});
  std::int64_t required_integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<double> optional_number(std::string_view key);
  std::optional<bool> optional_bool(std::string_view key);
  bool required_bool(std::string_view key);
  std::optional<std::vector<std::string>> optional_strings(std::string_view key, std::size_t max_items = 200);
  std::vector<std::string> required_strings(std::string_view key, std::size_t max_items = 200);
  // One of `allowed`, or a mistake that lists them.
  std::string required_choice(std::string_view key, const std::vector<std::string_view>& allowed);
  std::optional<std::string> optional_choice(std::string_view key, const std::vector<std::string_view>& allowed);
  // nullptr where absent (or null), or of another type (a mistake).
  const Json* required_object(std::string_view key);
  const Json* optional_object(std::string_view key);
  const Json* required_array(std::string_view key, std::size_t max_items);
  const Json* optional_array(std::string_view key, std::size_t max_items);
  // Any value; nullptr where absent.
  const Json* find(std::string_view key) const;

  // Adds a mistake of the caller's own.
  void mistake(std::string_view key, std::string detail);
  void take(const ObjectReader& nested);  // and those of a nested object
  // Members that no call above asked for become mistakes.
  void refuse_unknown();
  std::string pointer_to(std::string_view key) const;
  const std::vector<FieldError>& mistakes() const noexcept { return mistakes_; }
  // InvalidRequest with every mistake, or nothing.
  Result<void> finish() const;

 private:
  const Json* member(std::string_view key, bool required);
  const Json* value_;
  std::string pointer_;
  std::vector<std::string> asked_;
  std::vector<FieldError> mistakes_;
};

}  // namespace egide::base
