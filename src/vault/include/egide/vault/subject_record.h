// A person's record as GetSubject gives it; apart, since it needs the whole JSON header.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "egide/vault/subjects.h"

namespace egide::vault {

struct SubjectRecord {
  base::SubjectId id;
  std::int64_t version = 1;
  std::string locale;
  base::Timestamp created_at{};
  bool restricted = false;
  struct Attribute {
    std::string category;
    nlohmann::json value;
    std::string source;
    base::Timestamp updated_at{};
  };
  std::vector<Attribute> attributes;  // by category
};

}  // namespace egide::vault
