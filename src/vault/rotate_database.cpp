#include <filesystem>

#include "database_key.h"
#include "egide/audit/log_verifier.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/file_stream.h"
#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "egide/storage/sqlcipher.h"
#include "egide/storage/sqlcipher_copy.h"
#include "egide/vault/rotation.h"
#include "rotation_log.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

namespace fs = std::filesystem;

base::Result<crypto::SecretBytes> derivation_key(const RotationOptions& options) {
  EGIDE_TRY(const auto slots_text, storage::read_file(in_vault(options.directory, kUnsealFile)));
  EGIDE_TRY(const auto slots, crypto::KeySlots::parse(slots_text));
  EGIDE_TRY(const auto root, unseal(slots, options.secrets.front()));
  EGIDE_TRY(const auto text, storage::read_file(in_vault(options.directory, kDerivationKeyFile)));
  return crypto::wrapped_secret_from_json(root, "derivation", text);
}

base::Result<audit::VerifiedLog> verify(storage::Connection& connection) {
  EGIDE_TRY(const auto vkey, storage::AccountRepository(connection).setting("verifier_key"));
  EGIDE_TRY(const auto trusted, audit::VerifierKey::parse(vkey.value_or("")));
  storage::StoredLogSource source(connection);
  return audit::verify_log(source, trusted);
}

// Every row under the new key, checked from the file: pages, rows, and the whole log, which must be the same.
base::Result<void> write_next(const std::string& path, const std::string& next, const crypto::SecretBytes& old_key,
                              const crypto::SecretBytes& new_key) {
  const auto open = [](const std::string& file, const crypto::SecretBytes& key, bool create) {
    storage::SqlcipherOptions options;
    options.path = file;
    options.create = create;
    auto copy = crypto::SecretBytes::copy_of(key.expose_secret());
    if (!copy) return base::Result<std::unique_ptr<storage::Database>>(std::move(copy).error());
    return storage::open_sqlcipher(options, std::move(*copy));
  };
  audit::Checkpoint before;
  {
    EGIDE_TRY(const auto database, open(path, old_key, false));
    EGIDE_TRY(const auto connection, database->connect());
    EGIDE_TRY(const auto verified, verify(*connection));
    before = verified.checkpoint;
  }
  {
    EGIDE_TRY(const auto database, open(next, new_key, true));
    EGIDE_TRY(const auto connection, database->connect());
    EGIDE_TRY_VOID(storage::copy_rows_sqlcipher(*connection, path, old_key));
  }
  EGIDE_TRY(const auto database, open(next, new_key, false));
  EGIDE_TRY(const auto connection, database->connect());
  EGIDE_TRY_VOID(connection->check_integrity());
  EGIDE_TRY(const auto after, verify(*connection));
  if (after.checkpoint.size != before.size || after.checkpoint.root != before.root)
    return base::integrity_violation("The copied database holds another log");
  return {};
}

}  // namespace

void remove_unfinished_database(const std::string& directory) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    fs::remove(in_vault(directory, kNextDatabaseFile) + suffix, ignored);
}

base::Result<DatabaseRotation> rotate_database_key(const RotationOptions& options) {
  if (options.secrets.empty()) return base::invalid_request("A rotation needs what opens the vault");
  const auto before = [&](RotationStep step) {
    return options.before_step ? options.before_step(step) : base::Result<void>();
  };
  EGIDE_TRY_VOID(before(RotationStep::Log));
  EGIDE_TRY_VOID(open_and_log_rotation(options));

  EGIDE_TRY(const auto lock, storage::DirectoryLock::take(options.directory));
  EGIDE_TRY(const auto derivation, derivation_key(options));
  const std::string path = in_vault(options.directory, kDatabaseFile);
  const std::string next = in_vault(options.directory, kNextDatabaseFile);
  DatabaseRotation out;
  EGIDE_TRY(const std::uint64_t version, database_key_version(derivation.expose_secret(), path));
  out.version = version + 1;
  if (out.version > kMostDatabaseKeys) return base::conflict("The database key was replaced a thousand times already");
  EGIDE_TRY(const auto old_key, database_key(derivation.expose_secret(), version));
  EGIDE_TRY(const auto new_key, database_key(derivation.expose_secret(), out.version));
  EGIDE_TRY_VOID(before(RotationStep::Prepare));
  auto written = write_next(path, next, old_key, new_key);
  if (written) written = before(RotationStep::Decide);
  // No page of the old file may be taken for the new one's: its log is empty, and goes before.
  std::error_code failed;
  for (const char* suffix : {"-wal", "-shm"})
    if (written) fs::remove(path + suffix, failed);
  if (written && failed) written = base::unavailable("The old database's log can't be removed");
  if (written) written = storage::move_file_durably(next, path);
  if (!written) {
    remove_unfinished_database(options.directory);
    return std::move(written).error();
  }
  EGIDE_TRY_VOID(before(RotationStep::File));
  return out;
}

}  // namespace egide::vault
