// The configuration file of `egide serve` (--config FILE): JSON, every member optional, unknown ones refused. What the
// command line says wins.
//
//   {"listen": "127.0.0.1:8080", "public_url": "https://vault.example.org", "behind_proxy": true, "threads": 64,
//    "caller_rate": {"quota": 6000, "window_s": 10}, "address_rate": {"quota": 20000, "window_s": 10},
//    "metrics_listen": "127.0.0.1:9464", "log_file": "/var/log/egide.log",
//    "epoch_keep_days": 30, "epoch_mirror": "/mnt/other/egide"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "egide/base/result.h"

namespace egide::app {

struct Rate {
  std::uint32_t quota = 0;  // 0: no limit
  std::uint32_t window_s = 10;
};

struct Listen {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
};

struct Configuration {
  Listen listen{"127.0.0.1", 8080};
  std::optional<Listen> metrics;  // nothing: no metrics
  std::string public_url;         // empty: http://<listen>
  bool behind_proxy = false;      // a TLS proxy stands in front: other addresses than loopback are allowed
  int threads = 64;
  Rate caller_rate{6000, 10};
  Rate address_rate{20000, 10};
  std::string log_file;
  int epoch_keep_days = 30;  // after these an erasure has reached every backup
  std::string epoch_mirror;  // empty: none
};

// "127.0.0.1:8080", "[::1]:0", ":8080" (on 127.0.0.1).
base::Result<Listen> parse_listen(const std::string& text);
base::Result<Configuration> read_configuration(const std::string& path);

}  // namespace egide::app
