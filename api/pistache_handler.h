// The bridge between Pistache's sockets and egide's connections. Included by server.cpp only.
#pragma once

#include <pistache/http.h>
#include <pistache/peer.h>

#include <memory>

#include "server_core.h"

namespace egide::api {

// Takes the bytes before Pistache's own HTTP parser would (its onInput is a private virtual function). Pistache
// copies the handler for each of its threads; all copies share the core.
class PistacheHandler final : public Pistache::Http::Handler {
 public:
  HTTP_PROTOTYPE(PistacheHandler)

  explicit PistacheHandler(ServerCore& core) : core_(&core) {}

  // Only Pistache's parser would call it.
  void onRequest(const Pistache::Http::Request& request, Pistache::Http::ResponseWriter response) override;
  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override;

 private:
  void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override;
  void onInput(const char* buffer, size_t len, const std::shared_ptr<Pistache::Tcp::Peer>& peer) override;

  ServerCore* core_;
};

}  // namespace egide::api
