// Standard Webhooks 1.0.0 signatures. The signed bytes are `id.timestamp.body`; v1 is HMAC-SHA-256 under the endpoint's
// secret, v1a Ed25519 under its signing key.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/secret.h"
#include "services.h"

namespace egide::vault {

std::string webhook_signature_v1(base::ByteView secret, std::string_view id, std::string_view timestamp,
                                 std::string_view body);  // "v1,<base64>"
base::Result<std::string> webhook_signature_v1a(base::ByteView seed, std::string_view id, std::string_view timestamp,
                                                std::string_view body);  // "v1a,<base64>"

// An endpoint's two keys: 32 bytes of secret, 32 bytes of seed. Both are made with every endpoint and every rotation.
class WebhookKeys {
 public:
  static WebhookKeys random();
  static base::Result<WebhookKeys> open(const Services& services, const base::RecordId& endpoint,
                                        base::ByteView sealed);
  base::Bytes seal(const Services& services, const base::RecordId& endpoint) const;

  std::string secret_text() const;                    // "whsec_<base64>": shown once
  base::Result<std::string> public_key_text() const;  // "whpk_<base64>"
  base::ByteView secret() const { return secret_.expose_secret(); }
  base::ByteView seed() const { return seed_.expose_secret(); }

 private:
  WebhookKeys(crypto::SecretKey secret, crypto::SecretKey seed) : secret_(std::move(secret)), seed_(std::move(seed)) {}
  crypto::SecretKey secret_, seed_;
};

}  // namespace egide::vault
