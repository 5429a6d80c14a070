#include "egide/api/server.h"

#include <arpa/inet.h>
#include <pistache/endpoint.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>

#include "egide/base/log.h"
#include "pistache_handler.h"

namespace egide::api {
namespace {

enum class AddressKind { Loopback, Other };

struct ParsedAddress {
  AddressKind kind;
  bool v6;
};

std::optional<ParsedAddress> parse_address(const std::string& text) {
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    const bool loopback = (ntohl(v4.s_addr) >> 24) == 127;
    return ParsedAddress{loopback ? AddressKind::Loopback : AddressKind::Other, false};
  }
  in6_addr v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1)
    return ParsedAddress{IN6_IS_ADDR_LOOPBACK(&v6) ? AddressKind::Loopback : AddressKind::Other, true};
  return std::nullopt;
}

// The process may open as many files as the system allows it; what is not needed otherwise is left to connections.
// Without descriptors Pistache's acceptor would turn in circles.
std::size_t connections_allowed(std::size_t wanted, int threads) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t reserved = 128 + static_cast<std::size_t>(threads) * 8;
  const std::size_t free = limit.rlim_cur > reserved ? static_cast<std::size_t>(limit.rlim_cur) - reserved : 16;
  return std::min(wanted, free);
}

// Runs a function a few times a second until it is told to stop.
class Ticker {
 public:
  template <typename Work>
  explicit Ticker(Work work)
      : thread_([this, work] {
          std::unique_lock lock(mutex_);
          while (!changed_.wait_for(lock, std::chrono::milliseconds(200), [this] { return stop_; })) work();
        }) {}
  ~Ticker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace

struct Server::Impl {
  Impl(ServerOptions options, Dispatcher& dispatcher) : core(std::move(options), dispatcher) {}

  ServerCore core;
  std::unique_ptr<Pistache::Http::Endpoint> endpoint;
  std::unique_ptr<Ticker> ticker;
  std::uint16_t port = 0;
};

Server::Server(ServerOptions options, Dispatcher& dispatcher)
    : impl_(std::make_unique<Impl>(std::move(options), dispatcher)) {}

Server::~Server() { stop(); }

base::Result<void> Server::start() {
  ServerOptions& options = impl_->core.options;
  const auto address = parse_address(options.address);
  if (!address) return base::invalid_request("The listen address must be an IP address");
  if (address->kind != AddressKind::Loopback && !options.allow_non_loopback) {
    return base::invalid_request(
        "egide listens on loopback addresses only, behind a TLS proxy; see docs/operations.md for the exception");
  }
  // A client that resets its connection must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  options.max_connections = connections_allowed(options.max_connections, options.threads);
  try {
    using Pistache::Http::Endpoint;
    const std::string host = address->v6 ? "[" + options.address + "]" : options.address;
    impl_->endpoint = std::make_unique<Endpoint>(Pistache::Address(host, Pistache::Port(options.port)));
    // Pistache's own time limits never strike: one of its ways to close a peer writes through the queue described in
    // connection.h, and none of them tells the handler.
    const auto never = std::chrono::hours(24 * 365 * 50);
    impl_->endpoint->init(Endpoint::options()
                              .threads(options.threads)
                              .threadsName("http")
                              .flags(Pistache::Tcp::Options::ReuseAddr | Pistache::Tcp::Options::NoDelay |
                                     Pistache::Tcp::Options::CloseOnExec)
                              .backlog(1024)
                              .headerTimeout(never)
                              .bodyTimeout(never)
                              .keepaliveTimeout(never));
    impl_->endpoint->setHandler(std::make_shared<PistacheHandler>(impl_->core));
    impl_->endpoint->serveThreaded();
    impl_->port = static_cast<std::uint16_t>(impl_->endpoint->getPort());
    impl_->ticker =
        std::make_unique<Ticker>([core = &impl_->core] { core->registry.expire(std::chrono::steady_clock::now()); });
  } catch (...) {
    impl_->endpoint.reset();
    return base::unavailable("The listen address can't be bound: is another server running on it?");
  }
  base::log(base::LogLevel::Info, "http.listening", {{"port", static_cast<unsigned>(impl_->port)}});
  return {};
}

std::uint16_t Server::port() const noexcept { return impl_->port; }
std::size_t Server::connections() const noexcept { return impl_->core.registry.size(); }

void Server::stop() noexcept {
  if (!impl_->endpoint) return;
  auto& registry = impl_->core.registry;
  registry.stop();
  const bool clean = registry.drain(impl_->core.options.drain_timeout);
  if (!clean) {
    registry.cut_all();
    registry.drain(std::chrono::milliseconds(1000));
  }
  impl_->ticker.reset();
  try {
    impl_->endpoint->shutdown();
    impl_->endpoint.reset();  // joins the I/O threads
  } catch (...) {
    base::log(base::LogLevel::Error, "http.stop_failed");
  }
  base::log(base::LogLevel::Info, "http.stopped", {{"clean", clean}});
}

}  // namespace egide::api
