// Which categories a request is about. decide() and permitted_categories() must never differ on it, so both walk here.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "egide/policies/decide.h"

namespace egide::policies {

inline bool any_covers(const std::vector<std::string>& keys, std::string_view category) noexcept {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return category_covers(key, category); });
}

// The narrower of two keys when one covers the other; else empty.
inline std::string_view narrower(std::string_view a, std::string_view b) noexcept {
  if (category_covers(a, b)) return b;
  if (category_covers(b, a)) return a;
  return {};
}

// Calls `found` with each key that lies in the purpose, in a grant of it, and in the request. Keys may come twice, and
// forbidden ones come too.
template <typename F>
void for_each_asked(const DecisionRequest& request, const ToolFacts& tool, PurposeIndex index, const Purpose& purpose,
                    F&& found) {
  const auto in_request = [&](std::string_view key) {
    if (request.categories.empty()) return found(key);
    for (const std::string& asked : request.categories)
      if (const auto both = narrower(key, asked); !both.empty()) found(both);
  };
  for (const std::string& declared : purpose.data_categories) {
    for (const ToolGrant& grant : tool.grants) {
      if (grant.purpose != index) continue;
      if (grant.categories.empty()) in_request(declared);
      for (const std::string& granted : grant.categories)
        if (const auto both = narrower(declared, granted); !both.empty()) in_request(both);
    }
  }
}

}  // namespace egide::policies
