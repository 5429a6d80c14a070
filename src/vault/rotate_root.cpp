#include "egide/crypto/slot_rotation.h"
#include "egide/storage/files.h"
#include "egide/vault/rotation.h"
#include "rotation_files.h"
#include "rotation_log.h"
#include "services.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

std::vector<crypto::SlotSecret> slot_secrets(const std::vector<UnsealSecret>& secrets) {
  std::vector<crypto::SlotSecret> out;
  for (const auto& secret : secrets) {
    if (secret.passphrase) out.push_back({crypto::SlotKind::Passphrase, secret.passphrase->expose_secret()});
    if (secret.key_file) out.push_back({crypto::SlotKind::KeyFile, secret.key_file->expose_secret()});
    if (secret.systemd_credential)
      out.push_back({crypto::SlotKind::SystemdCredential, secret.systemd_credential->expose_secret()});
  }
  return out;
}

SlotView view_of(const crypto::KeySlots::Slot& slot) {
  return {slot.id.str(), crypto::name_of(slot.kind), slot.label, slot.created_at};
}

// The same secret under another root key.
base::Result<std::string> wrapped_anew(const Services& services, const char* file, std::string_view purpose,
                                       const crypto::SecretBytes& new_root) {
  EGIDE_TRY(const auto text, storage::read_file(in_vault(services.directory, file)));
  EGIDE_TRY(const auto secret, crypto::wrapped_secret_from_json(services.root, purpose, text));
  return crypto::wrapped_secret_to_json(new_root, purpose, secret);
}

base::Error others_are_there(const std::vector<crypto::KeySlots::Slot>& others) {
  std::string which;
  for (const auto& slot : others)
    which += (which.empty() ? "" : ", ") + slot.id.str() + " (" + crypto::name_of(slot.kind) +
             (slot.label.empty() ? "" : ", " + slot.label) + ")";
  return base::conflict("These slots can't be sealed anew without their secrets: " + which +
                        ". Give those too, or say --drop-other-slots");
}

}  // namespace

base::Result<RootRotation> rotate_root_key(const RotationOptions& options) {
  if (options.secrets.empty()) return base::invalid_request("A rotation needs what opens the vault");
  const auto before = [&](RotationStep step) {
    return options.before_step ? options.before_step(step) : base::Result<void>();
  };
  EGIDE_TRY(const auto vault, open_for_rotation(options));
  Services& services = vault->services();

  EGIDE_TRY(const auto slots_text, storage::read_file(in_vault(options.directory, kUnsealFile)));
  EGIDE_TRY(const auto slots, crypto::KeySlots::parse(slots_text));
  EGIDE_TRY(const auto new_root, crypto::SecretBytes::random(32));
  EGIDE_TRY(const auto resealed, crypto::reseal_slots(slots, services.root, new_root, slot_secrets(options.secrets)));
  if (!resealed.left_out.empty() && !options.drop_other_slots) return others_are_there(resealed.left_out);

  EGIDE_TRY_VOID(before(RotationStep::Log));
  EGIDE_TRY_VOID(log_rotation(*vault));

  EGIDE_TRY_VOID(before(RotationStep::Prepare));
  std::map<std::string, std::string> files;
  files[kUnsealFile] = resealed.slots.to_json();
  files[kEpochKeysFile] = services.epoch_keys.to_json(new_root);
  EGIDE_TRY(files[kDerivationKeyFile], wrapped_anew(services, kDerivationKeyFile, "derivation", new_root));
  EGIDE_TRY(files[kLogKeyFile], wrapped_anew(services, kLogKeyFile, "log", new_root));
  EGIDE_TRY_VOID(before(RotationStep::Decide));
  EGIDE_TRY_VOID(replace_files(options.directory, files, [&] { return before(RotationStep::File); }));

  RootRotation out;
  for (const auto& slot : resealed.slots.slots()) out.kept.push_back(view_of(slot));
  for (const auto& slot : resealed.left_out) out.dropped.push_back(view_of(slot));
  return out;
}

}  // namespace egide::vault
