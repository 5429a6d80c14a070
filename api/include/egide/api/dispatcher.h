// Dispatcher turns a request into an answer: request id, limits, route, caller, role, body, idempotency, handler,
// in that order. It knows no socket, so it is tested without one.
//
// It never throws and never answers 500: an exception of a handler becomes 503 with a fixed text, and a log line with
// the route and the request id.
// Thread safety: handle() may be called from many threads.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "egide/api/authenticator.h"
#include "egide/api/http_guard.h"
#include "egide/api/idempotency.h"
#include "egide/api/problem.h"
#include "egide/api/rate_limiter.h"
#include "egide/api/router.h"
#include "egide/base/clock.h"

namespace egide::api {

// Told about every answer, for metrics. `route` is a route's name, or "none".
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void answered(std::string_view route, int status, std::chrono::nanoseconds took) noexcept = 0;
};

struct DispatcherOptions {
  std::string public_base_url = "http://127.0.0.1:8080";
  RatePolicy address_rate{};  // for each remote address, before authentication
  RatePolicy caller_rate{};   // for each caller, after it
  std::size_t max_rate_buckets = 65536;
  // A proxy stands in front: the last element of X-Forwarded-For, which it wrote, is the remote address.
  bool trust_forwarded_for = false;
  std::size_t max_json_bytes = 8U << 20;
};

// Ports may be null where a server needs none: without authenticator only public routes answer, without store
// Idempotency-Key is refused with 503.
struct DispatcherPorts {
  const Router* router = nullptr;
  Authenticator* authenticator = nullptr;
  IdempotencyStore* idempotency = nullptr;
  const base::Clock* clock = nullptr;
  RequestObserver* observer = nullptr;
};

struct Answer {
  HttpResponse response;
  std::string request_id;
};

class Dispatcher {
 public:
  Dispatcher(DispatcherOptions options, DispatcherPorts ports);

  Answer handle(const RawRequest& raw, std::string_view peer_address) noexcept;
  // The answers to requests that never became one: refused by the guard, timed out, or sent to a stopping server.
  Answer refuse(const GuardError& error, const RawRequest& so_far) noexcept;
  Answer unavailable(const RawRequest& so_far) noexcept;
  const Problems& problems() const noexcept { return problems_; }

 private:
  HttpResponse run(const RawRequest& raw, std::string_view peer, const std::string& id, std::string_view& route);
  HttpResponse run_route(const HttpRequest& request, const RouteMatch& match, const Caller& caller);
  HttpResponse run_once(const HttpRequest& request, const RouteMatch& match, const Caller& caller);
  HttpResponse run_handler(const HttpRequest& request, const RouteMatch& match, const Caller& caller);

  const DispatcherOptions options_;
  const DispatcherPorts ports_;
  const Problems problems_;
  RateLimiter address_limiter_;
  RateLimiter caller_limiter_;
};

}  // namespace egide::api
