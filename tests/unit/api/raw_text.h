// A RawRequest from its text, for tests that need no socket.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "egide/api/http_guard.h"

namespace egide::api {

inline RawRequest raw_request(std::string_view text) {
  static const GuardLimits limits;
  HttpGuard guard(limits);
  guard.feed(text);
  if (guard.state() != HttpGuard::State::Complete) throw std::runtime_error("not one whole request");
  return guard.request();
}

// `fields`: whole lines, each with its CRLF.
inline RawRequest raw_request(const std::string& line, const std::string& fields, const std::string& body = "") {
  return raw_request(line + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields +
                     "\r\n" + body);
}

}  // namespace egide::api
