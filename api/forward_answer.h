// The answers that proxies understand: 200, 401 and 403, nothing else.
//
// nginx makes 500 of any other status, and an Envoy that is told to be lenient lets 5xx pass. So whatever a forwarded
// request is answered with inside, what leaves is one of the three, with every X-Consent-* header.
// Thread safety: free functions without state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "egide/api/http_response.h"
#include "egide/api/raw_request.h"

namespace egide::api {

inline constexpr std::size_t kForwardSegments = 3;  // /gateway/forward/{profile}

// True for /gateway/forward and all that lies below.
bool is_forward_path(std::string_view path) noexcept;

// The same of a request that could not be read to its end, by what came of its first line.
bool is_forward_request(const RawRequest& so_far) noexcept;

// What the headers of an answer say. Proxies hand them to the application: each stands on every answer, empty if need
// be, since an older Caddy keeps a header that the client forged when the answer lacks it.
struct ForwardVerdict {
  bool permit = false;
  std::string reason{};
  std::string evaluation{};
  std::string record{};
  std::string purpose{};
  std::string pseudonym{};  // of a permit only
};
// 200 without a body for a permit, else 403.
HttpResponse forward_answer(const ForwardVerdict& verdict);

enum class ForwardBody { Allowed, Never };  // Never: where the method is not known, it may be HEAD
// Leaves what forward_answer() made, and makes 401 or 403 of everything else: problem documents of other kinds, 503.
void harden_forward_answer(HttpResponse& response, ForwardBody body = ForwardBody::Allowed);

}  // namespace egide::api
