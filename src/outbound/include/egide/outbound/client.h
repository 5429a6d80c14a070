// The one function through which egide calls addresses that people have typed.
//
// Thread safety: a Client and a Resolver may be called from many threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "egide/base/result.h"
#include "egide/outbound/target.h"

namespace egide::outbound {

inline constexpr std::size_t kMaxAnswer = 64U << 10;  // of an answer's body; the rest is not read

struct Call {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{20'000};  // of the whole call after the name is resolved
  std::function<bool()> cancelled;            // looked at about once a second, on the calling thread
};

enum class Failure {
  None,        // there is an answer; its status may be any
  Refused,     // the rules of target.h: nothing was sent
  Unresolved,  // the name has no address
  Unreachable,
  Tls,  // no TLS 1.2 or newer, or a certificate that does not hold for the name
  Timeout,
  Broken,  // the connection ended, or the answer is no HTTP
  Cancelled,
};
std::string_view name_of(Failure failure) noexcept;  // "refused", "timeout"; "" for None

struct Answer {
  Failure failure = Failure::Broken;
  int status = 0;
  std::optional<std::chrono::seconds> retry_after;  // from now
  std::string body;                                 // at most kMaxAnswer
  std::chrono::milliseconds duration{0};
};

class Client {
 public:
  virtual ~Client() = default;
  virtual Answer post(const Call& call) = 0;
  // Whether `url` may be called, before any call: InvalidRequest as parse_target().
  virtual base::Result<void> check(std::string_view url) const = 0;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Every address of the name; an empty list or an error where there is none.
  virtual base::Result<std::vector<Address>> resolve(const std::string& host) = 0;
};
std::unique_ptr<Resolver> system_resolver();

// Resolves once, looks at every address, and connects only to one that was looked at. Refused when any address of the
// name may not be called: a name with a public and a private address is somebody's trick.
std::unique_ptr<Client> make_client(Policy policy, std::unique_ptr<Resolver> resolver = system_resolver());

}  // namespace egide::outbound
