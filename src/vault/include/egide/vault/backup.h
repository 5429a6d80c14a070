// Backup and restore (docs/formats/backup.md, docs/operations.md). A backup is made while the server runs and holds
// everything but the epoch keys, so that it dies with the key of its day. A restore is sealed: it works on a copy that
// nothing serves, goes on from the log's tail, and repeats the erasures, withdrawals, objections and restrictions that
// came after the backup, before the vault's files appear in their place (GDPR Art. 17, 7(3), 18, 21).
//
// Thread safety: one call at a time for a directory; a backup runs beside a server.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/policies/pack.h"
#include "egide/vault/vault.h"

namespace egide::vault {

using Progress = std::function<void(std::size_t done, std::size_t total)>;

struct BackupReport {
  std::string id, origin;
  std::uint64_t log_size = 0;  // entries
  std::int64_t people = 0;
  std::uint64_t bytes = 0;                    // of the database in it
  std::optional<crypto::Epoch> oldest_epoch;  // dies with this day's key; nothing without people
};
// Conflict: `out` exists. Integrity: the copied log does not verify, or a pin of the vault is not its prefix.
base::Result<BackupReport> make_backup(const std::string& directory, const UnsealSecret& secret, const std::string& out,
                                       base::Timestamp now, const Progress& progress = {});

enum class RestoreStep { Extracted, TailAppended, Replayed, Logged, PlaceKeys, PlaceDatabase };

struct RestoreOptions {
  std::string in, directory;
  std::string log_tail;           // a file, or the mirror's directory; empty: none
  std::string epoch_keys;         // empty: directory/epoch.keys
  std::vector<std::string> pins;  // files of checkpoints, beside those in directory/pins
  // Without a tail, and without a pin that shows that nothing is missing: what came after the backup is lost, erasures
  // included. False refuses.
  bool accept_missing_tail = false;
  UnsealSecret secret;
  std::shared_ptr<const base::Clock> clock;
  std::vector<policies::PackFile> pack_files;                  // empty: the bundled pack
  std::string vfs;                                             // tests only
  std::function<base::Result<void>(RestoreStep)> before_step;  // tests only: an error stops there, as a crash would
};

struct RestoreReport {
  std::string origin, verifier_key;
  std::uint64_t backup_size = 0, tail_entries = 0, log_size = 0;
  std::uint64_t erased = 0, withdrawn = 0, objected = 0, restricted = 0, lifted = 0;
  std::uint64_t of_unknown_people = 0;        // registered after the backup, or erased since
  std::map<std::string, std::uint64_t> lost;  // changes of the tail that can't be repeated, by event
};
// Gone: the epoch key of the backup's day was destroyed. Precondition: older than a pin, and no tail reaches it; or no
// tail at all. Integrity: backup, tail, or a pin does not fit. Conflict: the directory holds a vault's database.
// On any error the directory holds no database. Starting again begins anew.
base::Result<RestoreReport> restore_backup(const RestoreOptions& options);

}  // namespace egide::vault
