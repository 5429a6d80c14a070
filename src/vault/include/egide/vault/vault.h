// An opened vault: its keys, database, log and projections. The use cases (one class each, in the other headers of this
// module) take its Services.
//
// DIR/vault.db, DIR/unseal.json, DIR/derivation.key, DIR/log.key, DIR/epoch.keys, DIR/pins/: docs/architecture.md.
//
// Thread safety: everything but open and close may be called from many threads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/crypto/key_slots.h"
#include "egide/crypto/secret.h"
#include "egide/policies/pack.h"

namespace egide::vault {

class Services;

// What opens the root key. Exactly one is set.
struct UnsealSecret {
  std::optional<crypto::SecretBytes> passphrase;
  std::optional<crypto::SecretBytes> key_file;            // 32 bytes
  std::optional<crypto::SecretBytes> systemd_credential;  // 32 bytes
};

struct CreateOptions {
  std::string directory;
  std::string organisation;
  std::string language = "fr";
  std::string origin;  // the log's name; empty: made from a random id, "egide.invalid/<id>"
  UnsealSecret secret;
  crypto::PassphraseParameters passphrase_parameters{};  // tests use small ones
  std::shared_ptr<const base::Clock> clock;
};

struct CreatedVault {
  std::string verifier_key;  // what auditors keep: "<origin>+<id>+<key>"
};
// Conflict when the directory holds a vault. Nothing half done: a failed creation leaves no vault.
base::Result<CreatedVault> create_vault(const CreateOptions& options);

struct OpenOptions {
  std::string directory;
  UnsealSecret secret;
  std::shared_ptr<const base::Clock> clock;
  // Files of a pack, of generic policies or of both; without one of a pack: the bundled pack.
  std::vector<policies::PackFile> pack_files;
  std::vector<policies::PackFile> generic_policies;  // further files, of generic policies only
  // AuthZEN types that mean a registered tool (subjects) and a person of the vault (resources).
  std::vector<std::string> tool_types{"application"}, person_types{"person"};
  int read_connections = 8;
  std::string vfs;  // tests only
};

struct VaultInfo {
  std::string organisation, language, origin, verifier_key, pack_revision, engine;
  std::int64_t people = 0;
  std::uint64_t log_size = 0;
};

class Vault {
 public:
  // Unauthenticated: no slot opens. Integrity: database, log or a pin doesn't fit. Conflict: another process has it.
  // Unavailable: a newer schema, a pack that fails to load (the message lists every mistake).
  static base::Result<std::unique_ptr<Vault>> open(OpenOptions options);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  Services& services() noexcept { return *services_; }
  VaultInfo info() const;
  // Of the check of the whole log that runs once after start.
  enum class LogCheck { Running, Passed, Failed };
  LogCheck log_check() const noexcept;
  // True once the log can no longer be written, or its check has failed: stop the process (docs/architecture.md, "One
  // committer").
  bool failed() const noexcept;

 private:
  explicit Vault(std::unique_ptr<Services> services);
  std::unique_ptr<Services> services_;
};

}  // namespace egide::vault
