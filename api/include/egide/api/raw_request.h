// One HTTP request as it came, after http_guard found its framing beyond doubt. Nothing is decoded yet.
//
// Views returned here are valid as long as the request is neither changed nor moved.
// Thread safety: as a plain value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/api/method.h"

namespace egide::api {

struct RawRequest {
  struct Span {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  struct Field {
    Span name;
    Span value;  // without white space around it
  };

  Method method = Method::Get;
  int minor_version = 1;  // of HTTP/1.x
  bool keep_alive = true;
  std::string head;  // request line and fields, with their line ends
  Span request_target;
  std::vector<Field> fields;
  std::string body;

  std::string_view text(Span span) const noexcept { return std::string_view(head).substr(span.begin, span.size); }
  std::string_view target() const noexcept { return text(request_target); }
  std::string_view path() const noexcept;   // the target up to '?'
  std::string_view query() const noexcept;  // after '?', empty where there is none
  // The first field of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
  void clear() noexcept;  // keeps the memory
};

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;  // ASCII

}  // namespace egide::api
