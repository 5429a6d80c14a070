// The configuration file of `egide serve` (--config FILE): JSON, every member optional, unknown ones refused. What the
// command line says wins.
//
//   {"listen": "127.0.0.1:8080", "public_url": "https://vault.example.org", "behind_proxy": true, "threads": 64,
//    "caller_rate": {"quota": 6000, "window_s": 10}, "address_rate": {"quota": 20000, "window_s": 10},
//    "log_file": "/var/log/egide.log", "forward": {...}}
//
// `forward`: forward-auth for proxies, docs/forward-auth.md.
#pragma once

#include <cstdint>
#include <string>

#include "egide/api/forward.h"
#include "egide/base/result.h"

namespace egide::app {

struct Rate {
  std::uint32_t quota = 0;  // 0: no limit
  std::uint32_t window_s = 10;
};

struct Configuration {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string public_url;     // empty: http://<listen>
  bool behind_proxy = false;  // a TLS proxy stands in front: other addresses than loopback are allowed
  int threads = 64;
  Rate caller_rate{6000, 10};
  Rate address_rate{20000, 10};
  std::string log_file;
  api::ForwardOptions forward;
};

// "127.0.0.1:8080", "[::1]:0", ":8080".
base::Result<void> set_listen(Configuration& configuration, const std::string& text);
// Key files are named relative to the configuration file. crypto::initialize() comes first.
base::Result<Configuration> read_configuration(const std::string& path);

}  // namespace egide::app
