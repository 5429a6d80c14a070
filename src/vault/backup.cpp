#include "egide/vault/backup.h"

#include <array>
#include <filesystem>

#include "backup_file.h"
#include "database_key.h"
#include "egide/audit/log_verifier.h"
#include "egide/base/time.h"
#include "egide/crypto/random.h"
#include "egide/crypto/running_hash.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/epoch_repository.h"
#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "egide/storage/sqlcipher.h"
#include "egide/storage/sqlcipher_copy.h"
#include "egide/storage/subject_repository.h"
#include "pins.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

constexpr std::size_t kPart = 64 << 10;

// Removes the database's copy, which is encrypted but no longer needed, on every way out.
class CopiedDatabase {
 public:
  explicit CopiedDatabase(std::string path) : path_(std::move(path)) { remove(); }
  ~CopiedDatabase() { remove(); }
  CopiedDatabase(const CopiedDatabase&) = delete;
  CopiedDatabase& operator=(const CopiedDatabase&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path_ + suffix, ignored);
  }
  std::string path_;
};

class Backup {
 public:
  Backup(const std::string& directory, const std::string& out, const Progress& progress)
      : directory_(directory), out_(out), progress_(progress), copy_(out + ".copy") {}

  base::Result<BackupReport> run(const UnsealSecret& secret, base::Timestamp now) {
    if (storage::file_exists(out_)) return base::conflict("There is a file already: " + out_);
    EGIDE_TRY_VOID(open_keys(secret, now));
    // Before the snapshot: a pin written meanwhile is of a larger log than the copy.
    EGIDE_TRY(const auto pins, read_pins(directory_));
    EGIDE_TRY_VOID(copy_database());
    EGIDE_TRY_VOID(look_into_copy(pins));
    EGIDE_TRY_VOID(write_file());
    return report_;
  }

 private:
  base::Result<void> open_keys(const UnsealSecret& secret, base::Timestamp now) {
    if (!storage::file_exists(in_vault(directory_, kUnsealFile)))
      return base::not_found("There is no vault in this directory");
    header_.id = crypto::random_uuid();
    header_.created_at = base::format_rfc3339(now);
    EGIDE_TRY(header_.unseal, storage::read_file(in_vault(directory_, kUnsealFile)));
    EGIDE_TRY(const auto slots, crypto::KeySlots::parse(header_.unseal));
    EGIDE_TRY(const auto root, unseal(slots, secret));
    EGIDE_TRY(header_.derivation, storage::read_file(in_vault(directory_, kDerivationKeyFile)));
    EGIDE_TRY(derivation_, crypto::wrapped_secret_from_json(root, "derivation", header_.derivation));
    EGIDE_TRY(auto keys, crypto::DerivedKeys::make(derivation_.expose_secret()));
    keys_.emplace(std::move(keys));
    report_.id = header_.id.str();
    return {};
  }

  base::Result<std::unique_ptr<storage::Database>> open_database(const std::string& path) const {
    storage::SqlcipherOptions options;
    options.path = path;
    EGIDE_TRY(auto key, database_key_of(derivation_.expose_secret(), path));
    return storage::open_sqlcipher(options, std::move(key));
  }

  base::Result<void> copy_database() const {
    EGIDE_TRY(const auto database, open_database(in_vault(directory_, kDatabaseFile)));
    EGIDE_TRY(const auto connection, database->connect());
    return storage::copy_sqlcipher(*connection, copy_.path());
  }

  // What is in the backup is what was verified, not what the server holds.
  base::Result<void> look_into_copy(const std::vector<std::string>& pins) {
    EGIDE_TRY(const auto database, open_database(copy_.path()));
    EGIDE_TRY(const auto connection, database->connect());
    EGIDE_TRY_VOID(connection->check_integrity());
    const storage::AccountRepository settings(*connection);
    EGIDE_TRY(const auto verifier_key, settings.setting("verifier_key"));
    EGIDE_TRY(const auto trusted, audit::VerifierKey::parse(verifier_key.value_or("")));
    storage::StoredLogSource source(*connection);
    audit::VerifyOptions options;
    options.older_checkpoints = pins;
    EGIDE_TRY(const auto verified, audit::verify_log(source, trusted, options));
    EGIDE_TRY(manifest_.checkpoint, source.checkpoint());
    manifest_.origin = report_.origin = verified.checkpoint.origin;
    report_.log_size = verified.checkpoint.size;
    EGIDE_TRY(manifest_.people, storage::SubjectRepository(*connection).count_living());
    report_.people = manifest_.people;
    EGIDE_TRY(const auto epochs, storage::EpochRepository(*connection).in_use());
    if (epochs) {
      manifest_.oldest_epoch = report_.oldest_epoch = epochs->oldest;
      manifest_.newest_epoch = epochs->newest;
    }
    return {};
  }

  static base::Result<void> each_part(const std::string& path,
                                      const std::function<base::Result<void>(base::ByteView)>& take) {
    EGIDE_TRY(auto file, storage::FileReader::open(path));
    base::Bytes buffer(kPart);
    for (;;) {
      EGIDE_TRY(const std::size_t got, file.read(buffer));
      if (got == 0) return {};
      EGIDE_TRY_VOID(take(base::ByteView(buffer).first(got)));
    }
  }

  base::Result<BackupPart> described(const char* name, const std::string& path) const {
    BackupPart part;
    part.name = name;
    crypto::RunningSha256 hash;
    EGIDE_TRY_VOID(each_part(path, [&](base::ByteView bytes) -> base::Result<void> {
      part.size += bytes.size();
      hash.add(bytes);
      return {};
    }));
    part.sha256 = hash.finish();
    return part;
  }

  base::Result<void> write_file() {
    const std::string log_key = in_vault(directory_, kLogKeyFile);
    EGIDE_TRY(auto database, described(kDatabaseFile, copy_.path()));
    EGIDE_TRY(auto key, described(kLogKeyFile, log_key));
    report_.bytes = database.size;
    const std::size_t total = static_cast<std::size_t>(database.size + key.size);
    manifest_.parts = {std::move(database), std::move(key)};
    EGIDE_TRY(auto writer, BackupWriter::create(out_, header_, *keys_, manifest_));
    std::size_t done = 0;
    for (const auto& path : {copy_.path(), log_key})
      EGIDE_TRY_VOID(each_part(path, [&](base::ByteView bytes) -> base::Result<void> {
        done += bytes.size();
        if (progress_) progress_(done, total);
        return writer.write(bytes);
      }));
    return writer.finish();
  }

  const std::string &directory_, &out_;
  const Progress& progress_;
  CopiedDatabase copy_;
  BackupHeader header_;
  BackupManifest manifest_;
  crypto::SecretBytes derivation_;
  std::optional<crypto::DerivedKeys> keys_;
  BackupReport report_;
};

}  // namespace

base::Result<BackupReport> make_backup(const std::string& directory, const UnsealSecret& secret, const std::string& out,
                                       base::Timestamp now, const Progress& progress) {
  return Backup(directory, out, progress).run(secret, now);
}

}  // namespace egide::vault
