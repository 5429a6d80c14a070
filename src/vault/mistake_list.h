// Collects every mistake of a request, to say them all at once.
//
// Thread safety: none.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "egide/base/result.h"

namespace egide::vault {

class MistakeList {
 public:
  void add(std::string pointer, std::string detail) { list_.push_back({std::move(pointer), std::move(detail), 0}); }
  // InvalidRequest with every mistake, or nothing.
  base::Result<void> finish() {
    if (list_.empty()) return {};
    return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(list_));
  }

 private:
  std::vector<base::FieldError> list_;
};

}  // namespace egide::vault
