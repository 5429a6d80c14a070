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

// `started` is called with the server's address once it answers. Unavailable when the log could no longer be written:
// the process is to end, and what was acknowledged is durable.
base::Result<void> serve_until_stopped(vault::Vault& vault, const Configuration& configuration,
                                       const std::function<base::Result<void>(const std::string& url)>& started);

}  // namespace egide::app
