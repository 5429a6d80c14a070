// A small HTTP client for tests: one connection, one token, answers whole.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace egide::testing {

using Json = nlohmann::json;
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const;  // empty where absent
  Json json() const;                                  // discarded value where the body is none
  std::string code() const;                           // of a problem document; empty for other bodies
};

class Client {
 public:
  Client(std::uint16_t port, std::string token);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Content-Type is application/json where there is a body, unless `headers` says otherwise.
  Reply send(std::string_view method, std::string_view path, std::string_view body = {}, const Headers& headers = {});
  Reply get(std::string_view path, const Headers& headers = {}) { return send("GET", path, {}, headers); }
  Reply post(std::string_view path, const Json& body, const Headers& headers = {}) {
    return send("POST", path, body.dump(), headers);
  }
  // Bytes as they are; the first answer to them.
  Reply raw(std::string_view bytes);
  const std::string& token() const { return token_; }

 private:
  bool connect();
  void close();
  bool exchange(std::string_view bytes, bool head_only, Reply& reply);

  std::uint16_t port_;
  std::string token_;
  int fd_ = -1;
};

}  // namespace egide::testing
