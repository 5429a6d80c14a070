#include "egide/api/problem.h"

#include <nlohmann/json.hpp>

#include "chars.h"

namespace egide::api {
namespace {

struct Style {
  int status;
  const char* code;
  const char* slug;
  const char* title;
};

Style style_of(ProblemKind kind) noexcept {
  switch (kind) {
    case ProblemKind::MalformedRequest:
      return {400, "malformed_request", "malformed-request", "The request is not well-formed HTTP"};
    case ProblemKind::InvalidJson:
      return {400, "invalid_json", "invalid-json", "The body is not acceptable JSON"};
    case ProblemKind::InvalidRequest:
      return {422, "invalid_request", "invalid-request", "The request is not valid"};
    case ProblemKind::Unauthenticated:
      return {401, "unauthenticated", "unauthenticated", "A valid credential is needed"};
    case ProblemKind::Forbidden:
      return {403, "forbidden", "forbidden", "The caller may not do this"};
    case ProblemKind::NotFound:
      return {404, "not_found", "not-found", "There is nothing here"};
    case ProblemKind::MethodNotAllowed:
      return {405, "method_not_allowed", "method-not-allowed", "The method is not allowed here"};
    case ProblemKind::NotAcceptable:
      return {406, "not_acceptable", "not-acceptable", "The answer has no form that the request accepts"};
    case ProblemKind::RequestTimeout:
      return {408, "request_timeout", "request-timeout", "The request did not come in time"};
    case ProblemKind::Conflict:
      return {409, "conflict", "conflict", "The request contradicts the present state"};
    case ProblemKind::Gone:
      return {410, "gone", "gone", "This was here and is erased"};
    case ProblemKind::Precondition:
      return {412, "precondition_failed", "precondition-failed", "The object has changed since it was read"};
    case ProblemKind::TooLarge:
      return {413, "too_large", "too-large", "The request is larger than allowed"};
    case ProblemKind::UnsupportedMedia:
      return {415, "unsupported_media_type", "unsupported-media-type", "The Content-Type is not taken here"};
    case ProblemKind::ExpectationFailed:
      return {417, "expectation_failed", "expectation-failed", "The expectation can't be met"};
    case ProblemKind::PreconditionRequired:
      return {428, "precondition_required", "precondition-required", "If-Match is needed"};
    case ProblemKind::TooManyRequests:
      return {429, "too_many_requests", "", "Request cannot be satisfied as assigned quota has been exceeded"};
    case ProblemKind::Unavailable:
      return {503, "unavailable", "unavailable", "This can't be done now"};
  }
  return {503, "unavailable", "unavailable", "This can't be done now"};
}

// A JSON pointer as a URI fragment (RFC 6901, 6). Member names may come from the request, so they are cut.
std::string as_fragment(std::string_view pointer) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "#";
  for (const char c : pointer.substr(0, 200)) {
    if (is(c, kQueryByte) && c != '%') {
      out.push_back(c);
    } else {
      const auto u = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[u >> 4]);
      out.push_back(kHex[u & 15]);
    }
  }
  return out;
}

HttpResponse to_response(const nlohmann::ordered_json& document, int status) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return response;
}

}  // namespace

ProblemKind kind_of(base::ErrorCode code) noexcept {
  switch (code) {
    case base::ErrorCode::InvalidRequest:
      return ProblemKind::InvalidRequest;
    case base::ErrorCode::Unauthenticated:
      return ProblemKind::Unauthenticated;
    case base::ErrorCode::Forbidden:
      return ProblemKind::Forbidden;
    case base::ErrorCode::NotFound:
      return ProblemKind::NotFound;
    case base::ErrorCode::Conflict:
      return ProblemKind::Conflict;
    case base::ErrorCode::Gone:
      return ProblemKind::Gone;
    case base::ErrorCode::Precondition:
      return ProblemKind::Precondition;
    case base::ErrorCode::TooLarge:
      return ProblemKind::TooLarge;
    // What failed authentication in the store is the operator's matter; the caller learns that it can't be had now.
    case base::ErrorCode::Integrity:
    case base::ErrorCode::Unavailable:
      return ProblemKind::Unavailable;
  }
  return ProblemKind::Unavailable;
}

int status_of(ProblemKind kind) noexcept { return style_of(kind).status; }
const char* code_of(ProblemKind kind) noexcept { return style_of(kind).code; }

bool is_access_path(std::string_view path) noexcept { return path.substr(0, 8) == "/access/"; }

HttpResponse Problems::from(const base::Error& error, const ProblemContext& context) const {
  if (error.code() == base::ErrorCode::Unauthenticated) return unauthenticated(context);
  const bool hidden = error.code() == base::ErrorCode::Integrity;
  return make(kind_of(error.code()), context, hidden ? std::string_view() : std::string_view(error.message()),
              error.fields());
}

HttpResponse Problems::make(ProblemKind kind, const ProblemContext& context, std::string_view detail,
                            const std::vector<base::FieldError>& errors, int status) const {
  const Style style = style_of(kind);
  if (status == 0) status = style.status;
  if (status == 422 && (context.in_query || is_access_path(context.path))) status = 400;
  nlohmann::ordered_json document;
  document["type"] = base_ + "/problems/" + style.slug;
  document["title"] = style.title;
  document["status"] = status;
  document["code"] = style.code;
  if (!detail.empty() && detail != style.title) document["detail"] = std::string(detail);
  document["request_id"] = std::string(context.request_id);
  for (const auto& error : errors) {
    nlohmann::ordered_json entry;
    entry["detail"] = error.detail;
    entry["pointer"] = as_fragment(error.pointer);
    if (error.line > 0) entry["line"] = error.line;
    document["errors"].push_back(entry);
  }
  HttpResponse response = to_response(document, status);
  if (kind == ProblemKind::Unavailable) response.with("Retry-After", "5");
  return response;
}

HttpResponse Problems::method_not_allowed(const ProblemContext& context, const std::string& allow) const {
  HttpResponse response = make(ProblemKind::MethodNotAllowed, context);
  response.with("Allow", allow);
  return response;
}

HttpResponse Problems::unauthenticated(const ProblemContext& context) const {
  HttpResponse response = make(ProblemKind::Unauthenticated, context);
  response.with("WWW-Authenticate", "Bearer realm=\"egide\"");
  return response;
}

HttpResponse Problems::too_many_requests(const ProblemContext& context, std::string_view policy,
                                         unsigned retry_after) const {
  const Style style = style_of(ProblemKind::TooManyRequests);
  nlohmann::ordered_json document;
  document["type"] = "https://iana.org/assignments/http-problem-types#quota-exceeded";
  document["title"] = style.title;
  document["status"] = style.status;
  document["code"] = style.code;
  document["violated-policies"] = nlohmann::ordered_json::array();
  document["violated-policies"].push_back(std::string(policy));
  document["request_id"] = std::string(context.request_id);
  HttpResponse response = to_response(document, style.status);
  response.with("Retry-After", std::to_string(retry_after));
  return response;
}

}  // namespace egide::api
