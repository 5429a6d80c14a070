// The person in the path of the request that a proxy asks about.
//
// A path that the application might read as another one is refused: dot segments, also encoded or with parameters
// ("/people/A/..;/B"), encoded slashes, empty segments, double encoding. So is a request in which two headers, or a
// header and the address, tell of different paths: one of them may be the client's own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "egide/api/http_request.h"
#include "egide/base/result.h"

namespace egide::api {

// The path decoded once, without query; nothing when it is ambiguous. `uri` is an origin or absolute form.
std::optional<std::string> plain_path(std::string_view uri);

// The path of the proxied request: X-Forwarded-Uri, else X-Original-URI, else what follows the profile in the address.
// Nothing when there is none, one comes twice, they differ, or plain_path() refuses it.
std::optional<std::string> original_path(const HttpRequest& request);

// Thread safety: const functions, safe from many threads.
class PathPattern {
 public:
  // InvalidRequest for what RE2 doesn't take, or another number of groups than one.
  static base::Result<PathPattern> compile(const std::string& pattern);
  // What the group holds when the whole path matches. Takes time linear in the path's length.
  std::optional<std::string> person_in(const std::string& path) const;

 private:
  struct Compiled;
  explicit PathPattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace egide::api
