// HttpResponse is what a handler answers, and how it is written to the wire.
//
// Every answer carries Cache-Control (no-store unless the handler says otherwise), X-Content-Type-Options: nosniff,
// Content-Length and X-Request-ID.
// Thread safety: a plain value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "egide/base/ids.h"
#include "egide/base/json.h"

namespace egide::api {

struct HttpResponse {
  int status = 200;
  std::string content_type;  // empty where there is no body
  std::string body;
  std::string cache_control = "no-store";
  std::vector<std::pair<std::string, std::string>> headers;  // besides those above
  // The person whose data the answer holds: a copy that is kept dies with them. Never on the wire.
  std::optional<base::SubjectId> concerns{};

  // Adds a header; a value with control characters is dropped, since it would forge the next line.
  HttpResponse& with(std::string_view name, std::string value);

  static HttpResponse json(int status, const base::Json& value);
  static HttpResponse json_text(int status, std::string text);
  static HttpResponse text(int status, std::string text);  // text/plain
  static HttpResponse empty(int status);                   // 204, 304
};

struct WireOptions {
  bool head_only = false;  // the answer to HEAD: Content-Length of the body that is left out
  bool keep_alive = true;
  std::string_view request_id{};
};
void append_to_wire(std::string& out, const HttpResponse& response, const WireOptions& options);

}  // namespace egide::api
