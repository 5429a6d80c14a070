// GET /metrics on a listener of its own, so that a monitoring network never reaches the API and the other way round.
// Without authentication: bind it to loopback or to an address only the monitoring reaches.
//
// Thread safety: start() and stop() from one thread; port() from any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "egide/api/metrics.h"
#include "egide/api/server.h"
#include "egide/base/result.h"

namespace egide::api {

class MetricsServer {
 public:
  // `vault` and `metrics` outlive it. InvalidRequest for an address that is refused, Unavailable when it can't be
  // bound.
  static base::Result<std::unique_ptr<MetricsServer>> start(vault::Vault& vault, const Metrics& metrics,
                                                            ServerOptions options);
  ~MetricsServer();  // stops
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  std::uint16_t port() const noexcept;
  void stop() noexcept;

 private:
  struct Parts;
  explicit MetricsServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace egide::api
