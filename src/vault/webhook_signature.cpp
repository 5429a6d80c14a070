#include "webhook_signature.h"

#include "egide/crypto/hash.h"
#include "egide/crypto/signature.h"
#include "sealing.h"

namespace egide::vault {
namespace {

crypto::SecretKey wrapping_key(const Services& services, const base::RecordId& endpoint) {
  auto bytes = services.keys->authenticate("egide/webhook-key/v1", endpoint.bytes());
  auto key = crypto::SecretKey::copy_of(bytes);
  crypto::wipe(bytes);
  return key;
}

FieldPlace place_of(const base::RecordId& endpoint) { return {"webhook_endpoint", endpoint.str(), "secret", 1}; }

std::string signed_text(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string out;
  out.reserve(id.size() + timestamp.size() + body.size() + 2);
  out.append(id).append(".").append(timestamp).append(".").append(body);
  return out;
}

}  // namespace

std::string webhook_signature_v1(base::ByteView secret, std::string_view id, std::string_view timestamp,
                                 std::string_view body) {
  const std::string text = signed_text(id, timestamp, body);
  return "v1," + base::to_base64(crypto::hmac_sha256(secret, {base::as_bytes(text)}));
}

base::Result<std::string> webhook_signature_v1a(base::ByteView seed, std::string_view id, std::string_view timestamp,
                                                std::string_view body) {
  EGIDE_TRY(const auto key, crypto::SigningKey::from_seed(seed));
  const std::string text = signed_text(id, timestamp, body);
  return "v1a," + base::to_base64(key.sign(base::as_bytes(text)));
}

WebhookKeys WebhookKeys::random() { return {crypto::SecretKey::random(), crypto::SecretKey::random()}; }

base::Result<WebhookKeys> WebhookKeys::open(const Services& services, const base::RecordId& endpoint,
                                            base::ByteView sealed) {
  const auto key = wrapping_key(services, endpoint);
  EGIDE_TRY(std::string plain,
            open_field(services, key.expose_secret(), base::SubjectId(), place_of(endpoint), sealed));
  if (plain.size() != 2 * crypto::SecretKey::kSize) return base::integrity_violation("A webhook's keys are damaged");
  const auto bytes = base::as_bytes(plain);
  WebhookKeys out(crypto::SecretKey::copy_of(bytes.first(crypto::SecretKey::kSize)),
                  crypto::SecretKey::copy_of(bytes.last(crypto::SecretKey::kSize)));
  crypto::wipe(plain);
  return out;
}

base::Bytes WebhookKeys::seal(const Services& services, const base::RecordId& endpoint) const {
  std::string plain(base::as_text(secret()));
  plain += base::as_text(seed());
  const auto key = wrapping_key(services, endpoint);
  auto sealed = seal_field(services, key.expose_secret(), base::SubjectId(), place_of(endpoint), plain);
  crypto::wipe(plain);
  return sealed;
}

std::string WebhookKeys::secret_text() const { return "whsec_" + base::to_base64(secret()); }

base::Result<std::string> WebhookKeys::public_key_text() const {
  EGIDE_TRY(const auto key, crypto::SigningKey::from_seed(seed()));
  return "whpk_" + base::to_base64(key.public_key());
}

}  // namespace egide::vault
