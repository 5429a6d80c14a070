// What the connections of one server share.
#pragma once

#include "connection_registry.h"
#include "egide/api/dispatcher.h"
#include "egide/api/server.h"

namespace egide::api {

struct ServerCore {
  ServerCore(ServerOptions server_options, Dispatcher& server_dispatcher)
      : options(std::move(server_options)), dispatcher(server_dispatcher) {}

  ServerOptions options;
  Dispatcher& dispatcher;
  ConnectionRegistry registry;
};

}  // namespace egide::api
