#include <algorithm>
#include <filesystem>

#include "egide/base/time.h"
#include "egide/crypto/derived_keys.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/crypto/random.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/committer.h"
#include "egide/storage/files.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

// The first entry of a log, with the settings that belong to the vault for ever.
class FoundingChange final : public storage::Change {
 public:
  FoundingChange(const CreateOptions& options, std::string origin, std::string verifier_key)
      : options_(options), origin_(std::move(origin)), verifier_key_(std::move(verifier_key)) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::AccountRepository settings(context.connection());
    const auto actor = crypto::random_array<16>();
    const std::pair<const char*, std::string> values[] = {
        {"organisation", options_.organisation},
        {"language", options_.language},
        {"origin", origin_},
        {"verifier_key", verifier_key_},
        {"tenant", crypto::random_uuid().str()},
        {"operator_actor", base::to_hex(actor)},
        {"created_at", base::format_rfc3339(context.now())},
    };
    for (const auto& [key, value] : values) EGIDE_TRY_VOID(settings.put_setting(key, value));
    storage::EntryDraft draft;
    draft.leaf.event = audit::event::kLogCreated;
    draft.leaf.actor = actor;
    draft.leaf.request = crypto::random_array<16>();
    EGIDE_TRY([[maybe_unused]] const auto index, context.append(draft));
    return {};
  }

 private:
  const CreateOptions& options_;
  std::string origin_, verifier_key_;
};

bool is_origin(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '+' && c != '"' && c != '\\';
  });
}

base::Result<CreatedVault> create_in(const CreateOptions& options) {
  const auto file = [&](const char* name) { return in_vault(options.directory, name); };
  const std::string now = base::format_rfc3339(options.clock->now());
  EGIDE_TRY(const auto lock, storage::DirectoryLock::take(options.directory));

  std::string origin = options.origin;
  if (origin.empty()) origin = "egide.invalid/" + base::to_hex(crypto::random_array<8>());
  if (!is_origin(origin))
    return base::invalid_request("The origin may hold visible ASCII without '+', quotes and backslashes");

  EGIDE_TRY(const auto root, crypto::SecretBytes::random(32));
  EGIDE_TRY(const auto derivation, crypto::SecretBytes::random(32));
  EGIDE_TRY(const auto log_seed, crypto::SecretBytes::random(32));
  crypto::KeySlots slots;
  EGIDE_TRY([[maybe_unused]] const auto slot,
            add_slot(slots, root, options.secret, "first", now, options.passphrase_parameters));
  crypto::EpochKeys epochs;
  EGIDE_TRY_VOID(epochs.add(static_cast<crypto::Epoch>(
      std::chrono::floor<std::chrono::days>(options.clock->now()).time_since_epoch().count())));

  EGIDE_TRY_VOID(storage::create_file_durably(file(kDerivationKeyFile),
                                              crypto::wrapped_secret_to_json(root, "derivation", derivation)));
  EGIDE_TRY_VOID(
      storage::create_file_durably(file(kLogKeyFile), crypto::wrapped_secret_to_json(root, "log", log_seed)));
  EGIDE_TRY_VOID(storage::create_file_durably(file(kEpochKeysFile), epochs.to_json(root)));
  EGIDE_TRY_VOID(storage::make_private_directory(file(kPinsDirectory)));

  EGIDE_TRY(const auto keys, crypto::DerivedKeys::make(derivation.expose_secret()));
  EGIDE_TRY(auto database_key, keys.database_key());
  storage::SqlcipherOptions database_options;
  database_options.path = file(kDatabaseFile);
  database_options.create = true;
  EGIDE_TRY(const auto database, storage::open_sqlcipher(database_options, std::move(database_key)));
  EGIDE_TRY(auto connection, database->connect());
  EGIDE_TRY([[maybe_unused]] const int applied, storage::migrate(*connection));

  EGIDE_TRY(auto signing, crypto::SigningKey::from_seed(log_seed.expose_secret()));
  const std::string verifier_key = audit::VerifierKey::make(origin, signing.public_key()).str();
  {
    EGIDE_TRY(const auto committer,
              storage::Committer::start(std::move(connection), origin,
                                        std::make_shared<const crypto::SigningKey>(std::move(signing)), options.clock));
    FoundingChange founding(options, origin, verifier_key);
    EGIDE_TRY_VOID(committer->commit(founding));
    EGIDE_TRY_VOID(storage::write_file_durably(file(kPinsDirectory) + "/" + kNewestPin, *committer->checkpoint()));
  }
  // Last: a directory without its slots is no vault.
  EGIDE_TRY_VOID(storage::create_file_durably(file(kUnsealFile), slots.to_json()));
  return CreatedVault{verifier_key};
}

}  // namespace

base::Result<CreatedVault> create_vault(const CreateOptions& options) {
  EGIDE_CHECK(options.clock != nullptr);
  if (options.organisation.empty() || options.organisation.size() > 200)
    return base::invalid_request("The organisation's name must have between 1 and 200 bytes");
  if (options.language != "fr" && options.language != "en")
    return base::invalid_request("The language must be fr or en");
  EGIDE_TRY_VOID(storage::make_private_directory(options.directory));
  if (storage::file_exists(in_vault(options.directory, kUnsealFile)))
    return base::conflict("The directory holds a vault already");
  for (const char* part : {kDatabaseFile, kDerivationKeyFile, kLogKeyFile, kEpochKeysFile})
    if (storage::file_exists(in_vault(options.directory, part)))
      return base::conflict(
          "The directory holds parts of a vault without its unseal.json: restore that file, or take an empty "
          "directory");
  auto created = create_in(options);
  if (!created) {
    std::error_code ignored;
    for (const char* part :
         {kDatabaseFile, kDerivationKeyFile, kLogKeyFile, kEpochKeysFile, "vault.db-wal", "vault.db-shm"})
      std::filesystem::remove(in_vault(options.directory, part), ignored);
  }
  return created;
}

}  // namespace egide::vault
