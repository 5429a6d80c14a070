// One client connection: guard, pending output, and the time it has left. It knows the socket, not Pistache.
//
// All data are written with send() on the thread that received the request. Pistache's write queue finds its peer by
// file descriptor alone, so an answer that waits there while the client hangs up goes to whoever gets that number
// next; here the queue carries nothing, it only tells when a socket takes bytes again.
//
// Thread safety: received() and writable() on the connection's I/O thread. expire() and cut() on any other, while the
// connection is in the registry; `phase_` says whose turn it is.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "egide/api/http_guard.h"

namespace egide::api {

struct ServerCore;

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Connection(ServerCore& core, int fd, std::string remote_address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Both return true where output waits and the caller has yet to ask for the moment when the socket takes it: it
  // then calls writable() once.
  [[nodiscard]] bool received(std::string_view bytes);
  [[nodiscard]] bool writable();
  // Answers 503 and closes: the server is full or stopping.
  void turn_away();

  // Closes when its time is up; with `all_idle`, also when it only waits for a next request.
  void expire(Time now, bool all_idle) noexcept;
  void cut() noexcept;  // both directions, at once

 private:
  enum class Phase : std::uint8_t {
    Idle,     // between requests
    Reading,  // in the middle of one
    Busy,     // the I/O thread is at work on it
    Writing,  // output waits for the client to read
    Closing,  // answered for the last time, waits for the client to close
    Expired,  // expire() is at work on it
  };
  using Millis = std::chrono::milliseconds;

  bool enter() noexcept;
  bool leave() noexcept;  // whether to ask for writable(); nothing but `waiting_` may be touched after it
  void process(std::string_view input);
  void answer();
  void refuse();
  void flush() noexcept;
  void hold(std::string_view input);
  void discard(std::size_t bytes) noexcept;
  void finish_output() noexcept;  // the client sees the end of the stream after what was sent
  bool has_output() const noexcept { return sent_ < output_.size(); }
  void set_deadline(Time from, Millis span) noexcept;

  ServerCore& core_;
  const int fd_;
  const std::string remote_address_;
  HttpGuard guard_;
  std::string output_;
  std::size_t sent_ = 0;
  std::string held_;  // came while output waited
  std::size_t discarded_ = 0;
  std::size_t body_mark_ = 0;  // body bytes at which its time last began
  Time request_began_;
  Time body_began_;
  Time progress_;
  bool close_after_ = false;
  bool closing_ = false;
  bool waiting_ = false;  // asked for writable(); used by the I/O thread alone
  std::atomic<Phase> phase_{Phase::Idle};
  std::atomic<Time::rep> deadline_;
};

}  // namespace egide::api
