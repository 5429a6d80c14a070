// The forward-auth profiles of the integration tests, and the keys that sign for them.
#pragma once

#include <string>

#include "egide/api/forward.h"

namespace egide::testing {

// "letters": the mailer, person in X-Person.   "letters-path": in /people/{person}/...
// "letters-hs256": claim `sub` of a token in Authorization.   "letters-eddsa": claim `person` of one in X-Token, from
// kIssuer for kAudience.   "matching", "matching-handled": the matcher, without and with the obligations it has.
api::ForwardOptions forward_profiles();

inline constexpr const char* kIssuer = "https://id.example.org";
inline constexpr const char* kAudience = "letters";

// Compact tokens over `header` and `claims`, JSON texts.
std::string hs256_token(const std::string& header, const std::string& claims);
std::string eddsa_token(const std::string& header, const std::string& claims);
// The Ed25519 public key, taken for an HMAC secret: what a confused verifier would accept.
std::string hs256_with_public_key(const std::string& header, const std::string& claims);

}  // namespace egide::testing
