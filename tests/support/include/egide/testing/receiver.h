// A webhook receiver on a free loopback port: keeps what it got, answers what the test says. One request a connection.
//
// Thread safety: may be used from many threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace egide::testing {

struct Received {
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class Receiver {
 public:
  // Gives the whole answer, status line included; an empty one closes the connection without a word.
  using Handler = std::function<std::string(const Received&)>;
  explicit Receiver(Handler handler);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  std::string url(const std::string& path = "/hook") const;
  std::vector<Received> received() const;

 private:
  void serve();
  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::thread thread_;
};

// "HTTP/1.1 <status> x", with these header lines ("Name: value\r\n") and this body.
std::string http_answer(int status, const std::string& body = {}, const std::string& headers = {});

}  // namespace egide::testing
