// A TCP client that sends exactly the bytes it is given, and a server with a few routes to send them to.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "egide/api/request_context.h"
#include "egide/api/server.h"
#include "egide/base/clock.h"

namespace egide::api {

struct ReceivedResponse {
  int status = 0;
  std::string head;
  std::string body;
  bool closes() const { return head.find("\r\nConnection: close\r\n") != std::string::npos; }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view bytes);  // false when the connection is gone
  // The next response on the connection; nothing when it ends (or nothing comes for 20 s) before that.
  std::optional<ReceivedResponse> receive(bool head_only = false);
  // True when the server ends the connection without sending anything more.
  bool ends();
  void finish_sending();
  void reset();  // ends with RST

 private:
  bool read_more();
  int fd_;
  std::string buffer_;
};

std::string get(std::string_view path, std::string_view fields = "");
std::string post(std::string_view path, std::string_view body, std::string_view fields = "");

// Closed until somebody opens it.
class Gate {
 public:
  void open();
  void pass();            // waits until it is open
  void wait_for_guest();  // waits until somebody waits in pass()

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int guests_ = 0;
  bool open_ = false;
};

// GET /hello, GET /big (5 MiB), POST /size (of the body), GET /throw, GET /wait (passes `gate`).
class TestServer {
 public:
  explicit TestServer(ServerOptions options = small());
  ~TestServer() { server.reset(); }  // before what it uses
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  static ServerOptions small();  // 4 threads
  std::uint16_t port() const { return server->port(); }

  Gate gate;
  std::unique_ptr<Server> server;

 private:
  base::SystemClock clock_;
  Router router_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

inline constexpr std::size_t kBigSize = 5U << 20;
// What GET /big answers at position `i`.
inline char big_byte(std::size_t i) { return static_cast<char>('a' + (i * 7 + i / 4096) % 26); }

}  // namespace egide::api
