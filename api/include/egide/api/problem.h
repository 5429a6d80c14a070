// Problem documents (RFC 9457): the one shape of every error answer.
//
// Members: type, title, status, code, request_id, and where useful detail and errors[]. Texts are fixed or come from
// base::Error, whose messages carry no personal data; nothing of the request is repeated.
// Thread safety: const functions, safe from many threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "egide/api/http_response.h"
#include "egide/base/result.h"

namespace egide::api {

enum class ProblemKind : std::uint8_t {
  MalformedRequest,      // 400, and the statuses of HttpGuard
  InvalidJson,           // 400
  InvalidRequest,        // 422; 400 under /access and for a URL
  Unauthenticated,       // 401
  Forbidden,             // 403
  NotFound,              // 404
  MethodNotAllowed,      // 405
  NotAcceptable,         // 406
  RequestTimeout,        // 408
  Conflict,              // 409
  Gone,                  // 410
  Precondition,          // 412
  TooLarge,              // 413
  UnsupportedMedia,      // 415
  ExpectationFailed,     // 417
  PreconditionRequired,  // 428
  TooManyRequests,       // 429
  Unavailable,           // 503
};

// The kind for a domain error; `path` decides between 422 and the 400 that AuthZEN wants.
ProblemKind kind_of(base::ErrorCode code) noexcept;
int status_of(ProblemKind kind) noexcept;
const char* code_of(ProblemKind kind) noexcept;  // the stable `code`
// AuthZEN 1.0 answers every mistake of a request with 400.
bool is_access_path(std::string_view path) noexcept;

struct ProblemContext {
  std::string_view request_id{};
  std::string_view path{};
  bool in_query = false;  // the request has no body, so what is invalid stands in its URL: 400, not 422
};

class Problems {
 public:
  // `public_base_url`: the https address clients know, without a slash at the end; `type` URIs begin with it.
  explicit Problems(std::string public_base_url) : base_(std::move(public_base_url)) {}

  HttpResponse from(const base::Error& error, const ProblemContext& context) const;
  // `status` 0: the kind's own.
  HttpResponse make(ProblemKind kind, const ProblemContext& context, std::string_view detail = {},
                    const std::vector<base::FieldError>& errors = {}, int status = 0) const;
  HttpResponse method_not_allowed(const ProblemContext& context, const std::string& allow) const;
  HttpResponse unauthenticated(const ProblemContext& context) const;
  HttpResponse too_many_requests(const ProblemContext& context, std::string_view policy, unsigned retry_after) const;

 private:
  std::string base_;
};

}  // namespace egide::api
