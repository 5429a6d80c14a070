#include "vault_files.h"

namespace egide::vault {

std::string in_vault(const std::string& directory, const char* file) { return directory + "/" + file; }

base::Result<crypto::SecretBytes> unseal(const crypto::KeySlots& slots, const UnsealSecret& secret) {
  if (secret.passphrase) return slots.unseal_with_passphrase(base::as_text(secret.passphrase->expose_secret()));
  if (secret.key_file) return slots.unseal_with_key(crypto::SlotKind::KeyFile, secret.key_file->expose_secret());
  if (secret.systemd_credential)
    return slots.unseal_with_key(crypto::SlotKind::SystemdCredential, secret.systemd_credential->expose_secret());
  return base::Error(base::ErrorCode::Unauthenticated,
                     "No unseal secret was given: set EGIDE_PASSPHRASE_FILE or EGIDE_KEY_FILE, or answer the prompt");
}

base::Result<base::Uuid> add_slot(crypto::KeySlots& slots, const crypto::SecretBytes& root, const UnsealSecret& secret,
                                  std::string label, std::string created_at,
                                  const crypto::PassphraseParameters& parameters) {
  if (secret.passphrase)
    return slots.add_passphrase(root, base::as_text(secret.passphrase->expose_secret()), std::move(label),
                                std::move(created_at), parameters);
  if (secret.key_file)
    return slots.add_key(root, crypto::SlotKind::KeyFile, secret.key_file->expose_secret(), std::move(label),
                         std::move(created_at));
  if (secret.systemd_credential)
    return slots.add_key(root, crypto::SlotKind::SystemdCredential, secret.systemd_credential->expose_secret(),
                         std::move(label), std::move(created_at));
  return base::invalid_request("A slot needs a passphrase or a key");
}

}  // namespace egide::vault
