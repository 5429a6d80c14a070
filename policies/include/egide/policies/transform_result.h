// The result of transform_fields; apart, since it needs the whole JSON header.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "egide/policies/transform.h"

namespace egide::policies {

struct TransformedField {
  std::string category;
  nlohmann::json value;
  std::string transform;  // name of what was applied; empty: unchanged
};

struct TransformResult {
  std::vector<TransformedField> fields;
  struct Withheld {
    std::string category;
    std::string reason;  // name of the transform that withheld it, "not_held", or "forbidden"
  };
  std::vector<Withheld> withheld;
};

}  // namespace egide::policies
