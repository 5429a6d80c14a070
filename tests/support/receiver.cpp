#include "egide/testing/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <stdexcept>

namespace egide::testing {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Received parse_head(const std::string& head) {
  Received out;
  const auto first = head.find("\r\n");
  const auto space = head.find(' ');
  out.path = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
  for (std::size_t at = first + 2; at < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto line = head.substr(at, end - at);
    if (const auto colon = line.find(": "); colon != std::string::npos)
      out.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = end + 2;
  }
  return out;
}

bool read_request(int fd, Received& out) {
  std::string buffer;
  char chunk[16384];
  std::size_t wanted = std::string::npos;
  while (buffer.size() < wanted) {
    const auto got = ::recv(fd, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    buffer.append(chunk, static_cast<std::size_t>(got));
    if (std::isupper(static_cast<unsigned char>(buffer[0])) == 0) return false;  // a TLS greeting, say
    const auto end = buffer.find("\r\n\r\n");
    if (wanted != std::string::npos || end == std::string::npos) continue;
    out = parse_head(buffer.substr(0, end + 2));
    const auto length = out.headers.find("content-length");
    wanted = end + 4 + (length == out.headers.end() ? 0 : std::stoul(length->second));
  }
  out.body = buffer.substr(buffer.find("\r\n\r\n") + 4);
  return true;
}

void send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto now = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return;
    sent += static_cast<std::size_t>(now);
  }
}

}  // namespace

Receiver::Receiver(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no loopback port");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

Receiver::~Receiver() {
  stopping_.store(true);
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string Receiver::url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

std::vector<Received> Receiver::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void Receiver::serve() {
  while (!stopping_.load()) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    Received request;
    if (read_request(fd, request)) {
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(request);
      }
      send_all(fd, handler_(request));
    }
    ::close(fd);
  }
}

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + headers +
         "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace egide::testing
