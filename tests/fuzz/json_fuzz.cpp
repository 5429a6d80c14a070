// Strict JSON: what is accepted is what the library accepts too, stays the same when written and read again, and keeps
// the limits.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "egide/base/json.h"
#include "egide/base/json_lines.h"
#include "require.h"

namespace {

int depth_of(const egide::base::Json& value) {
  int deepest = 0;
  if (value.is_structured())
    for (const auto& item : value) deepest = std::max(deepest, depth_of(item));
  return value.is_structured() ? deepest + 1 : 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = egide::base::parse_json(text);
  const auto with_lines = egide::base::parse_json_with_lines(text);
  require(parsed.has_value() == with_lines.has_value());
  if (!parsed) return 0;
  require(depth_of(*parsed) <= egide::base::JsonLimits().max_depth);
  const auto again = egide::base::parse_json(parsed->dump());
  require(again.has_value() && *again == *parsed);
  return 0;
}
