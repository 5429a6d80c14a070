// Server listens on a TCP address and answers HTTP/1.1. TLS ends in a proxy in front of it
// (docs/decisions/0003-own-http-parser-before-pistache.md).
//
// A handler blocks one of `threads` I/O threads: that many requests can wait for their commit at a time.
// Thread safety: start() and stop() from one thread; port() and connections() from any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "egide/api/dispatcher.h"
#include "egide/api/http_guard.h"
#include "egide/base/result.h"

namespace egide::api {

struct ServerOptions {
  std::string address = "127.0.0.1";  // an IP address
  std::uint16_t port = 0;             // 0: the system chooses
  // Set only where a TLS proxy stands in front: without it any address but loopback is refused.
  bool allow_non_loopback = false;
  int threads = 64;
  std::size_t max_connections = 4096;  // lowered to what the file descriptor limit leaves
  GuardLimits limits{};
  std::chrono::milliseconds header_timeout{5000};
  // For the body; begins again with every 64 KiB received, so it is a least speed and not a greatest size.
  std::chrono::milliseconds body_timeout{5000};
  std::chrono::milliseconds keepalive_timeout{30000};
  std::chrono::milliseconds write_timeout{30000};  // without any progress
  std::chrono::milliseconds drain_timeout{10000};  // stop(): for the requests under way
};

class Server {
 public:
  // `dispatcher` outlives the server.
  Server(ServerOptions options, Dispatcher& dispatcher);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // InvalidRequest for an address that is refused, Unavailable when it can't be bound. Ignores SIGPIPE from now on.
  base::Result<void> start();
  std::uint16_t port() const noexcept;
  std::size_t connections() const noexcept;
  // Takes no new request, lets the running ones end and their answers leave, closes. Safe to call twice.
  void stop() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace egide::api
