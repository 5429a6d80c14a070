// JSON Web Tokens (RFC 7515 compact form, RFC 7519), as far as forward-auth needs them: one algorithm and one key, both
// configured. What the token's header says about either is only compared, never obeyed.
#pragma once

#include <string>
#include <string_view>

#include "egide/api/forward.h"
#include "egide/base/clock.h"
#include "egide/base/result.h"

namespace egide::api {

// The claim's text, or Unauthenticated with one message for whatever is wrong: form, algorithm, signature, `crit`, time
// (`exp` must be there; `nbf` counts; 60 s of leeway), issuer, audience, a claim that is no text.
//
// Thread safety: a free function without state.
base::Result<std::string> person_of_jwt(std::string_view token, const ForwardJwt& rules, base::Timestamp now);

}  // namespace egide::api
