// The configuration file of `egide serve` (--config FILE): JSON, every member optional, unknown ones refused. What the
// command line says wins.
//
//   {"listen": "127.0.0.1:8080", "public_url": "https://vault.example.org", "behind_proxy": true, "threads": 64,
//    "caller_rate": {"quota": 6000, "window_s": 10}, "address_rate": {"quota": 20000, "window_s": 10},
//    "metrics_listen": "127.0.0.1:9464", "log_file": "/var/log/egide.log", "generic_policies": ["library.json"],
//    "tool_types": ["application"], "person_types": ["person"],
//    "controller": {"url": "https://association.example.org/", "contact": "DPO", "email": "dpo@example.org",
//                   "phone": "+33 2 00 00 00 00", "street": "1 rue de l'Exemple", "postal_code": "35000",
//                   "locality": "Rennes", "country": "FR"},
//    "mail": {"url": "smtp://mail.example.org:587", "from": "vault@example.org",
//             "credentials_file": "/etc/egide/mail.credentials"},
//    "outbound": {"allow": ["10.2.0.0/16"], "ports": [443, 8443]},
//    "epoch_keep_days": 30, "epoch_mirror": "/mnt/other/egide",
//    "forward": {...}}
//
// `forward`: forward-auth for proxies, docs/forward-auth.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "egide/api/controller.h"
#include "egide/api/forward.h"
#include "egide/base/result.h"
#include "egide/outbound/target.h"

namespace egide::app {

struct Rate {
  std::uint32_t quota = 0;  // 0: no limit
  std::uint32_t window_s = 10;
};

struct MailSettings {
  std::string url;   // "smtp://host:587" or "smtps://host"; empty: mails wait in the outbox
  std::string from;  // address of the sender
  std::string credentials_file;
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
  outbound::Policy outbound;  // where webhooks may lead, beyond https to public addresses
  std::string log_file;
  std::vector<std::string> generic_policies;  // files; a relative path begins at the configuration file's folder
  // AuthZEN types that mean a registered tool (as subjects) and a person of the vault (as resources).
  std::vector<std::string> tool_types{"application"}, person_types{"person"};
  api::Controller controller{};
  MailSettings mail{};
  api::ForwardOptions forward;
  bool readable_outbox = false;  // `egide demo` alone
  int epoch_keep_days = 30;      // after these an erasure has reached every backup
  std::string epoch_mirror;      // empty: none
};

// "127.0.0.1:8080", "[::1]:0", ":8080" (on 127.0.0.1).
base::Result<Listen> parse_listen(const std::string& text);
// Key files are named relative to the configuration file. crypto::initialize() comes first.
base::Result<Configuration> read_configuration(const std::string& path);

}  // namespace egide::app
