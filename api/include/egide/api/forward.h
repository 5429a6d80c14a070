// Forward-auth: what the operator configures, so that a proxy may ask before it passes a request on
// (docs/forward-auth.md).
//
// A profile says whose use is asked about (tool, purpose, categories), where in the proxied request the person stands,
// and which obligations the application behind the proxy carries out.
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "egide/crypto/secret.h"
#include "egide/crypto/signature.h"

namespace egide::api {

enum class JwtAlgorithm : std::uint8_t { HS256, EdDSA };  // "none" can't be said

// A token of the application or of the proxy's sign-in, verified here (RFC 7519, RFC 8037). It must carry `exp`.
struct ForwardJwt {
  std::string header;  // "Authorization" (after "Bearer "), or another that holds nothing but the token
  std::string claim = "sub";
  JwtAlgorithm algorithm = JwtAlgorithm::HS256;
  std::shared_ptr<const crypto::SecretBytes> secret{};  // HS256: at least 32 bytes (RFC 7518, 3.2)
  crypto::PublicKey public_key{};                       // EdDSA: Ed25519
  std::string issuer{};                                 // empty: any
  std::string audience{};                               // empty: any
};

// Where the person stands. Subject id, or the pseudonym made for the profile's tool and purpose.
struct ForwardPerson {
  enum class Source : std::uint8_t { Header, Jwt, Path };
  Source source = Source::Header;
  std::string header{};  // Header
  ForwardJwt jwt{};      // Jwt
  // Path: an RE2 pattern for the whole decoded path, without the query; its one group is the person.
  std::string pattern{};
};

struct ForwardProfile {
  std::string name;  // in the address: letters, digits, '-', '_'
  std::string tool;
  std::string purpose;
  std::vector<std::string> categories{};  // empty: all the purpose allows
  std::vector<std::string> handles{};     // obligations that the application carries out; with any other: 403
  ForwardPerson person{};
};

struct ForwardOptions {
  // Who may ask: addresses or CIDR blocks of the proxies' ends of the connection.
  std::vector<std::string> trusted_proxies = {"127.0.0.1", "::1"};
  std::vector<ForwardProfile> profiles{};
};

}  // namespace egide::api
