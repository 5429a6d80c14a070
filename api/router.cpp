#include "egide/api/router.h"

#include <algorithm>

#include "egide/base/check.h"

namespace egide::api {
namespace {

std::vector<std::string> split(std::string_view pattern) {
  EGIDE_CHECK(!pattern.empty() && pattern.front() == '/');
  pattern.remove_prefix(1);
  std::vector<std::string> out;
  while (!pattern.empty()) {
    const auto slash = pattern.find('/');
    out.emplace_back(pattern.substr(0, slash));
    if (slash == std::string_view::npos) break;
    pattern.remove_prefix(slash + 1);
    EGIDE_CHECK(!pattern.empty());  // no slash at the end
  }
  return out;
}

}  // namespace

void Router::add(Route route) {
  EGIDE_CHECK(route.handler != nullptr && !route.name.empty());
  EGIDE_CHECK(route.method != Method::Head && route.method != Method::Options);
  Entry entry;
  std::size_t node = 0;
  const auto segments = split(route.pattern);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& segment = segments[i];
    EGIDE_CHECK(!segment.empty());
    std::size_t* child = nullptr;
    if (segment.front() != '{') {
      child = &nodes_[node].literals[segment];
    } else {
      EGIDE_CHECK(segment.size() > 2 && segment.back() == '}');
      const bool tail = segment[segment.size() - 2] == '*';
      EGIDE_CHECK(!tail || i + 1 == segments.size());
      entry.names.push_back(segment.substr(1, segment.size() - (tail ? 3 : 2)));
      child = tail ? &nodes_[node].tail : &nodes_[node].parameter;
    }
    if (*child == 0) {
      *child = nodes_.size();
      node = nodes_.size();
      nodes_.emplace_back();  // `child` points into freed memory from here on
    } else {
      node = *child;
    }
  }
  entry.route = std::move(route);
  const bool inserted = nodes_[node].routes.emplace(entry.route.method, entries_.size()).second;
  EGIDE_CHECK(inserted);
  entries_.push_back(std::move(entry));
}

bool Router::find(std::size_t node, const std::vector<std::string>& segments, std::size_t at,
                  std::vector<std::string>& values, std::size_t& found) const {
  const Node& here = nodes_[node];
  if (at == segments.size()) {
    found = node;
    return !here.routes.empty();
  }
  const std::string& segment = segments[at];
  if (const auto literal = here.literals.find(segment); literal != here.literals.end()) {
    if (find(literal->second, segments, at + 1, values, found)) return true;
  }
  if (segment.empty()) return false;
  if (here.parameter != 0) {
    values.push_back(segment);
    if (find(here.parameter, segments, at + 1, values, found)) return true;
    values.pop_back();
  }
  if (here.tail != 0) {
    std::string rest = segment;
    for (std::size_t i = at + 1; i < segments.size(); ++i) rest.append("/").append(segments[i]);
    values.push_back(std::move(rest));
    found = here.tail;
    return true;
  }
  return false;
}

RouteMatch Router::match(Method method, const std::vector<std::string>& segments) const {
  RouteMatch match;
  std::vector<std::string> values;
  std::size_t node = 0;
  if (!find(0, segments, 0, values, node)) return match;
  const auto& routes = nodes_[node].routes;
  auto found = routes.find(method == Method::Head ? Method::Get : method);
  if (found == routes.end()) {
    found = routes.find(Method::Get);
    if (found != routes.end() && !entries_[found->second].route.any_method) found = routes.end();
  }
  if (found == routes.end()) {
    for (const auto& [allowed, entry] : routes) {
      if (!match.allow.empty()) match.allow += ", ";
      match.allow += name_of(allowed);
      if (allowed == Method::Get) match.allow += ", HEAD";
    }
    return match;
  }
  const Entry& entry = entries_[found->second];
  match.route = &entry.route;
  for (std::size_t i = 0; i < values.size(); ++i) match.values.emplace_back(entry.names[i], std::move(values[i]));
  return match;
}

std::vector<RouteInfo> Router::routes() const {
  std::vector<RouteInfo> out;
  for (const auto& entry : entries_) out.push_back({entry.route.method, entry.route.pattern, entry.route.name});
  return out;
}

std::vector<std::string> compare_with_table(std::initializer_list<const Router*> routers,
                                            std::span<const RoleRule> table) {
  std::vector<std::string> differences;
  std::vector<std::string> served;
  for (const Router* router : routers) {
    for (const auto& route : router->routes()) {
      const bool ruled =
          std::any_of(table.begin(), table.end(), [&](const RoleRule& r) { return r.route == route.name; });
      if (!ruled) differences.push_back("route without a rule: " + route.name);
      served.push_back(route.name);
    }
  }
  for (const auto& rule : table) {
    if (std::find(served.begin(), served.end(), rule.route) == served.end())
      differences.push_back("rule without a route: " + std::string(rule.route));
  }
  return differences;
}

}  // namespace egide::api
