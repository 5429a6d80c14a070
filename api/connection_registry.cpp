#include "connection_registry.h"

namespace egide::api {

bool ConnectionRegistry::add(Connection* connection, std::size_t most) {
  const std::lock_guard lock(mutex_);
  connections_.insert(connection);
  size_.store(connections_.size(), std::memory_order_relaxed);
  return !stopping() && connections_.size() <= most;
}

void ConnectionRegistry::remove(Connection* connection) noexcept {
  const std::lock_guard lock(mutex_);
  if (connections_.erase(connection) == 0) return;
  size_.store(connections_.size(), std::memory_order_relaxed);
  if (connections_.empty()) changed_.notify_all();
}

void ConnectionRegistry::expire(Connection::Time now) {
  const std::lock_guard lock(mutex_);
  for (Connection* connection : connections_) connection->expire(now, stopping());
}

bool ConnectionRegistry::drain(std::chrono::milliseconds most) {
  const auto until = std::chrono::steady_clock::now() + most;
  std::unique_lock lock(mutex_);
  while (!connections_.empty()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return false;
    for (Connection* connection : connections_) connection->expire(now, true);
    changed_.wait_for(lock, std::chrono::milliseconds(10));
  }
  return true;
}

void ConnectionRegistry::cut_all() noexcept {
  const std::lock_guard lock(mutex_);
  for (Connection* connection : connections_) connection->cut();
}

}  // namespace egide::api
