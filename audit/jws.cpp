#include "egide/audit/jws.h"

#include "egide/base/check.h"
#include "egide/crypto/hash.h"

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::Result;

struct Parts {
  std::string_view header, payload, signature;
};

Result<Parts> split(std::string_view compact) {
  const auto first = compact.find('.');
  const auto second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos)
    return integrity_violation("The signature is not of the form header.payload.signature");
  return Parts{compact.substr(0, first), compact.substr(first + 1, second - first - 1), compact.substr(second + 1)};
}

// One form: compared as text, so that no reader of JSON can see another header than the one that was checked.
std::string header_of(std::string_view typ, const crypto::PublicKey& key) {
  return R"({"alg":"EdDSA","kid":")" + key_thumbprint(key) + R"(","typ":")" + std::string(typ) + R"("})";
}

std::string signing_input(std::string_view header, std::string_view payload) {
  return std::string(header).append(".").append(payload);
}

// Says which member of a foreign header is the wrong one; the header itself was already found to differ.
base::Error wrong_header(std::string_view encoded, std::string_view typ, const crypto::PublicKey& key) {
  const auto bytes = base::from_base64url(encoded);
  if (!bytes) return integrity_violation("The header of the signature is not base64url");
  const std::string text(base::as_text(*bytes));
  if (text.find(R"("alg":"EdDSA")") == std::string::npos)
    return integrity_violation("The signature's algorithm is not EdDSA");
  if (text.find("\"typ\":\"" + std::string(typ) + '"') == std::string::npos)
    return integrity_violation("The signature is of another type than " + std::string(typ));
  if (text.find("\"kid\":\"" + key_thumbprint(key) + '"') == std::string::npos)
    return integrity_violation("It is signed by another key than the one you gave");
  return integrity_violation("The header of the signature is not in its one form");
}

Result<void> verify(const Parts& parts, std::string_view payload, std::string_view typ, const crypto::PublicKey& key) {
  const std::string header = base::to_base64url(base::as_bytes(header_of(typ, key)));
  if (parts.header != header) return wrong_header(parts.header, typ, key);
  const auto signature = base::from_base64url(parts.signature);
  if (!signature || signature->size() != 64) return integrity_violation("The signature is not base64url of 64 bytes");
  const std::string input = signing_input(parts.header, payload);
  if (!crypto::verify_signature(key, base::as_bytes(input), *signature))
    return integrity_violation("The signature does not belong to these bytes: they were changed, or re-encoded");
  return {};
}

}  // namespace

std::string key_thumbprint(const crypto::PublicKey& key) {
  const std::string jwk = R"({"crv":"Ed25519","kty":"OKP","x":")" + base::to_base64url(key) + "\"}";
  return base::to_base64url(crypto::sha256(base::as_bytes(jwk)));
}

std::string sign_jws(std::string_view payload, std::string_view typ, const crypto::SigningKey& key) {
  std::string out = signing_input(base::to_base64url(base::as_bytes(header_of(typ, key.public_key()))),
                                  base::to_base64url(base::as_bytes(payload)));
  const auto signature = key.sign(base::as_bytes(out));
  return out.append(".").append(base::to_base64url(signature));
}

std::string detach_jws(std::string_view compact) {
  const auto first = compact.find('.');
  const auto last = compact.rfind('.');
  EGIDE_CHECK(first != std::string_view::npos && last > first);
  return std::string(compact.substr(0, first)).append("..").append(compact.substr(last + 1));
}

Result<std::string> read_unverified_jws(std::string_view compact) {
  EGIDE_TRY(const Parts parts, split(compact));
  const auto payload = base::from_base64url(parts.payload);
  if (!payload || payload->empty()) return integrity_violation("The signed document is not base64url");
  return std::string(base::as_text(*payload));
}

Result<std::string> open_jws(std::string_view compact, std::string_view typ, const crypto::PublicKey& key) {
  EGIDE_TRY(const Parts parts, split(compact));
  EGIDE_TRY_VOID(verify(parts, parts.payload, typ, key));
  return read_unverified_jws(compact);
}

Result<void> verify_detached_jws(std::string_view detached, std::string_view document, std::string_view typ,
                                 const crypto::PublicKey& key) {
  EGIDE_TRY(const Parts parts, split(detached));
  if (!parts.payload.empty()) return integrity_violation("The signature is not detached: it holds a document itself");
  return verify(parts, base::to_base64url(base::as_bytes(document)), typ, key);
}

}  // namespace egide::audit
