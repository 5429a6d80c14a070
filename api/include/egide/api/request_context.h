// What a handler gets: the request, who calls, the values of the path, the parsed body.
// Thread safety: used by the one thread that handles the request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "egide/api/authenticator.h"
#include "egide/api/http_request.h"
#include "egide/api/problem.h"
#include "egide/api/router.h"
#include "egide/base/json.h"

namespace egide::api {

class RequestContext {
 public:
  RequestContext(const HttpRequest& request, const Caller& caller, const Route& route, const PathValues& values,
                 const base::Json* json, const Problems& problems)
      : request_(request), caller_(caller), route_(route), values_(values), json_(json), problems_(problems) {}

  const HttpRequest& request() const noexcept { return request_; }
  const Caller& caller() const noexcept { return caller_; }
  const Route& route() const noexcept { return route_; }
  // A `{name}` of the route's pattern; asking for one it does not have is a defect.
  const std::string& path_value(std::string_view name) const;
  // `limit` of a list: `fallback` where it is not given, InvalidRequest (400) when it is no number from 1 to `max`.
  base::Result<std::size_t> limit(std::size_t fallback, std::size_t max) const;
  // The body of a route with BodyKind Json, CloudEvents or MergePatch; never null there.
  const base::Json& json() const;
  // The value of If-Match where the route needs it, else empty.
  std::string_view if_match() const noexcept;

  // For answers that a base::Error can't say (406, 412 with a body of its own). Errors are simply returned.
  HttpResponse problem(ProblemKind kind, std::string_view detail = {}) const;
  const Problems& problems() const noexcept { return problems_; }
  ProblemContext problem_context() const noexcept {
    return {request_.request_id(), request_.path(), route_.body == BodyKind::None};
  }

 private:
  const HttpRequest& request_;
  const Caller& caller_;
  const Route& route_;
  const PathValues& values_;
  const base::Json* json_;
  const Problems& problems_;
};

// Strong entity tags made of a version number (RFC 9110, 8.8.3).
std::string etag_of(std::uint64_t version);                             // "\"7\""
bool if_none_match(const HttpRequest& request, std::string_view etag);  // true: answer 304

}  // namespace egide::api
