#include "forward_jwt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "egide/base/json.h"
#include "egide/crypto/hash.h"

namespace egide::api {
namespace {

constexpr std::size_t kMaxToken = 8192;
constexpr std::chrono::seconds kLeeway{60};
constexpr double kMaxTime = 253402300800.0;  // the year 10000, in seconds

struct Parts {
  std::string_view header, payload, signature, signed_text;
};

std::optional<Parts> split(std::string_view token) noexcept {
  if (token.size() > kMaxToken) return std::nullopt;
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

std::optional<base::Json> object_of(std::string_view encoded) {
  const auto bytes = base::from_base64url(encoded);
  if (!bytes) return std::nullopt;
  auto parsed = base::parse_json(base::as_text(*bytes));
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed).value();
}

bool says(const base::Json& object, const char* key, std::string_view text) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() && found->get_ref<const std::string&>() == text;
}

bool header_fits(const base::Json& header, JwtAlgorithm algorithm) {
  // An extension that must be understood is not (RFC 7515, 4.1.11).
  return says(header, "alg", algorithm == JwtAlgorithm::HS256 ? "HS256" : "EdDSA") && !header.contains("crit") &&
         !header.contains("b64");
}

bool is_signed(const Parts& parts, const ForwardJwt& rules) {
  const auto signature = base::from_base64url(parts.signature);
  if (!signature) return false;
  const auto text = base::as_bytes(parts.signed_text);
  if (rules.algorithm == JwtAlgorithm::EdDSA) return crypto::verify_signature(rules.public_key, text, *signature);
  if (rules.secret == nullptr || rules.secret->size() < 32 || signature->size() != 32) return false;
  return crypto::equal_constant_time(crypto::hmac_sha256(rules.secret->expose_secret(), {text}), *signature);
}

std::optional<std::chrono::seconds> time_of(const base::Json& claims, const char* key) {
  const auto found = claims.find(key);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < kMaxTime)) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

bool is_in_time(const base::Json& claims, base::Timestamp now) {
  const auto today = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const auto end = time_of(claims, "exp");
  if (!end || today >= *end + kLeeway) return false;
  if (!claims.contains("nbf")) return true;
  const auto begin = time_of(claims, "nbf");
  return begin && today + kLeeway >= *begin;
}

bool is_meant_for(const base::Json& claims, const std::string& audience) {
  if (audience.empty() || says(claims, "aud", audience)) return true;
  const auto found = claims.find("aud");
  return found != claims.end() && found->is_array() && std::any_of(found->begin(), found->end(), [&](const auto& one) {
           return one.is_string() && one.template get_ref<const std::string&>() == audience;
         });
}

}  // namespace

base::Result<std::string> person_of_jwt(std::string_view token, const ForwardJwt& rules, base::Timestamp now) {
  const base::Error wrong(base::ErrorCode::Unauthenticated, "The token is not valid here");
  const auto parts = split(token);
  if (!parts) return wrong;
  const auto header = object_of(parts->header);
  if (!header || !header_fits(*header, rules.algorithm) || !is_signed(*parts, rules)) return wrong;
  const auto claims = object_of(parts->payload);
  if (!claims || !is_in_time(*claims, now)) return wrong;
  if (!rules.issuer.empty() && !says(*claims, "iss", rules.issuer)) return wrong;
  if (!is_meant_for(*claims, rules.audience)) return wrong;
  const auto person = claims->find(rules.claim);
  if (person == claims->end() || !person->is_string()) return wrong;
  return person->get<std::string>();
}

}  // namespace egide::api
