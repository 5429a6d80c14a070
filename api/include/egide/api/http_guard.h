// HttpGuard finds where an HTTP/1.1 request ends, or says that it can't be known (RFC 9112).
//
// It is the only code of egide that reads bytes of the network before anybody is authenticated, so it is strict
// where the RFC lets a server choose: two readers who disagree about a request's end are how one person's request
// gets another person's answer (RFC 9112, 11.2). Refused: bare CR or LF, white space before a colon, folded lines,
// any Transfer-Encoding, Content-Length that is not digits only or comes twice, a missing or second Host, absolute
// targets, unknown methods and versions, and a second copy of any field that decides something.
//
// The result does not depend on how the bytes were cut into pieces. After Failed nothing more is read: the caller
// answers once and closes.
//
// Thread safety: none; one guard a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "egide/api/raw_request.h"

namespace egide::api {

struct BodyLimit {
  Method method = Method::Post;
  std::string path{};  // exact, as it stands in the request line
  std::size_t bytes = 0;
};

struct GuardLimits {
  std::size_t max_target = 4096;         // bytes of the request target; 414 above
  std::size_t max_head = 16384;          // bytes of request line and fields; 431 above
  std::size_t max_fields = 100;          // 431 above
  std::size_t max_body = 1 << 20;        // 413 above
  std::vector<BodyLimit> body_limits{};  // for single routes
};

// What is wrong with a request, in fixed words that quote nothing of it.
struct GuardError {
  int status = 400;
  const char* detail = "";
};

class HttpGuard {
 public:
  enum class State : std::uint8_t { Head, Body, Complete, Failed };

  // `limits` is shared by all connections and outlives the guard.
  explicit HttpGuard(const GuardLimits& limits) : limits_(limits) {}

  // Reads from `input` what belongs to the present request; returns how many bytes that was. In Complete and
  // Failed it reads nothing.
  std::size_t feed(std::string_view input);

  State state() const noexcept { return state_; }
  // True once a request has begun.
  bool begun() const noexcept { return state_ != State::Head || !request_.head.empty(); }
  const GuardError& error() const noexcept { return error_; }      // in Failed
  const RawRequest& request() const noexcept { return request_; }  // whole in Complete; the fields so far otherwise
  // True once a request where the client holds its body back until it is told "100 Continue".
  bool take_continue() noexcept;
  // From Complete to the next request of the connection.
  void next() noexcept;

 private:
  std::size_t feed_head(std::string_view input);
  std::size_t feed_body(std::string_view input);
  void end_line();
  bool parse_request_line(std::string_view line);
  bool parse_field(std::string_view line, std::size_t at);
  bool take_field(std::string_view name, std::string_view value);
  void end_head();
  std::size_t body_limit() const noexcept;
  bool fail(int status, const char* detail) noexcept;

  const GuardLimits& limits_;
  RawRequest request_;
  State state_ = State::Head;
  GuardError error_;
  std::size_t line_begin_ = 0;
  std::size_t body_left_ = 0;
  std::uint64_t content_length_ = 0;
  std::uint32_t seen_ = 0;  // one bit for each field that may come only once
  bool after_cr_ = false;
  bool wants_continue_ = false;
};

}  // namespace egide::api
