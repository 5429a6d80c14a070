#include <algorithm>
#include <filesystem>

#include "database_key.h"
#include "egide/audit/note.h"
#include "egide/crypto/random.h"
#include "egide/storage/account_repository.h"
#include "egide/storage/file_stream.h"
#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"
#include "egide/vault/rotation.h"
#include "opening.h"
#include "rotation_files.h"
#include "rotation_log.h"
#include "signing_hand_over.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

base::Result<crypto::SigningKey> signing_key(const crypto::SecretBytes& root, const std::string& path) {
  EGIDE_TRY(const auto text, storage::read_file(path));
  EGIDE_TRY(const auto seed, crypto::wrapped_secret_from_json(root, "log", text));
  return crypto::SigningKey::from_seed(seed.expose_secret());
}

std::string hand_over_pin(const std::string& directory, std::uint64_t size) {
  return in_vault(directory, kPinsDirectory) + "/hand-over-" + std::to_string(size) + ".checkpoint";
}

// The committer's own steps (docs/audit-log.md, "Write path"), with a second signature.
class HandOver {
 public:
  HandOver(const Services& services, storage::Connection& connection, const crypto::SigningKey& old_key,
           const crypto::SigningKey& new_key)
      : services_(services), connection_(connection), log_(connection), old_key_(old_key), new_key_(new_key) {}

  base::Result<std::string> run() {
    EGIDE_TRY_VOID(connection_.begin_write());
    auto note = append();
    if (note) {
      auto committed = connection_.commit();
      if (!committed) note = std::move(committed).error();
    }
    if (!note) connection_.rollback();
    return note;
  }

 private:
  base::Result<std::string> append() {
    EGIDE_TRY(const auto before, log_.newest_checkpoint());
    if (!before) return base::integrity_violation("The log has no checkpoint");
    EGIDE_TRY(const auto old_vkey, audit::VerifierKey::parse(services_.verifier_key));
    EGIDE_TRY(const auto signed_before, audit::open_checkpoint(*before, old_vkey));
    EGIDE_TRY(const std::uint64_t size, log_.size());
    if (size != signed_before.size || size == 0)
      return base::integrity_violation("The stored log does not fit its newest checkpoint");
    EGIDE_TRY(const std::string line, entry(size));
    EGIDE_TRY_VOID(insert(size, line));
    EGIDE_TRY(const auto roots, log_.recompute_roots(size, size + 1));
    if (roots.old_root != signed_before.root) return base::integrity_violation("The log before the hand-over differs");
    const audit::Checkpoint checkpoint{services_.origin, size + 1, roots.new_root};
    std::string note = audit::add_signature(audit::sign_checkpoint(checkpoint, old_key_), checkpoint, new_key_);
    EGIDE_TRY_VOID(log_.insert_checkpoint(size + 1, note));
    EGIDE_TRY_VOID(storage::AccountRepository(connection_).put_setting("verifier_key", new_vkey()));
    return note;
  }

  std::string new_vkey() const { return audit::VerifierKey::make(services_.origin, new_key_.public_key()).str(); }

  base::Result<std::string> entry(std::uint64_t index) {
    EGIDE_TRY(const auto last_line, log_.leaf(index - 1));
    audit::ParsedLeaf last;
    EGIDE_TRY_VOID(audit::parse_leaf(last_line, last));
    audit::Leaf leaf;
    leaf.index = index;
    leaf.time = std::max(services_.clock->now(), last.leaf.time);
    leaf.event = audit::event::kLogKey;
    leaf.old_vkey = services_.verifier_key;
    leaf.new_vkey = new_vkey();
    leaf.actor = services_.operator_actor;
    leaf.request = crypto::random_array<16>();
    std::string line;
    EGIDE_TRY_VOID(audit::write_leaf(leaf, line));
    return line;
  }

  base::Result<void> insert(std::uint64_t size, const std::string& line) {
    EGIDE_TRY(auto hashes, log_.read_nodes(audit::frontier_indexes(size)));
    EGIDE_TRY(auto frontier, audit::Frontier::restore(size, std::move(hashes)));
    EGIDE_TRY_VOID(log_.insert_leaf(size, base::as_bytes(line)));
    base::Result<void> stored;
    frontier.append(audit::leaf_hash(base::as_bytes(line)), [&](std::uint64_t index, const base::Hash32& hash) {
      if (stored) stored = log_.insert_node(index, hash);
    });
    return stored;
  }

  const Services& services_;
  storage::Connection& connection_;
  storage::LogStore log_;
  const crypto::SigningKey &old_key_, &new_key_;
};

base::Result<void> open_services(Services& services, const RotationOptions& options) {
  services.directory = options.directory;
  services.clock = options.clock;
  EGIDE_TRY(const auto slots_text, storage::read_file(in_vault(options.directory, kUnsealFile)));
  EGIDE_TRY(const auto slots, crypto::KeySlots::parse(slots_text));
  EGIDE_TRY(services.root, unseal(slots, options.secrets.front()));
  EGIDE_TRY(const auto text, storage::read_file(in_vault(options.directory, kDerivationKeyFile)));
  EGIDE_TRY(const auto derivation, crypto::wrapped_secret_from_json(services.root, "derivation", text));
  EGIDE_TRY(auto keys, crypto::DerivedKeys::make(derivation.expose_secret()));
  services.keys.emplace(std::move(keys));
  storage::SqlcipherOptions database;
  database.path = in_vault(options.directory, kDatabaseFile);
  EGIDE_TRY(auto key, database_key_of(derivation.expose_secret(), database.path));
  EGIDE_TRY(services.database, storage::open_sqlcipher(database, std::move(key)));
  return {};
}

}  // namespace

base::Result<void> finish_hand_over(const Services& services, storage::Connection& connection) {
  const std::string next = in_vault(services.directory, kNextLogKeyFile);
  if (!storage::file_exists(next)) return {};
  EGIDE_TRY(const auto key, signing_key(services.root, next));
  if (audit::VerifierKey::make(services.origin, key.public_key()).str() != services.verifier_key) {
    std::error_code ignored;  // the hand-over never came to be: the old key goes on
    std::filesystem::remove(next, ignored);
    return {};
  }
  // The newest checkpoint is the one that both keys signed: nothing was appended since.
  EGIDE_TRY(const auto note, storage::LogStore(connection).newest_checkpoint());
  EGIDE_TRY(const std::uint64_t size, storage::LogStore(connection).size());
  if (!note) return base::integrity_violation("The log has no checkpoint");
  EGIDE_TRY_VOID(storage::write_file_durably(hand_over_pin(services.directory, size), *note));
  EGIDE_TRY_VOID(storage::write_file_durably(in_vault(services.directory, kPinsDirectory) + "/" + kNewestPin, *note));
  // Last: as long as it has its own name, the rest is done again.
  return storage::move_file_durably(next, in_vault(services.directory, kLogKeyFile));
}

base::Result<SigningRotation> rotate_signing_key(const RotationOptions& options) {
  if (options.secrets.empty()) return base::invalid_request("A rotation needs what opens the vault");
  const auto before = [&](RotationStep step) {
    return options.before_step ? options.before_step(step) : base::Result<void>();
  };
  if (!storage::file_exists(in_vault(options.directory, kUnsealFile)))
    return base::not_found("There is no vault in this directory");
  Services services;
  EGIDE_TRY(const auto lock, storage::DirectoryLock::take(options.directory));
  remove_unfinished_files(options.directory);
  EGIDE_TRY_VOID(finish_replacing(options.directory));
  EGIDE_TRY_VOID(open_services(services, options));
  EGIDE_TRY(const auto connection, services.database->connect());
  EGIDE_TRY([[maybe_unused]] const int applied, storage::migrate(*connection));
  EGIDE_TRY_VOID(read_settings(services, *connection));
  EGIDE_TRY_VOID(finish_hand_over(services, *connection));
  EGIDE_TRY_VOID(compare_with_pin(services, *connection));

  EGIDE_TRY(const auto old_key, signing_key(services.root, in_vault(options.directory, kLogKeyFile)));
  EGIDE_TRY(const auto seed, crypto::SecretBytes::random(32));
  EGIDE_TRY(const auto new_key, crypto::SigningKey::from_seed(seed.expose_secret()));
  EGIDE_TRY_VOID(before(RotationStep::Prepare));
  EGIDE_TRY_VOID(storage::write_file_durably(in_vault(options.directory, kNextLogKeyFile),
                                             crypto::wrapped_secret_to_json(services.root, "log", seed)));
  EGIDE_TRY_VOID(before(RotationStep::Decide));
  SigningRotation out;
  out.old_key = services.verifier_key;
  EGIDE_TRY([[maybe_unused]] const auto note, HandOver(services, *connection, old_key, new_key).run());
  EGIDE_TRY(const auto size, storage::LogStore(*connection).size());
  EGIDE_TRY_VOID(before(RotationStep::File));
  EGIDE_TRY_VOID(read_settings(services, *connection));
  out.new_key = services.verifier_key;
  out.hand_over = hand_over_pin(options.directory, size);
  EGIDE_TRY_VOID(finish_hand_over(services, *connection));
  return out;
}

}  // namespace egide::vault
