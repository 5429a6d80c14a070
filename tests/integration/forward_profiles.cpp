#include "forward_profiles.h"

#include <stdexcept>

#include "egide/crypto/hash.h"
#include "world.h"

namespace egide::testing {
namespace {

constexpr std::string_view kSecret = "a secret of the sign-in, 32 bytes or more";

template <typename T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(result).value();
}

const crypto::SigningKey& signing_key() {
  static const crypto::SigningKey key =
      must(crypto::SigningKey::from_seed(base::as_bytes(std::string_view("thirty-two bytes of a test seed!"))));
  return key;
}

std::string encoded(std::string_view text) { return base::to_base64url(base::as_bytes(text)); }

std::string with_hmac(base::ByteView key, const std::string& header, const std::string& claims) {
  const std::string text = encoded(header) + "." + encoded(claims);
  return text + "." + base::to_base64url(crypto::hmac_sha256(key, {base::as_bytes(text)}));
}

api::ForwardProfile profile(const char* name, const char* tool, const char* purpose) {
  api::ForwardProfile out;
  out.name = name;
  out.tool = tool;
  out.purpose = purpose;
  out.person.header = "X-Person";
  return out;
}

}  // namespace

api::ForwardOptions forward_profiles() {
  api::ForwardOptions out;
  out.profiles.push_back(profile("letters", "mailer", kNewsletter));
  auto by_path = profile("letters-path", "mailer", kNewsletter);
  by_path.person.source = api::ForwardPerson::Source::Path;
  by_path.person.pattern = "/people/([^/]+)(?:/.*)?";
  out.profiles.push_back(by_path);
  auto by_hs256 = profile("letters-hs256", "mailer", kNewsletter);
  by_hs256.person.source = api::ForwardPerson::Source::Jwt;
  by_hs256.person.jwt.header = "Authorization";
  by_hs256.person.jwt.secret =
      std::make_shared<const crypto::SecretBytes>(must(crypto::SecretBytes::copy_of(base::as_bytes(kSecret))));
  out.profiles.push_back(by_hs256);
  auto by_eddsa = profile("letters-eddsa", "mailer", kNewsletter);
  by_eddsa.person.source = api::ForwardPerson::Source::Jwt;
  by_eddsa.person.jwt.header = "X-Token";
  by_eddsa.person.jwt.claim = "person";
  by_eddsa.person.jwt.algorithm = api::JwtAlgorithm::EdDSA;
  by_eddsa.person.jwt.public_key = signing_key().public_key();
  by_eddsa.person.jwt.issuer = kIssuer;
  by_eddsa.person.jwt.audience = kAudience;
  out.profiles.push_back(by_eddsa);
  out.profiles.push_back(profile("matching", "matcher", kMatching));
  auto handled = profile("matching-handled", "matcher", kMatching);
  handled.handles = {"generalise", "mask", "record_decision", "human_review", "disclose_ai", "delete_after"};
  out.profiles.push_back(handled);
  return out;
}

std::string hs256_token(const std::string& header, const std::string& claims) {
  return with_hmac(base::as_bytes(kSecret), header, claims);
}

std::string hs256_with_public_key(const std::string& header, const std::string& claims) {
  return with_hmac(signing_key().public_key(), header, claims);
}

std::string eddsa_token(const std::string& header, const std::string& claims) {
  const std::string text = encoded(header) + "." + encoded(claims);
  return text + "." + base::to_base64url(signing_key().sign(base::as_bytes(text)));
}

}  // namespace egide::testing
