#include "receipt_key.h"

#include "egide/audit/receipt.h"
#include "egide/storage/account_repository.h"

namespace egide::vault {
namespace {

constexpr const char* kSetting = "receipt_certificate";

}  // namespace

base::Result<crypto::SigningKey> receipt_signing_key(const Services& services) {
  // HMAC-SHA-256 under a key derived for such uses is a PRF; the context keeps it apart from cursors.
  auto seed = services.keys->authenticate("egide.receipt-key.v1", base::as_bytes(services.tenant));
  auto key = crypto::SigningKey::from_seed(seed);
  crypto::wipe(seed);
  return key;
}

base::Result<audit::VerifierKey> receipt_verifier_key(const Services& services) {
  EGIDE_TRY(const auto key, receipt_signing_key(services));
  return audit::VerifierKey::make(audit::receipt_key_name(services.origin), key.public_key());
}

base::Result<void> keep_receipt_certificate(const Services& services, storage::Connection& connection,
                                            const crypto::SigningKey& log_key) {
  EGIDE_TRY(const auto key, receipt_verifier_key(services));
  storage::AccountRepository settings(connection);
  EGIDE_TRY(const auto kept, settings.setting(kSetting));
  const auto log_vkey = audit::VerifierKey::make(services.origin, log_key.public_key());
  if (kept) {
    const auto opened = audit::open_receipt_certificate(*kept, log_vkey);
    if (opened && opened->str() == key.str()) return {};
  }
  EGIDE_TRY_VOID(connection.begin_write());
  auto written = settings.put_setting(kSetting, audit::certify_receipt_key(services.origin, key.key, log_key));
  if (written) written = connection.commit();
  if (!written) connection.rollback();
  return written;
}

base::Result<std::string> receipt_certificate(storage::Connection& connection) {
  EGIDE_TRY(auto note, storage::AccountRepository(connection).setting(kSetting));
  if (!note) return base::integrity_violation("The vault lacks the certificate of its receipt key");
  return std::move(*note);
}

}  // namespace egide::vault
