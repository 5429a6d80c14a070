// Runs the server until SIGTERM or SIGINT.
#pragma once

#include <functional>
#include <string>

#include "configuration.h"
#include "egide/base/result.h"
#include "egide/vault/vault.h"

namespace egide::app {

// Call before the first thread starts: the signals that end the server are waited for, not handled.
void hold_signals();

struct Served {
  std::string url;
  std::string metrics_url;  // empty: no metrics
};

// "http://127.0.0.1:8080".
std::string url_of(const Listen& listen);

// `started` is called with the server's addresses once it answers. Unavailable when the log could no longer be written:
// the process is to end, and what was acknowledged is durable.
base::Result<void> serve_until_stopped(vault::Vault& vault, const Configuration& configuration,
                                       const std::function<base::Result<void>(const Served&)>& started);

}  // namespace egide::app
