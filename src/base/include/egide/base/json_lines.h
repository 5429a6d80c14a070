// The result of parse_json_with_lines; apart, since it needs the whole JSON header.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "egide/base/json.h"

namespace egide::base {

struct JsonWithLines {
  Json value;
  std::map<std::string, int> line_of;  // JSON pointer -> line

  // The line of the value, or of its nearest ancestor that is in the document.
  int line(std::string pointer) const;
};

}  // namespace egide::base
