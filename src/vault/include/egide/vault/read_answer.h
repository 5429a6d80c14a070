// The answer of ReadForPurpose; apart, since it needs the whole JSON header.
#pragma once

#include <string>

#include "egide/policies/transform_result.h"
#include "egide/vault/evaluate_access.h"

namespace egide::vault {

struct ReadAnswer {
  AccessAnswer access;
  std::string pseudonym;           // "p_...", of a permit
  policies::TransformResult data;  // of a permit
};

}  // namespace egide::vault
