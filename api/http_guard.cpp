#include "egide/api/http_guard.h"

#include <algorithm>
#include <array>
#include <limits>

#include "chars.h"

namespace egide::api {
namespace {

// Fields that decide something: with two of them, a proxy and egide could each believe another one.
constexpr std::array<std::string_view, 18> kOnlyOnce = {"host",
                                                        "content-length",
                                                        "content-type",
                                                        "authorization",
                                                        "cookie",
                                                        "expect",
                                                        "x-request-id",
                                                        "idempotency-key",
                                                        "if-match",
                                                        "if-none-match",
                                                        "x-purpose",
                                                        "x-csrf-token",
                                                        "origin",
                                                        "range",
                                                        "content-encoding",
                                                        "x-http-method-override",
                                                        "x-forwarded-host",
                                                        "x-forwarded-proto"};

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Escapes are two hexadecimal digits and do not hide a control character.
bool escapes_are_sound(std::string_view target) noexcept {
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] != '%') continue;
    if (i + 2 >= target.size()) return false;
    const int high = hex_value(target[i + 1]);
    const int low = hex_value(target[i + 2]);
    if (high < 0 || low < 0) return false;
    const int byte = high * 16 + low;
    if (byte < 0x20 || byte == 0x7f) return false;
    i += 2;
  }
  return true;
}

bool has_list_member(std::string_view list, std::string_view member) noexcept {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equal_ignoring_case(trim(list.substr(0, comma)), member)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

bool HttpGuard::fail(int status, const char* detail) noexcept {
  error_ = GuardError{status, detail};
  state_ = State::Failed;
  wants_continue_ = false;
  return false;
}

std::size_t HttpGuard::feed(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size()) {
    if (state_ == State::Head) {
      used += feed_head(input.substr(used));
    } else if (state_ == State::Body) {
      used += feed_body(input.substr(used));
    } else {
      break;
    }
  }
  return used;
}

// Every limit is counted in bytes from the request's first one, so that the pieces it comes in make no difference.
std::size_t HttpGuard::feed_head(std::string_view input) {
  auto& head = request_.head;
  // Longest first line: method (7), two spaces, "HTTP/1.1", CRLF.
  const std::size_t first_line_limit = limits_.max_target + 19;
  std::size_t used = 0;
  while (used < input.size() && state_ == State::Head) {
    const bool in_first_line = line_begin_ == 0;
    const std::size_t limit = in_first_line ? std::min(first_line_limit, limits_.max_head) : limits_.max_head;
    if (head.size() >= limit) {
      if (in_first_line)
        fail(414, "The request line is longer than allowed");
      else
        fail(431, "The header is larger than allowed");
      break;
    }
    const char c = input[used];
    if (after_cr_) {
      if (c != '\n') {
        fail(400, "CR without LF");
        break;
      }
      head.push_back(c);
      ++used;
      after_cr_ = false;
      end_line();
    } else if (c == '\r') {
      head.push_back(c);
      ++used;
      after_cr_ = true;
    } else if (is(c, kFieldByte)) {
      const std::size_t most = std::min(input.size() - used, limit - head.size());
      std::size_t run = 1;
      while (run < most && is(input[used + run], kFieldByte)) ++run;
      head.append(input.substr(used, run));
      used += run;
    } else {
      fail(400, c == '\n' ? "LF without CR" : "A control character in the header");
    }
  }
  return used;
}

void HttpGuard::end_line() {
  const std::size_t begin = line_begin_;
  line_begin_ = request_.head.size();
  const std::string_view line = std::string_view(request_.head).substr(begin, line_begin_ - begin - 2);
  if (begin == 0) {
    parse_request_line(line);
  } else if (line.empty()) {
    end_head();
  } else {
    parse_field(line, begin);
  }
}

bool HttpGuard::parse_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail(400, "The request line is malformed");
  const auto method = parse_method(line.substr(0, first));
  if (!method) return fail(400, "The method is not known");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.1") {
    request_.minor_version = 1;
  } else if (version == "HTTP/1.0") {
    request_.minor_version = 0;
    request_.keep_alive = false;
  } else if (version.size() == 8 && version.substr(0, 5) == "HTTP/" && hex_value(version[5]) >= 0 &&
             version[6] == '.' && hex_value(version[7]) >= 0) {
    return fail(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here");
  } else {
    return fail(400, "The version is malformed");
  }
  if (target.size() > limits_.max_target) return fail(414, "The request target is longer than allowed");
  if (target.empty() || target.front() != '/') return fail(400, "The request target must begin with a slash");
  const auto mark = target.find('?');
  if (!all(target.substr(0, mark), kPathByte) ||
      (mark != std::string_view::npos && !all(target.substr(mark + 1), kQueryByte))) {
    return fail(400, "The request target holds a character that must be escaped");
  }
  if (!escapes_are_sound(target)) return fail(400, "A percent escape in the request target is malformed");
  request_.method = *method;
  request_.request_target = {first + 1, target.size()};
  return true;
}

bool HttpGuard::parse_field(std::string_view line, std::size_t at) {
  if (request_.fields.size() >= limits_.max_fields) return fail(431, "More header fields than allowed");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return fail(400, "A header line without a colon");
  const std::string_view name = line.substr(0, colon);
  // A folded line begins with white space, and a space before the colon ends up in the name: both fail here.
  if (name.empty() || !all(name, kToken)) return fail(400, "A header name is malformed");
  const std::string_view value = trim(line.substr(colon + 1));
  const auto value_at = at + static_cast<std::size_t>(value.data() - line.data());
  request_.fields.push_back({{at, name.size()}, {value.empty() ? at : value_at, value.size()}});
  return take_field(name, value);
}

bool HttpGuard::take_field(std::string_view name, std::string_view value) {
  if (equal_ignoring_case(name, "transfer-encoding")) return fail(400, "Transfer-Encoding is not accepted");
  if (equal_ignoring_case(name, "connection")) {
    if (has_list_member(value, "close")) request_.keep_alive = false;
    return true;
  }
  for (std::size_t i = 0; i < kOnlyOnce.size(); ++i) {
    if (!equal_ignoring_case(name, kOnlyOnce[i])) continue;
    const std::uint32_t bit = 1U << i;
    if ((seen_ & bit) != 0) return fail(400, "A header field that may come only once came twice");
    seen_ |= bit;
    break;
  }
  if (equal_ignoring_case(name, "host")) {
    if (value.empty() || !all(value, kHostByte)) return fail(400, "The Host field is malformed");
  } else if (equal_ignoring_case(name, "content-length")) {
    // Digits only; 18 of them can't overflow, and no body is that long.
    if (value.empty() || value.size() > 18) return fail(400, "The Content-Length field is malformed");
    content_length_ = 0;
    for (const char c : value) {
      if (c < '0' || c > '9') return fail(400, "The Content-Length field is malformed");
      content_length_ = content_length_ * 10 + static_cast<std::uint64_t>(c - '0');
    }
  } else if (equal_ignoring_case(name, "expect")) {
    if (!equal_ignoring_case(value, "100-continue")) return fail(417, "Only 100-continue can be expected");
    wants_continue_ = true;
  }
  return true;
}

std::size_t HttpGuard::body_limit() const noexcept {
  const auto path = request_.path();
  for (const auto& limit : limits_.body_limits) {
    if (limit.method == request_.method && limit.path == path) return limit.bytes;
  }
  return limits_.max_body;
}

void HttpGuard::end_head() {
  const bool has_host = (seen_ & 1U) != 0;
  if (request_.minor_version == 1 && !has_host) {
    fail(400, "The Host field is missing");
    return;
  }
  if (content_length_ > body_limit()) {
    fail(413, "The body is larger than allowed");
    return;
  }
  body_left_ = static_cast<std::size_t>(content_length_);
  // An HTTP/1.0 client can't understand an interim answer (RFC 9110, 10.1.1).
  wants_continue_ = wants_continue_ && request_.minor_version == 1 && body_left_ > 0;
  state_ = body_left_ == 0 ? State::Complete : State::Body;
}

std::size_t HttpGuard::feed_body(std::string_view input) {
  const std::size_t take = std::min(input.size(), body_left_);
  request_.body.append(input.substr(0, take));
  body_left_ -= take;
  if (body_left_ == 0) {
    state_ = State::Complete;
    wants_continue_ = false;
  }
  return take;
}

bool HttpGuard::take_continue() noexcept {
  const bool wanted = wants_continue_ && state_ == State::Body;
  if (wanted) wants_continue_ = false;
  return wanted;
}

void HttpGuard::next() noexcept {
  request_.clear();
  state_ = State::Head;
  line_begin_ = 0;
  body_left_ = 0;
  content_length_ = 0;
  seen_ = 0;
  after_cr_ = false;
  wants_continue_ = false;
}

}  // namespace egide::api
