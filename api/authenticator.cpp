#include "egide/api/authenticator.h"

#include "egide/base/bytes.h"
#include "forward_answer.h"

namespace egide::api {

std::optional<std::string> token_of(const HttpRequest& request) {
  if (is_forward_path(request.path()) && request.header("x-egide-key")) {
    const auto key = *request.header("x-egide-key");
    if (request.count_of("x-egide-key") != 1 || key.empty() || key.size() > 4096) return std::nullopt;
    return std::string(key);
  }
  const auto header = request.header("authorization");
  if (!header) return std::nullopt;
  const auto space = header->find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto scheme = header->substr(0, space);
  auto credential = header->substr(space + 1);
  while (!credential.empty() && credential.front() == ' ') credential.remove_prefix(1);
  if (credential.empty() || credential.size() > 4096) return std::nullopt;
  if (equal_ignoring_case(scheme, "bearer")) return std::string(credential);
  if (!equal_ignoring_case(scheme, "basic")) return std::nullopt;
  const auto decoded = base::from_base64(credential);
  if (!decoded) return std::nullopt;
  const auto pair = base::as_text(*decoded);
  const auto colon = pair.find(':');  // a user name holds no colon (RFC 7617, 2)
  if (colon == std::string_view::npos || colon + 1 == pair.size()) return std::nullopt;
  return std::string(pair.substr(colon + 1));
}

}  // namespace egide::api
