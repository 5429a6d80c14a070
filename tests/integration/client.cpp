#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace egide::testing {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool has(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return lower(h.first) == lower(name); });
}

void parse_head(std::string_view head, Reply& reply) {
  reply.status = std::stoi(std::string(head.substr(9, 3)));
  auto line = head.find("\r\n");
  while (line + 4 < head.size()) {
    const auto begin = line + 2;
    const auto end = head.find("\r\n", begin);
    const auto colon = head.find(": ", begin);
    reply.headers[lower(head.substr(begin, colon - begin))] = std::string(head.substr(colon + 2, end - colon - 2));
    line = end;
  }
}

}  // namespace

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Json Reply::json() const { return Json::parse(body, nullptr, false); }

std::string Reply::code() const {
  const Json document = json();
  return document.is_object() && document.contains("code") ? document.at("code").get<std::string>() : std::string();
}

Client::Client(std::uint16_t port, std::string token) : port_(port), token_(std::move(token)) {}
Client::~Client() { close(); }

void Client::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool Client::connect() {
  if (fd_ >= 0) return true;
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{60, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool Client::exchange(std::string_view bytes, bool head_only, Reply& reply) {
  if (!connect()) return false;
  // A server that refuses a request early closes while it is still being sent; its answer is read all the same.
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string buffer;
  char chunk[65536];
  std::size_t end = std::string::npos, wanted = 0;
  while (end == std::string::npos || buffer.size() < wanted) {
    const auto got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    buffer.append(chunk, static_cast<std::size_t>(got));
    if (end != std::string::npos) continue;
    end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    parse_head(std::string_view(buffer).substr(0, end + 2), reply);
    const auto length = reply.header("content-length");
    wanted = end + 4 + (length.empty() || head_only ? 0 : std::stoul(length));
  }
  reply.body = buffer.substr(end + 4);
  if (reply.header("connection") == "close") close();
  return true;
}

Reply Client::raw(std::string_view bytes) {
  Reply reply;
  if (!exchange(bytes, false, reply)) {
    close();
    throw std::runtime_error("no answer");
  }
  return reply;
}

Reply Client::send(std::string_view method, std::string_view path, std::string_view body, const Headers& headers) {
  std::string text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: vault.example.org\r\n";
  if (!token_.empty() && !has(headers, "authorization")) text += "Authorization: Bearer " + token_ + "\r\n";
  if (!body.empty() && !has(headers, "content-type")) text += "Content-Type: application/json\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST" || method == "PATCH")
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;
  Reply reply;
  if (exchange(text, method == "HEAD", reply)) return reply;
  // The kept connection had ended between two requests: once more on a new one.
  close();
  reply = Reply();
  if (!exchange(text, method == "HEAD", reply)) {
    close();
    throw std::runtime_error("no answer");
  }
  return reply;
}

}  // namespace egide::testing
