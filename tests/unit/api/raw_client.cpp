#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace egide::api {
namespace {

constexpr RoleRule kTable[] = {{"hello", {Role::Public}},
                               {"big", {Role::Public}},
                               {"size", {Role::Public}},
                               {"throw", {Role::Public}},
                               {"wait", {Role::Public}}};

Route route(Method method, const std::string& path, BodyKind body, RouteHandler handler) {
  Route out;
  out.method = method;
  out.pattern = path;
  out.name = path.substr(1);
  out.body = body;
  out.handler = std::move(handler);
  return out;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_buffer != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("can't connect");
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::read_more() {
  char chunk[65536];
  const auto got = ::recv(fd_, chunk, sizeof chunk, 0);
  if (got <= 0) return false;
  buffer_.append(chunk, static_cast<std::size_t>(got));
  return true;
}

std::optional<ReceivedResponse> RawClient::receive(bool head_only) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return std::nullopt;
  }
  ReceivedResponse response;
  response.head = buffer_.substr(0, end + 4);
  response.status = std::atoi(response.head.c_str() + 9);
  buffer_.erase(0, end + 4);
  std::size_t length = 0;
  const auto field = response.head.find("\r\nContent-Length: ");
  if (field != std::string::npos && !head_only)
    length = static_cast<std::size_t>(std::strtoul(response.head.c_str() + field + 18, nullptr, 10));
  while (buffer_.size() < length) {
    if (!read_more()) return std::nullopt;
  }
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

bool RawClient::ends() {
  if (!buffer_.empty()) return false;
  char byte = 0;
  const auto got = ::recv(fd_, &byte, 1, 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

void RawClient::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd_);
  fd_ = -1;
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++guests_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_; });
}

void Gate::wait_for_guest() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return guests_ > 0; });
}

ServerOptions TestServer::small() {
  ServerOptions options;
  options.threads = 4;
  return options;
}

TestServer::TestServer(ServerOptions options) : router_(kTable) {
  using Answered = base::Result<HttpResponse>;
  router_.add(route(Method::Get, "/hello", BodyKind::None,
                    [](const RequestContext&) -> Answered { return HttpResponse::text(200, "hello"); }));
  router_.add(route(Method::Get, "/big", BodyKind::None, [](const RequestContext&) -> Answered {
    std::string body(kBigSize, ' ');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = big_byte(i);
    return HttpResponse::text(200, std::move(body));
  }));
  router_.add(route(Method::Post, "/size", BodyKind::Raw, [](const RequestContext& in) -> Answered {
    return HttpResponse::text(200, std::to_string(in.request().body().size()));
  }));
  router_.add(route(Method::Get, "/throw", BodyKind::None,
                    [](const RequestContext&) -> Answered { throw std::runtime_error("secret text"); }));
  router_.add(route(Method::Get, "/wait", BodyKind::None, [this](const RequestContext&) -> Answered {
    gate.pass();
    return HttpResponse::text(200, "waited");
  }));
  dispatcher_ =
      std::make_unique<Dispatcher>(DispatcherOptions{}, DispatcherPorts{&router_, nullptr, nullptr, &clock_, nullptr});
  server = std::make_unique<Server>(std::move(options), *dispatcher_);
  if (!server->start()) throw std::runtime_error("the test server does not start");
}

}  // namespace egide::api
