#include "egide/api/request_context.h"

#include <charconv>

#include "egide/base/check.h"

namespace egide::api {

const std::string& RequestContext::path_value(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  base::check_failed("the route has no such parameter", __FILE__, __LINE__);
}

base::Result<std::size_t> RequestContext::limit(std::size_t fallback, std::size_t max) const {
  const auto text = request_.query().get("limit");
  if (!text) return fallback;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value == 0 || value > max)
    return base::invalid_request("limit must be a number from 1 to " + std::to_string(max));
  return value;
}

const base::Json& RequestContext::json() const {
  EGIDE_CHECK(json_ != nullptr);
  return *json_;
}

std::string_view RequestContext::if_match() const noexcept {
  return request_.header("if-match").value_or(std::string_view());
}

HttpResponse RequestContext::problem(ProblemKind kind, std::string_view detail) const {
  return problems_.make(kind, problem_context(), detail);
}

std::string etag_of(std::uint64_t version) { return "\"" + std::to_string(version) + "\""; }

bool if_none_match(const HttpRequest& request, std::string_view etag) {
  auto list = request.header("if-none-match").value_or(std::string_view());
  if (list == "*") return true;
  while (!list.empty()) {
    const auto comma = list.find(',');
    auto tag = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);  // If-None-Match compares weakly
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace egide::api
