// The server of one open vault: accounts as credentials, every route, durable idempotency, HTTP.
//
// Thread safety: start() and stop() from one thread; port() from any.
#pragma once

#include <cstdint>
#include <memory>

#include "egide/api/controller.h"
#include "egide/api/dispatcher.h"
#include "egide/api/forward.h"
#include "egide/api/server.h"
#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/outbound/target.h"

namespace egide::vault {
class Vault;
}

namespace egide::api {

struct ApplicationOptions {
  ServerOptions server{};
  DispatcherOptions dispatcher{};
  ForwardOptions forward{};
  RequestObserver* observer = nullptr;
  Controller controller{};
  bool readable_outbox = false;        // demonstrations only: who reads a mail can answer it
  const base::Clock* clock = nullptr;  // of the rate limits; nullptr: the system's
  outbound::Policy outbound{};         // where webhooks may lead
};

class Application {
 public:
  // Answers requests when it returns. `vault`, and what `options` points to, outlive it. InvalidRequest for an address
  // that is refused or a forward-auth profile that can't work, Unavailable when it can't be bound.
  static base::Result<std::unique_ptr<Application>> start(vault::Vault& vault, ApplicationOptions options);
  ~Application();  // stops
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  std::uint16_t port() const noexcept;
  const Router& router() const noexcept;
  // Ends the running requests, closes. Safe to call twice.
  void stop() noexcept;

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// The OpenAPI 3.1 document that describes the routes, as JSON text.
const std::string& openapi_json();

}  // namespace egide::api
