#include <algorithm>

#include "asked.h"

namespace egide::policies {

std::vector<std::string> permitted_categories(const DecisionRequest& request, const ToolFacts& tool, const Pack& pack) {
  std::vector<std::string> out;
  if (!request.purpose || *request.purpose >= pack.purposes().size()) return out;
  const Purpose& purpose = pack.purposes()[*request.purpose];
  for_each_asked(request, tool, *request.purpose, purpose, [&](std::string_view key) {
    if (any_covers(purpose.forbidden_categories, key)) return;
    if (std::find(out.begin(), out.end(), key) == out.end()) out.emplace_back(key);
  });
  return out;
}

}  // namespace egide::policies
