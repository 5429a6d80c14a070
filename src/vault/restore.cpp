#include <filesystem>

#include "backup_file.h"
#include "database_key.h"
#include "egide/audit/note.h"
#include "egide/crypto/random.h"
#include "egide/storage/committer.h"
#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"
#include "load_projection.h"
#include "opening.h"
#include "pins.h"
#include "restore_parts.h"
#include "rotation_log.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStaging = "restoring";

class RestoredChange final : public storage::Change {
 public:
  RestoredChange(const Services& services, const RestoreReport& report) : services_(services), report_(report) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::EntryDraft draft;
    draft.leaf.event = audit::event::kLogRestore;
    draft.leaf.size = report_.backup_size;
    draft.leaf.tail = report_.tail_entries;
    draft.leaf.actor = services_.operator_actor;
    draft.leaf.request = crypto::random_array<16>();
    EGIDE_TRY([[maybe_unused]] const auto index, context.append(draft));
    return {};
  }

 private:
  const Services& services_;
  const RestoreReport& report_;
};

class Restore {
 public:
  explicit Restore(const RestoreOptions& options) : options_(options), staging_(options.directory + "/" + kStaging) {}

  base::Result<RestoreReport> run() {
    EGIDE_TRY_VOID(storage::make_private_directory(options_.directory));
    EGIDE_TRY(const auto lock, storage::DirectoryLock::take(options_.directory));
    if (storage::file_exists(in_vault(options_.directory, kDatabaseFile)))
      return base::conflict("This directory holds a vault's database already: move vault.db away first");
    remove_unfinished_files(options_.directory);
    EGIDE_TRY_VOID(begin_anew());
    auto restored = restore();
    std::error_code ignored;
    fs::remove_all(staging_, ignored);  // people who were erased may stand in it
    EGIDE_TRY_VOID(restored);
    return std::move(report_);
  }

 private:
  base::Result<void> before(RestoreStep step) const {
    return options_.before_step ? options_.before_step(step) : base::Result<void>();
  }

  base::Result<void> begin_anew() const {
    std::error_code failed;
    fs::remove_all(staging_, failed);
    if (failed) return base::unavailable("What an earlier restore left can't be removed: " + staging_);
    return storage::make_private_directory(staging_);
  }

  base::Result<void> restore() {
    EGIDE_TRY(auto reader, BackupReader::open(options_.in));
    EGIDE_TRY_VOID(open_keys(reader.header()));
    EGIDE_TRY(const auto manifest, reader.unlock(*services_.keys));
    EGIDE_TRY_VOID(check_epoch(manifest));
    EGIDE_TRY_VOID(extract(reader, manifest));
    EGIDE_TRY_VOID(before(RestoreStep::Extracted));
    EGIDE_TRY_VOID(rebuild());
    EGIDE_TRY_VOID(close_staging());
    return place();
  }

  // The wraps beside the epoch keys are of today, those in the backup of its day: a root or signing key may have been
  // replaced between. Whichever opens the epoch keys is right.
  base::Result<void> open_keys(const BackupHeader& header) {
    const std::string path =
        options_.epoch_keys.empty() ? in_vault(options_.directory, kEpochKeysFile) : options_.epoch_keys;
    auto text = storage::read_file(path);
    if (!text)
      return base::not_found("The epoch keys are in no backup: give their mirror (--epoch-keys FILE or --mirror DIR)");
    epoch_keys_text_ = std::move(*text);
    EGIDE_TRY(auto beside, wraps_beside(path));
    auto opened = beside ? try_wraps(*beside) : base::Result<void>(base::not_found(""));
    if (!opened) opened = try_wraps({header.unseal, header.derivation, ""});
    return opened;
  }

  struct Wraps {
    std::string unseal, derivation, log_key;  // log_key empty: the backup's
  };

  static base::Result<std::optional<Wraps>> wraps_beside(const std::string& epoch_keys) {
    const std::string directory = fs::path(epoch_keys).parent_path().string();
    const auto file = [&](const char* name) { return in_vault(directory.empty() ? "." : directory, name); };
    for (const char* name : {kUnsealFile, kDerivationKeyFile, kLogKeyFile})
      if (!storage::file_exists(file(name))) return std::optional<Wraps>();
    Wraps out;
    EGIDE_TRY(out.unseal, storage::read_file(file(kUnsealFile)));
    EGIDE_TRY(out.derivation, storage::read_file(file(kDerivationKeyFile)));
    EGIDE_TRY(out.log_key, storage::read_file(file(kLogKeyFile)));
    return std::optional<Wraps>(std::move(out));
  }

  base::Result<void> try_wraps(Wraps wraps) {
    EGIDE_TRY(const auto slots, crypto::KeySlots::parse(wraps.unseal));
    EGIDE_TRY(services_.root, unseal(slots, options_.secret));
    EGIDE_TRY(derivation_, crypto::wrapped_secret_from_json(services_.root, "derivation", wraps.derivation));
    EGIDE_TRY(auto keys, crypto::DerivedKeys::make(derivation_.expose_secret()));
    services_.keys.emplace(std::move(keys));
    services_.clock = options_.clock;
    auto epochs = crypto::EpochKeys::parse(services_.root, epoch_keys_text_);
    if (!epochs && epochs.error().code() == base::ErrorCode::Integrity)
      return base::integrity_violation(
          "The epoch keys do not open under this backup's root key: they are another vault's, or the root key was "
          "replaced since, and the wraps of today (unseal.json, derivation.key, log.key) are not beside them");
    EGIDE_TRY(services_.epoch_keys, std::move(epochs));
    wraps_ = std::move(wraps);
    return {};
  }

  base::Result<void> check_epoch(const BackupManifest& manifest) const {
    if (!manifest.oldest_epoch || services_.epoch_keys.find(*manifest.oldest_epoch) != nullptr) return {};
    if (services_.epoch_keys.is_older_than_all(*manifest.oldest_epoch))
      return base::Error(base::ErrorCode::Gone,
                         "The epoch key of this backup's day was destroyed: nobody can open it any more");
    return base::integrity_violation("The epoch keys lack the key of this backup's day: take the newest copy of them");
  }

  base::Result<void> extract(BackupReader& reader, const BackupManifest& manifest) const {
    for (const auto& part : manifest.parts) {
      EGIDE_TRY(auto file, storage::NewFile::create(staging_ + "/" + part.name));
      EGIDE_TRY_VOID(reader.read_part(part, [&](base::ByteView bytes) { return file.write(bytes); }));
      EGIDE_TRY_VOID(file.finish());
    }
    EGIDE_TRY_VOID(reader.finish());
    if (wraps_.log_key.empty()) return {};
    return storage::write_file_durably(in_vault(staging_, kLogKeyFile), wraps_.log_key);
  }

  base::Result<void> rebuild() {
    EGIDE_TRY(services_.pack, load_policies(options_.pack_files));
    storage::SqlcipherOptions database;
    database.path = in_vault(staging_, kDatabaseFile);
    database.vfs = options_.vfs;
    EGIDE_TRY(auto key, database_key_of(derivation_.expose_secret(), database.path));
    EGIDE_TRY(services_.database, storage::open_sqlcipher(database, std::move(key)));
    EGIDE_TRY(auto connection, services_.database->connect());
    EGIDE_TRY([[maybe_unused]] const int applied, storage::migrate(*connection));
    EGIDE_TRY_VOID(connection->check_integrity());
    EGIDE_TRY_VOID(read_settings(services_, *connection));
    report_.origin = services_.origin;
    report_.verifier_key = services_.verifier_key;

    EGIDE_TRY_VOID(continue_log(*connection));
    return sign_restore(std::move(connection));
  }

  base::Result<void> continue_log(storage::Connection& connection) {
    EGIDE_TRY(auto pins, read_pins(options_.directory));
    for (const auto& path : options_.pins) {
      EGIDE_TRY(auto note, storage::read_file(path));
      pins.push_back(std::move(note));
    }
    std::optional<LogTail> tail;
    if (!options_.log_tail.empty()) {
      EGIDE_TRY(const std::uint64_t size, storage::LogStore(connection).size());
      EGIDE_TRY(auto read, read_log_tail(options_.log_tail, size));
      tail.emplace(std::move(read));
    }
    EGIDE_TRY_VOID(before(RestoreStep::TailAppended));
    EGIDE_TRY_VOID(restore_log(services_, connection, tail, pins, options_.accept_missing_tail, report_));
    EGIDE_TRY_VOID(before(RestoreStep::Replayed));
    services_.pseudonyms = std::make_unique<PseudonymDomains>(*services_.keys, services_.subjects);
    EGIDE_TRY_VOID(load_projection(services_, connection));
    if (!tail) return {};
    EGIDE_TRY_VOID(replay_tail(services_, connection, *tail, report_));
    report_.verifier_key = services_.verifier_key;
    return {};
  }

  // Only now, on a log that reaches every pin: the first entry that this machine signs again.
  base::Result<void> sign_restore(std::unique_ptr<storage::Connection> connection) {
    EGIDE_TRY_VOID(before(RestoreStep::Logged));
    EGIDE_TRY(const auto text, storage::read_file(in_vault(staging_, kLogKeyFile)));
    EGIDE_TRY(const auto seed, crypto::wrapped_secret_from_json(services_.root, "log", text));
    EGIDE_TRY(auto signing, crypto::SigningKey::from_seed(seed.expose_secret()));
    if (audit::VerifierKey::make(services_.origin, signing.public_key()).str() != services_.verifier_key)
      return base::integrity_violation(
          "The log's key does not belong to this log: it was rotated after the backup. Put the log.key of today, with "
          "its unseal.json and derivation.key, beside the epoch keys");
    EGIDE_TRY(
        const auto committer,
        storage::Committer::start(std::move(connection), services_.origin,
                                  std::make_shared<const crypto::SigningKey>(std::move(signing)), options_.clock));
    RestoredChange change(services_, report_);
    EGIDE_TRY_VOID(committer->commit(change));
    // Nothing of the erased stays beside the database.
    EGIDE_TRY_VOID(committer->purge_history());
    checkpoint_ = *committer->checkpoint();
    ++report_.log_size;
    return {};
  }

  base::Result<void> close_staging() {
    services_.database.reset();
    std::error_code ignored;
    for (const char* suffix : {"-wal", "-shm"}) fs::remove(in_vault(staging_, kDatabaseFile) + suffix, ignored);
    return {};
  }

  // Slots that were removed since the backup stay removed where the directory still has its own.
  base::Result<void> place_slots() const {
    const std::string path = in_vault(options_.directory, kUnsealFile);
    if (!storage::file_exists(path)) return storage::write_file_durably(path, wraps_.unseal);
    EGIDE_TRY(const auto text, storage::read_file(path));
    EGIDE_TRY(const auto slots, crypto::KeySlots::parse(text));
    const auto root = unseal(slots, options_.secret);
    if (!root || !crypto::equal_constant_time(root->expose_secret(), services_.root.expose_secret()))
      return base::conflict("The directory's unseal.json is of another root key than the backup's: move it away first");
    return {};
  }

  // The database last: without it the directory can't be served.
  base::Result<void> place() const {
    const auto file = [&](const char* name) { return in_vault(options_.directory, name); };
    EGIDE_TRY_VOID(before(RestoreStep::PlaceKeys));
    EGIDE_TRY_VOID(place_slots());
    EGIDE_TRY_VOID(storage::write_file_durably(file(kDerivationKeyFile), wraps_.derivation));
    EGIDE_TRY_VOID(storage::move_file_durably(in_vault(staging_, kLogKeyFile), file(kLogKeyFile)));
    EGIDE_TRY_VOID(storage::write_file_durably(file(kEpochKeysFile), epoch_keys_text_));
    EGIDE_TRY_VOID(storage::make_private_directory(file(kPinsDirectory)));
    std::error_code ignored;  // of the database that was lost
    for (const char* suffix : {"-wal", "-shm", "-journal"}) fs::remove(file(kDatabaseFile) + suffix, ignored);
    EGIDE_TRY_VOID(before(RestoreStep::PlaceDatabase));
    EGIDE_TRY_VOID(storage::move_file_durably(in_vault(staging_, kDatabaseFile), file(kDatabaseFile)));
    // Not before: a restore that begins again signs another entry at this size, and must not be held to this one.
    return storage::write_file_durably(file(kPinsDirectory) + "/" + kNewestPin, checkpoint_);
  }

  const RestoreOptions& options_;
  const std::string staging_;
  Wraps wraps_;
  crypto::SecretBytes derivation_;
  Services services_;
  std::string epoch_keys_text_, checkpoint_;
  RestoreReport report_;
};

}  // namespace

base::Result<RestoreReport> restore_backup(const RestoreOptions& options) {
  EGIDE_CHECK(options.clock != nullptr);
  return Restore(options).run();
}

}  // namespace egide::vault
