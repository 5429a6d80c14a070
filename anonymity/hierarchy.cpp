#include "egide/anonymity/hierarchy.h"

#include <unordered_map>

namespace egide::anonymity {
namespace {

std::vector<std::string> apply(const std::vector<std::string>& domain, const Level& level) {
  std::vector<std::string> out;
  out.reserve(domain.size());
  for (const auto& value : domain) out.push_back(level.label(value));
  return out;
}

// Does knowing the finer label tell the coarser one?
bool is_nested(const std::vector<std::string>& fine, const std::vector<std::string>& coarse) {
  std::unordered_map<std::string_view, std::string_view> above;
  for (std::size_t i = 0; i < fine.size(); ++i)
    if (above.emplace(fine[i], coarse[i]).first->second != coarse[i]) return false;
  return true;
}

}  // namespace

base::Result<void> check_hierarchy(const Hierarchy& hierarchy, std::size_t domain) {
  if (hierarchy.labels.empty() || hierarchy.names.size() != hierarchy.labels.size())
    return base::invalid_request("A hierarchy has at least one level, and a name for each");
  for (const auto& level : hierarchy.labels)
    if (level.size() != domain) return base::invalid_request("A level of a hierarchy misses a value");
  for (std::size_t i = 1; i < hierarchy.labels.size(); ++i)
    if (!is_nested(hierarchy.labels[i - 1], hierarchy.labels[i]))
      return base::invalid_request("A level of a hierarchy splits a group of the level below");
  for (const auto& label : hierarchy.labels.back())
    if (label != kAnything) return base::invalid_request("A hierarchy ends in one label for all");
  return {};
}

Hierarchy make_hierarchy(const std::vector<std::string>& domain, const std::vector<Level>& levels) {
  Hierarchy out;
  out.names.emplace_back("value");
  out.labels.push_back(domain);
  for (const auto& level : levels) {
    auto labels = apply(domain, level);
    // The same groups under other names gain nothing and cost a level of the lattice.
    if (is_nested(labels, out.labels.back())) continue;
    out.names.push_back(level.name);
    out.labels.push_back(std::move(labels));
  }
  out.names.emplace_back("anything");
  out.labels.emplace_back(domain.size(), std::string(kAnything));
  return out;
}

Hierarchy flat_hierarchy(const std::vector<std::string>& domain) { return make_hierarchy(domain, {}); }

}  // namespace egide::anonymity
