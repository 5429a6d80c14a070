// JSON Web Signatures with Ed25519: compact and detached (RFC 7515, RFC 8037). Bytes are signed, not
// graphs: whoever re-orders members or re-encodes a document has another document.
//
// The protected header is always {"alg":"EdDSA","kid":"<thumbprint>","typ":"<typ>"}, written and accepted in this one
// form; other algorithms, critical extensions and keys named by the header are refused.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/base/result.h"
#include "egide/crypto/signature.h"

namespace egide::audit {

inline constexpr std::string_view kReceiptType = "egide-receipt+jws";

// RFC 7638 with RFC 8037: base64url(SHA-256 of {"crv":"Ed25519","kty":"OKP","x":"..."}).
std::string key_thumbprint(const crypto::PublicKey& key);

// "header.payload.signature", each base64url.
std::string sign_jws(std::string_view payload, std::string_view typ, const crypto::SigningKey& key);
// "header..signature": travels beside the document it signs (RFC 7515, appendix F).
std::string detach_jws(std::string_view compact);

// The payload. Integrity, with the part that is wrong: form, algorithm, type, key, signature.
base::Result<std::string> open_jws(std::string_view compact, std::string_view typ, const crypto::PublicKey& key);
base::Result<void> verify_detached_jws(std::string_view detached, std::string_view document, std::string_view typ,
                                       const crypto::PublicKey& key);
// The payload with nothing verified: to find out which key claims to have signed. Integrity when the form is wrong.
base::Result<std::string> read_unverified_jws(std::string_view compact);

}  // namespace egide::audit
