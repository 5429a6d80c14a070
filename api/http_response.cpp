#include "egide/api/http_response.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "chars.h"
#include "egide/base/log.h"

namespace egide::api {
namespace {

const char* reason_of(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 207:
      return "Multi-Status";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

HttpResponse& HttpResponse::with(std::string_view name, std::string value) {
  if (all(value, kFieldByte) && !name.empty() && all(name, kToken)) {
    headers.emplace_back(std::string(name), std::move(value));
  } else {
    base::log(base::LogLevel::Error, "http.header_dropped");
  }
  return *this;
}

HttpResponse HttpResponse::json(int status, const base::Json& value) {
  // Stored text is valid UTF-8; should one value not be, the rest of the answer is still worth having.
  return json_text(status, value.dump(-1, ' ', false, base::Json::error_handler_t::replace));
}

HttpResponse HttpResponse::json_text(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(text);
  return response;
}

HttpResponse HttpResponse::text(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

HttpResponse HttpResponse::empty(int status) {
  HttpResponse response;
  response.status = status;
  return response;
}

void append_to_wire(std::string& out, const HttpResponse& response, const WireOptions& options) {
  const bool may_have_body = response.status >= 200 && response.status != 204 && response.status != 304;
  out.reserve(out.size() + 512 + (options.head_only ? 0 : response.body.size()));
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason_of(response.status));
  out.append("\r\n");
  if (may_have_body) {
    if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
    append_field(out, "Content-Length", std::to_string(response.body.size()));
  }
  append_field(out, "Cache-Control", response.cache_control);
  out.append("X-Content-Type-Options: nosniff\r\n");
  if (!options.request_id.empty()) append_field(out, "X-Request-ID", options.request_id);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (!options.keep_alive) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (may_have_body && !options.head_only) out.append(response.body);
}

}  // namespace egide::api
