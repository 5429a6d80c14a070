#include "egide/vault/maintenance.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "database_key.h"
#include "egide/base/time.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "egide/storage/sqlcipher.h"
#include "pins.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

base::Result<crypto::KeySlots> read_slots(const std::string& directory) {
  const std::string path = in_vault(directory, kUnsealFile);
  if (!storage::file_exists(path))
    return base::not_found("There is no vault in this directory: make one with 'egide init'");
  EGIDE_TRY(const auto text, storage::read_file(path));
  return crypto::KeySlots::parse(text);
}

base::Result<std::unique_ptr<storage::Connection>> connect_to(const std::string& directory,
                                                              const UnsealSecret& secret) {
  EGIDE_TRY(const auto slots, read_slots(directory));
  EGIDE_TRY(const auto root, unseal(slots, secret));
  EGIDE_TRY(const auto text, storage::read_file(in_vault(directory, kDerivationKeyFile)));
  EGIDE_TRY(const auto derivation, crypto::wrapped_secret_from_json(root, "derivation", text));
  storage::SqlcipherOptions options;
  options.path = in_vault(directory, kDatabaseFile);
  EGIDE_TRY(auto key, database_key_of(derivation.expose_secret(), options.path));
  EGIDE_TRY(const auto database, storage::open_sqlcipher(options, std::move(key)));
  return database->connect();
}

void examine_file(const std::string& directory, const char* name, std::vector<Finding>& findings) {
  struct stat info {};
  if (::stat(in_vault(directory, name).c_str(), &info) != 0) {
    findings.push_back({Finding::Level::Broken, std::string("The file ") + name + " is missing",
                        "Put it back from where you keep copies. Without it the vault can't be opened."});
  } else if ((info.st_mode & 077U) != 0) {
    findings.push_back({Finding::Level::Attention, std::string("Other users of this machine can reach ") + name,
                        std::string("Run: chmod 600 ") + name + " in the vault's directory."});
  }
}

constexpr int kEpochAgeDays = 2;  // a server that runs makes a key each day

void examine_epoch_keys(const std::string& directory, base::Timestamp now, std::vector<Finding>& findings) {
  const auto text = storage::read_file(in_vault(directory, kEpochKeysFile));
  if (!text) return;  // said already
  const auto newest = crypto::newest_epoch_of_file(*text);
  if (!newest) {
    findings.push_back({Finding::Level::Broken, "The file epoch.keys is damaged",
                        "Put its mirror back (epoch_mirror). Without it nobody's data can be opened."});
    return;
  }
  const auto age = std::chrono::floor<std::chrono::days>(now.time_since_epoch()).count() - *newest;
  if (age > kEpochAgeDays)
    findings.push_back({Finding::Level::Attention, "The newest epoch key is " + std::to_string(age) + " days old",
                        "Start the server: it makes a new one each day. Until then erasures reach no old backup."});
  if (age < -1)
    findings.push_back({Finding::Level::Attention, "The newest epoch key is of a day to come",
                        "Set this machine's clock: until that day comes, no new epoch key is made."});
}

}  // namespace

base::Result<CheckedVault> verify_vault(const std::string& directory, const UnsealSecret& secret,
                                        const std::string& expected_key,
                                        const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  EGIDE_TRY(const auto connection, connect_to(directory, secret));
  EGIDE_TRY_VOID(connection->begin_read());
  CheckedVault checked;
  EGIDE_TRY(const auto own_key, storage::AccountRepository(*connection).setting("verifier_key"));
  checked.verifier_key = expected_key.empty() ? own_key.value_or("") : expected_key;
  EGIDE_TRY(const auto key, audit::VerifierKey::parse(checked.verifier_key));
  audit::VerifyOptions options;
  EGIDE_TRY(options.older_checkpoints, read_pins(directory));
  checked.pins_checked = options.older_checkpoints.size();
  options.progress = progress;
  storage::StoredLogSource source(*connection);
  EGIDE_TRY(checked.log, audit::verify_log(source, key, options));
  return checked;
}

base::Result<std::vector<SlotView>> list_slots(const std::string& directory) {
  EGIDE_TRY(const auto slots, read_slots(directory));
  std::vector<SlotView> out;
  for (const auto& slot : slots.slots())
    out.push_back({slot.id.str(), crypto::name_of(slot.kind), slot.label, slot.created_at});
  return out;
}

base::Result<std::string> add_slot(const std::string& directory, const UnsealSecret& present, const UnsealSecret& added,
                                   const std::string& label, base::Timestamp now,
                                   const crypto::PassphraseParameters& parameters) {
  EGIDE_TRY(auto slots, read_slots(directory));
  EGIDE_TRY(const auto root, unseal(slots, present));
  EGIDE_TRY(const auto id, add_slot(slots, root, added, label, base::format_rfc3339(now), parameters));
  EGIDE_TRY_VOID(storage::write_file_durably(in_vault(directory, kUnsealFile), slots.to_json()));
  return id.str();
}

base::Result<void> remove_slot(const std::string& directory, const UnsealSecret& present, const std::string& id) {
  EGIDE_TRY(auto slots, read_slots(directory));
  EGIDE_TRY([[maybe_unused]] const auto root, unseal(slots, present));
  const auto uuid = base::Uuid::parse(id);
  if (!uuid) return base::not_found("There is no slot with this id: see 'egide slot list'");
  EGIDE_TRY_VOID(slots.remove(*uuid));
  return storage::write_file_durably(in_vault(directory, kUnsealFile), slots.to_json());
}

std::vector<Finding> examine(const std::string& directory, base::Timestamp now) {
  std::vector<Finding> findings;
  if (!storage::file_exists(directory)) {
    findings.push_back({Finding::Level::Broken, "There is no such directory", "Make a vault with 'egide init'."});
    return findings;
  }
  for (const char* name : {kUnsealFile, kDatabaseFile, kDerivationKeyFile, kLogKeyFile, kEpochKeysFile})
    examine_file(directory, name, findings);
  const auto slots = list_slots(directory);
  if (slots && slots->size() < 2)
    findings.push_back({Finding::Level::Attention, "Only one secret opens this vault",
                        "Add a second one of another kind with 'egide slot add': a lost secret loses everything."});
  if (!storage::file_exists(in_vault(directory, kPinsDirectory) + "/" + kNewestPin))
    findings.push_back({Finding::Level::Attention, "No checkpoint of the log is pinned",
                        "Keep one away from this machine (GET /log/checkpoint): it shows if an old copy comes back."});
  examine_epoch_keys(directory, now, findings);
  std::error_code failed;
  const auto space = std::filesystem::space(directory, failed);
  if (!failed && space.available < (512ULL << 20))
    findings.push_back({Finding::Level::Attention, "Less than 512 MB are free on this disk",
                        "Make room: without space the log can't be written and every request is refused."});
  if (findings.empty()) findings.push_back({Finding::Level::Good, "Everything looks right", ""});
  return findings;
}

}  // namespace egide::vault
