#include "pistache_handler.h"

#include <sched.h>
#include <sys/socket.h>

#include "egide/base/log.h"

namespace egide::api {
namespace {

using PeerPtr = std::shared_ptr<Pistache::Tcp::Peer>;

constexpr const char* kConnection = "egide";

std::shared_ptr<Connection> connection_of(const PeerPtr& peer) {
  return std::static_pointer_cast<Connection>(peer->tryGetData(kConnection));
}

// An exception that left a callback would end the process: the connection ends instead.
template <typename Work>
void guarded(const PeerPtr& peer, Work work) noexcept {
  try {
    work();
  } catch (...) {
    ::shutdown(peer->fd(), SHUT_RDWR);
  }
}

// I/O threads do not pre-empt the committer when a request arrives: it is what all of them wait for. Measured: a tenth
// more requests at 64 connections on two cores. Needs no privilege; where it is refused nothing is lost.
void yield_to_the_committer() noexcept {
  static thread_local const bool done = [] {
    const sched_param parameters{};
    return ::sched_setscheduler(0, SCHED_BATCH, &parameters) == 0;
  }();
  static_cast<void>(done);
}

void wait_for_room(const PeerPtr& peer) {
  // Nothing is written here: an empty buffer resolves when the socket takes bytes.
  peer->send(Pistache::RawBuffer(std::string(), 0), MSG_NOSIGNAL)
      .then(
          [weak = std::weak_ptr<Pistache::Tcp::Peer>(peer)](ssize_t) {
            const auto again = weak.lock();
            if (!again) return;
            guarded(again, [&again] {
              const auto open = connection_of(again);
              if (open && open->writable()) wait_for_room(again);
            });
          },
          [](const std::exception_ptr&) {});
}

}  // namespace

void PistacheHandler::onRequest(const Pistache::Http::Request&, Pistache::Http::ResponseWriter) {}

void PistacheHandler::onConnection(const PeerPtr& peer) {
  guarded(peer, [this, &peer] {
    // Pistache looks at this parser's clock twice a second; it never parses.
    peer->putData(ParserData, std::make_shared<Pistache::Http::RequestParser>(64));
    auto connection = std::make_shared<Connection>(*core_, peer->fd(), peer->address().host());
    peer->putData(kConnection, connection);
    if (!core_->registry.add(connection.get(), core_->options.max_connections)) connection->turn_away();
  });
}

void PistacheHandler::onDisconnection(const PeerPtr& peer) {
  guarded(peer, [this, &peer] {
    if (const auto connection = connection_of(peer)) core_->registry.remove(connection.get());
  });
}

void PistacheHandler::onInput(const char* buffer, size_t len, const PeerPtr& peer) {
  yield_to_the_committer();
  guarded(peer, [&] {
    const auto connection = connection_of(peer);
    if (connection && connection->received({buffer, len})) wait_for_room(peer);
  });
}

}  // namespace egide::api
