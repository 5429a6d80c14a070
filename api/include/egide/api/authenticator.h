// Who is calling. The port that turns a credential into a Caller; the vault implements it.
//
// Thread safety: implementations may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "egide/api/http_request.h"
#include "egide/api/role_table.h"
#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::api {

enum class CallerKind : std::uint8_t { Anonymous, Tool, Staff, Subject };

struct Caller {
  CallerKind kind = CallerKind::Anonymous;
  Role role = Role::Public;
  std::string id{};  // of the tool, the account or the person; empty for Anonymous
  // Stands for the caller in the log, which holds no identity.
  base::ByteArray<16> actor_pseudonym{};
  // The authenticator's own form of the caller, for handlers that know the same authenticator.
  std::shared_ptr<const void> principal{};
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Unauthenticated for every token that is unknown, malformed, expired or revoked: the same error for all, and in
  // about the same time. Unavailable when it can't be told (sealed vault).
  virtual base::Result<Caller> authenticate(std::string_view token) = 0;
};

// The token of `Authorization: Bearer <token>`, or the password of Basic (tools that know nothing else send their key
// so). Nothing when the header is absent or of another form. Of a forwarded request (forward.h), whose Authorization
// may be meant for the application behind the proxy, X-Egide-Key comes first.
std::optional<std::string> token_of(const HttpRequest& request);

}  // namespace egide::api
