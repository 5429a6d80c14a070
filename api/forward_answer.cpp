#include "forward_answer.h"

#include <algorithm>

namespace egide::api {
namespace {

constexpr std::string_view kPrefix = "/gateway/forward";
constexpr const char* kDecision = "X-Consent-Decision";

bool is_verdict(const HttpResponse& response) noexcept {
  return (response.status == 200 || response.status == 403) &&
         std::any_of(response.headers.begin(), response.headers.end(),
                     [](const auto& header) { return header.first == kDecision; });
}

const char* reason_for(int status) noexcept {
  if (status == 401) return "unauthenticated";
  if (status == 403) return "forbidden";
  if (status == 404) return "unknown_profile";
  if (status == 429) return "too_many_requests";
  return status >= 500 ? "unavailable" : "invalid_request";
}

// The reasons are words of egide's own, so they need no escaping.
void set_body(HttpResponse& response, const std::string& reason) {
  const bool known = response.status != 401;
  response.content_type = "application/problem+json";
  response.body = R"({"type":"about:blank","title":")";
  response.body += known ? "The use of this person's data is not permitted" : "A valid credential is needed";
  response.body += R"(","status":)" + std::to_string(response.status) + R"(,"code":")";
  response.body += known ? "forbidden" : "unauthenticated";
  response.body += R"(","reason":")" + reason + "\"}";
}

void add_headers(HttpResponse& response, const ForwardVerdict& verdict) {
  response.with(kDecision, verdict.permit ? "permit" : "deny")
      .with("X-Consent-Reason", verdict.reason)
      .with("X-Consent-Evaluation", verdict.evaluation)
      .with("X-Consent-Record", verdict.record)
      .with("X-Consent-Purpose", verdict.purpose)
      .with("X-Subject-Pseudonym", verdict.permit ? verdict.pseudonym : std::string());
}

}  // namespace

bool is_forward_path(std::string_view path) noexcept {
  return path.starts_with(kPrefix) && (path.size() == kPrefix.size() || path[kPrefix.size()] == '/');
}

bool is_forward_request(const RawRequest& so_far) noexcept {
  if (!so_far.target().empty()) return is_forward_path(so_far.path());
  const std::string_view head = so_far.head;
  const auto space = head.find(' ');
  if (space == std::string_view::npos) return false;
  const auto target = head.substr(space + 1);
  return is_forward_path(target.substr(0, target.find_first_of("? \r")));
}

HttpResponse forward_answer(const ForwardVerdict& verdict) {
  HttpResponse response = HttpResponse::empty(verdict.permit ? 200 : 403);
  add_headers(response, verdict);
  if (!verdict.permit) set_body(response, verdict.reason);
  return response;
}

void harden_forward_answer(HttpResponse& response, ForwardBody body) {
  if (!is_verdict(response)) {
    ForwardVerdict verdict;
    verdict.reason = reason_for(response.status);
    HttpResponse denial = HttpResponse::empty(response.status == 401 ? 401 : 403);
    if (denial.status == 401) denial.with("WWW-Authenticate", "Bearer realm=\"egide\"");
    add_headers(denial, verdict);
    set_body(denial, verdict.reason);
    response = std::move(denial);
  }
  if (body == ForwardBody::Never) {
    response.body.clear();
    response.content_type.clear();
  }
}

}  // namespace egide::api
