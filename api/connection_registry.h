// The open connections of a server: their number is limited, their time too, and all of them end at stop().
//
// A connection leaves before its socket is closed, so that expire() and cut() never meet a number that already
// belongs to another socket.
// Thread safety: all functions may be called from many threads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <unordered_set>

#include "connection.h"

namespace egide::api {

class ConnectionRegistry {
 public:
  // Counted even when it returns false (full or stopping): the caller then turns the connection away.
  bool add(Connection* connection, std::size_t most);
  void remove(Connection* connection) noexcept;
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  void expire(Connection::Time now);
  void stop() noexcept { stopping_.store(true); }
  bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }
  // Waits until none is left, or for `most`; idle ones are closed meanwhile.
  bool drain(std::chrono::milliseconds most);
  void cut_all() noexcept;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_set<Connection*> connections_;
  std::atomic<std::size_t> size_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace egide::api
