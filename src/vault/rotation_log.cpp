#include "rotation_log.h"

#include "egide/storage/file_stream.h"
#include "egide/vault/accounts.h"
#include "entries.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

class RotatedChange final : public LoggedChange {
 public:
  RotatedChange(Services& services, const Caller& caller) : LoggedChange(services), caller_(caller) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EntryFields fields;
    fields.event = audit::event::kKeyRotated;
    fields.caller = &caller_;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }

 private:
  const Caller& caller_;
};

}  // namespace

void remove_unfinished_files(const std::string& directory) {
  remove_unfinished_database(directory);
  storage::remove_leftovers(directory, "");
  storage::remove_leftovers(in_vault(directory, kPinsDirectory), "");
}

base::Result<UnsealSecret> copy_of(const UnsealSecret& secret) {
  UnsealSecret out;
  const auto copy = [](const std::optional<crypto::SecretBytes>& from,
                       std::optional<crypto::SecretBytes>& to) -> base::Result<void> {
    if (!from) return {};
    EGIDE_TRY(auto same, crypto::SecretBytes::copy_of(from->expose_secret()));
    to.emplace(std::move(same));
    return {};
  };
  EGIDE_TRY_VOID(copy(secret.passphrase, out.passphrase));
  EGIDE_TRY_VOID(copy(secret.key_file, out.key_file));
  EGIDE_TRY_VOID(copy(secret.systemd_credential, out.systemd_credential));
  return out;
}

base::Result<std::unique_ptr<Vault>> open_for_rotation(const RotationOptions& options) {
  OpenOptions opening;
  opening.directory = options.directory;
  opening.clock = options.clock;
  opening.read_connections = 1;
  EGIDE_TRY(opening.secret, copy_of(options.secrets.front()));
  return Vault::open(std::move(opening));
}

base::Result<void> log_rotation(Vault& vault) {
  const Caller caller = Accounts::operator_of_the_machine(vault.services());
  RotatedChange logged(vault.services(), caller);
  return vault.services().committer->commit(logged);
}

base::Result<void> open_and_log_rotation(const RotationOptions& options) {
  EGIDE_TRY(const auto vault, open_for_rotation(options));
  return log_rotation(*vault);
}

}  // namespace egide::vault
