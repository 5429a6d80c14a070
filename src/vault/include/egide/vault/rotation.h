// Replacing the root key, the database key and the log's signing key of a vault that no server has open. Each rotation
// has one moment at which it counts, one durable write; before it nothing has changed, and what is left to do after it
// is done by the next rotation or the next start.
//
// Thread safety: one call at a time for a directory (another process: Conflict).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "egide/base/result.h"
#include "egide/vault/maintenance.h"
#include "egide/vault/vault.h"

namespace egide::vault {

enum class RotationStep { Log, Prepare, Decide, File };

struct RotationOptions {
  std::string directory;
  // The first opens the vault. A root key is sealed anew in each slot that one of them opens.
  std::vector<UnsealSecret> secrets;
  bool drop_other_slots = false;  // else a slot that none of them opens is a Conflict that names it
  std::shared_ptr<const base::Clock> clock;
  std::function<base::Result<void>(RotationStep)> before_step;  // tests only: an error stops there, as a crash would
};

struct RootRotation {
  std::vector<SlotView> kept, dropped;
};
// A new root key around the derivation key, the log's key and the epoch keys. Backups made before are restored with the
// new wraps, which the mirror takes at the next turn.
base::Result<RootRotation> rotate_root_key(const RotationOptions& options);

struct DatabaseRotation {
  std::uint64_t version = 1;  // of the database key
};
// Every row copied into a new file under the next version of the database key, checked, and swapped in one rename.
// Needs as much free disk as the database has.
base::Result<DatabaseRotation> rotate_database_key(const RotationOptions& options);

struct SigningRotation {
  std::string old_key, new_key;  // verifier keys
  std::string hand_over;         // path of the checkpoint that both keys signed: auditors who hold the old key need it
};
// A hand-over entry (log.key) names the new key; the checkpoint that covers it is signed by both.
base::Result<SigningRotation> rotate_signing_key(const RotationOptions& options);

}  // namespace egide::vault
