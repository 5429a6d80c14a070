#include <nlohmann/json.hpp>

#include "access_gateway.h"
#include "database_key.h"
#include "egide/audit/log_verifier.h"
#include "egide/base/log.h"
#include "egide/crypto/hash.h"
#include "egide/storage/consent_repository.h"
#include "egide/storage/log_store.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"
#include "egide/vault/accounts.h"
#include "egide/vault/vault.h"
#include "entries.h"
#include "load_projection.h"
#include "opening.h"
#include "receipt_key.h"
#include "rotation_files.h"
#include "rotation_log.h"
#include "signing_hand_over.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

base::Result<std::string> needed_setting(const storage::AccountRepository& settings, const char* key) {
  EGIDE_TRY(auto value, settings.setting(key));
  if (!value) return base::integrity_violation(std::string("The vault lacks its setting '") + key + "'");
  return std::move(*value);
}

base::Hash32 revision_hash(base::ByteView text) { return crypto::sha256(text); }

// Every mistake in one message.
base::Error with_mistakes(std::string message, const base::Error& error) {
  for (const auto& mistake : error.fields())
    message += "\n  line " + std::to_string(mistake.line) + ", " + (mistake.pointer.empty() ? "/" : mistake.pointer) +
               ": " + mistake.detail;
  return base::invalid_request(message);
}

}  // namespace

base::Result<void> read_settings(Services& services, storage::Connection& connection) {
  const storage::AccountRepository settings(connection);
  EGIDE_TRY(services.organisation, needed_setting(settings, "organisation"));
  EGIDE_TRY(services.language, needed_setting(settings, "language"));
  EGIDE_TRY(services.origin, needed_setting(settings, "origin"));
  EGIDE_TRY(services.verifier_key, needed_setting(settings, "verifier_key"));
  EGIDE_TRY(services.tenant, needed_setting(settings, "tenant"));
  EGIDE_TRY(const auto actor, needed_setting(settings, "operator_actor"));
  const auto bytes = base::from_hex(actor);
  const auto array = bytes ? base::to_array<16>(*bytes) : std::nullopt;
  if (!array) return base::integrity_violation("The vault's setting 'operator_actor' is damaged");
  services.operator_actor = *array;
  return {};
}

base::Result<std::shared_ptr<const policies::Pack>> load_policies(const std::vector<policies::PackFile>& files) {
  auto pack = policies::load_pack(files.empty() ? policies::bundled_pack_files() : files, revision_hash);
  if (pack) return pack;
  return with_mistakes("The policy pack can't be loaded; nothing of it applies", pack.error());
}

base::Result<void> compare_with_pin(const Services& services, storage::Connection& connection) {
  const std::string path = in_vault(services.directory, kPinsDirectory) + "/" + kNewestPin;
  auto note = storage::read_file(path);
  if (!note && note.error().code() == base::ErrorCode::NotFound) return {};
  if (!note) return std::move(note).error();
  EGIDE_TRY(const auto key, audit::VerifierKey::parse(services.verifier_key));
  EGIDE_TRY(const auto pinned, audit::open_checkpoint(*note, key));
  const storage::LogStore log(connection);
  EGIDE_TRY(const std::uint64_t size, log.size());
  if (size < pinned.size)
    return base::integrity_violation("The log has " + std::to_string(size) + " entries, a pinned checkpoint " +
                                     std::to_string(pinned.size) +
                                     ": this vault is older than its pin. Sealed for restore");
  EGIDE_TRY(const auto root, audit::root_at(log, pinned.size));
  if (root != pinned.root)
    return base::integrity_violation("The log differs from a pinned checkpoint of " + std::to_string(pinned.size) +
                                     " entries. Sealed for restore");
  return {};
}

namespace {

struct Policies {
  std::shared_ptr<const policies::Pack> pack;
  std::shared_ptr<const policies::GenericPolicies> generic;
};

// A folder may hold both kinds.
base::Result<Policies> load_all_policies(const OpenOptions& options) {
  std::vector<policies::PackFile> of_pack, of_generic = options.generic_policies;
  for (const auto& file : options.pack_files)
    (policies::is_generic_policy(file.text) ? of_generic : of_pack).push_back(file);
  Policies out;
  EGIDE_TRY(out.pack, load_policies(of_pack));
  auto reserved = options.tool_types;
  reserved.insert(reserved.end(), options.person_types.begin(), options.person_types.end());
  auto generic = policies::load_generic_policies(of_generic, reserved, revision_hash);
  if (!generic) return with_mistakes("The generic policies can't be loaded; nothing of them applies", generic.error());
  out.generic = std::move(*generic);
  return out;
}

// What is told apart at start: a vault whose policies are others than the last time says so in its log.
std::string revisions_of(const Services& services) {
  const auto& generic = *services.gateway->generic;
  return services.pack->revision_text() + (generic.empty() ? std::string() : "+" + generic.revision_text());
}

// Says in the log which policies apply from here on.
class PolicyChange final : public LoggedChange {
 public:
  PolicyChange(Services& services, const Caller& caller) : LoggedChange(services), caller_(caller) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY_VOID(
        storage::AccountRepository(context.connection()).put_setting("policy_revision", revisions_of(services_)));
    EntryFields fields;
    fields.event = audit::event::kPolicyLoaded;
    fields.caller = &caller_;
    fields.with_policy = true;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    if (services_.gateway->generic->empty()) return {};
    fields.policy = &services_.gateway->generic->revision();
    EGIDE_TRY([[maybe_unused]] const auto second, append(context, fields));
    return {};
  }

 private:
  const Caller& caller_;
};

// Stops a long verification when the vault closes.
class StoppableSource final : public audit::LogSource {
 public:
  StoppableSource(storage::Connection& connection, const std::atomic<bool>& stopping)
      : source_(connection), stopping_(stopping) {}
  base::Result<std::string> checkpoint() override { return source_.checkpoint(); }
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    if (stopping_.load()) return base::unavailable("stopping");
    return source_.leaves(from, count);
  }
  base::Result<std::vector<base::Hash32>> nodes(std::uint64_t from, std::uint64_t count) override {
    return source_.nodes(from, count);
  }

 private:
  storage::StoredLogSource source_;
  const std::atomic<bool>& stopping_;
};

void check_whole_log(Services& services) {
  const auto verify = [&]() -> base::Result<audit::VerifiedLog> {
    EGIDE_TRY(const auto connection, services.database->connect());  // fresh: nothing of it is cached
    EGIDE_TRY_VOID(connection->begin_read());
    EGIDE_TRY(const auto key, audit::VerifierKey::parse(services.verifier_key));
    StoppableSource source(*connection, services.stopping);
    return audit::verify_log(source, key);
  };
  const auto verified = verify();
  if (verified) {
    services.log_check_result.store(1);
    base::log(base::LogLevel::Info, "log.verified", {{"entries", verified->entries}});
  } else if (!services.stopping.load()) {
    services.log_check_result.store(2);
    base::log(base::LogLevel::Error, "log.damaged", {{"reason", verified.error().message()}});
  }
}

void pin_now(Services& services) {
  const auto note = services.committer->checkpoint();
  if (note == nullptr) return;
  const std::string path = in_vault(services.directory, kPinsDirectory) + "/" + kNewestPin;
  if (const auto written = storage::write_file_durably(path, *note); !written)
    base::log(base::LogLevel::Warning, "pin.failed", {{"reason", written.error().message()}});
}

}  // namespace

base::Result<std::unique_ptr<Vault>> Vault::open(OpenOptions options) {
  EGIDE_CHECK(options.clock != nullptr);
  const auto file = [&](const char* name) { return in_vault(options.directory, name); };
  if (!storage::file_exists(file(kUnsealFile)))
    return base::not_found("There is no vault in this directory: make one with 'egide init'");

  auto services = std::make_unique<Services>();
  services->directory = options.directory;
  services->clock = options.clock;
  EGIDE_TRY(auto loaded, load_all_policies(options));
  services->pack = std::move(loaded.pack);
  EGIDE_TRY(auto lock, storage::DirectoryLock::take(options.directory));
  services->lock.emplace(std::move(lock));
  remove_unfinished_files(options.directory);
  EGIDE_TRY_VOID(finish_replacing(options.directory));  // of the root key's rotation

  EGIDE_TRY(const auto slots_text, storage::read_file(file(kUnsealFile)));
  EGIDE_TRY(const auto slots, crypto::KeySlots::parse(slots_text));
  EGIDE_TRY(services->root, unseal(slots, options.secret));
  const crypto::SecretBytes& root = services->root;
  EGIDE_TRY(const auto derivation_text, storage::read_file(file(kDerivationKeyFile)));
  EGIDE_TRY(const auto derivation, crypto::wrapped_secret_from_json(root, "derivation", derivation_text));
  EGIDE_TRY(const auto epochs_text, storage::read_file(file(kEpochKeysFile)));
  EGIDE_TRY(services->epoch_keys, crypto::EpochKeys::parse(root, epochs_text));
  EGIDE_TRY(auto keys, crypto::DerivedKeys::make(derivation.expose_secret()));
  services->keys.emplace(std::move(keys));

  EGIDE_TRY(auto database_key, database_key_of(derivation.expose_secret(), file(kDatabaseFile)));
  storage::SqlcipherOptions database_options;
  database_options.path = file(kDatabaseFile);
  database_options.vfs = options.vfs;
  EGIDE_TRY(services->database, storage::open_sqlcipher(database_options, std::move(database_key)));
  EGIDE_TRY(auto connection, services->database->connect());
  EGIDE_TRY([[maybe_unused]] const int applied, storage::migrate(*connection));
  EGIDE_TRY_VOID(read_settings(*services, *connection));
  EGIDE_TRY_VOID(finish_hand_over(*services, *connection));
  EGIDE_TRY(const auto log_text, storage::read_file(file(kLogKeyFile)));
  EGIDE_TRY(const auto log_seed, crypto::wrapped_secret_from_json(root, "log", log_text));
  EGIDE_TRY_VOID(compare_with_pin(*services, *connection));

  services->pseudonyms = std::make_unique<PseudonymDomains>(*services->keys, services->subjects);
  EGIDE_TRY_VOID(load_projection(*services, *connection));
  services->gateway = std::make_shared<AccessGateway>(*services->keys, services->subjects, *services->pack);
  services->gateway->generic = std::move(loaded.generic);
  services->gateway->tool_types = std::move(options.tool_types);
  services->gateway->person_types = std::move(options.person_types);
  services->subjects.observe(&services->gateway->contacts);
  EGIDE_TRY(const auto known_revision, storage::AccountRepository(*connection).setting("policy_revision"));
  EGIDE_TRY(services->reads, ReadPool::open(*services->database, options.read_connections));

  EGIDE_TRY(auto signing, crypto::SigningKey::from_seed(log_seed.expose_secret()));
  if (audit::VerifierKey::make(services->origin, signing.public_key()).str() != services->verifier_key)
    return base::integrity_violation("The log's key file does not belong to this vault");
  EGIDE_TRY_VOID(keep_receipt_certificate(*services, *connection, signing));
  EGIDE_TRY(services->committer,
            storage::Committer::start(std::move(connection), services->origin,
                                      std::make_shared<const crypto::SigningKey>(std::move(signing)), options.clock));
  if (known_revision != revisions_of(*services)) {
    const Caller caller = Accounts::operator_of_the_machine(*services);
    PolicyChange change(*services, caller);
    EGIDE_TRY_VOID(services->committer->commit(change));
  }
  // A pin at most once a minute: it costs the committer one small synced file.
  services->committer->on_commit(
      [raw = services.get(), last = std::chrono::steady_clock::now()](const std::string& note, std::uint64_t) mutable {
        const auto now = std::chrono::steady_clock::now();
        if (now - last < std::chrono::minutes(1)) return;
        last = now;
        const std::string path = in_vault(raw->directory, kPinsDirectory) + "/" + kNewestPin;
        if (const auto written = storage::write_file_durably(path, note); !written)
          base::log(base::LogLevel::Warning, "pin.failed", {{"reason", written.error().message()}});
      });
  Services& raw = *services;
  services->log_check = std::thread([&raw] { check_whole_log(raw); });
  return std::unique_ptr<Vault>(new Vault(std::move(services)));
}

Vault::Vault(std::unique_ptr<Services> services) : services_(std::move(services)) {}

Vault::~Vault() {
  if (!services_->committer->failed()) pin_now(*services_);
}

bool Vault::failed() const noexcept {
  return services_->committer->failed() || services_->log_check_result.load() == 2;
}

Vault::LogCheck Vault::log_check() const noexcept {
  switch (services_->log_check_result.load()) {
    case 1:
      return LogCheck::Passed;
    case 2:
      return LogCheck::Failed;
    default:
      return LogCheck::Running;
  }
}

VaultInfo Vault::info() const {
  VaultInfo info;
  info.organisation = services_->organisation;
  info.language = services_->language;
  info.origin = services_->origin;
  info.verifier_key = services_->verifier_key;
  info.pack_revision = services_->pack->revision_text();
  info.engine = services_->database->engine();
  info.people = services_->subjects.living_count();
  if (const auto note = services_->committer->checkpoint())
    if (const auto checkpoint = audit::read_unverified_checkpoint(*note)) info.log_size = checkpoint->size;
  return info;
}

}  // namespace egide::vault
