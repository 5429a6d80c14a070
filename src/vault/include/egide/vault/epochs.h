// The daily turn of the epoch keys (docs/cryptography.md, "Erasure that survives backups"): a new day's key, every
// living person's keys wrapped under it, and the keys older than the horizon destroyed, so that no backup of that age
// opens for anybody (GDPR Art. 17 and 5(1)(e)).
//
// Each step is durable before the next begins, so that a turn stopped anywhere is finished by the next one. People's
// keys are wrapped in small batches that travel through the committer between other changes: nobody waits for the turn.
//
// Thread safety: one turn at a time for a vault (the keeper sees to it); everything else may run meanwhile.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "egide/base/result.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/vault/vault.h"

namespace egide::vault {

inline constexpr int kEpochKeepDays = 30;
inline constexpr int kMostEpochKeepDays = 1000;

enum class EpochStep { WriteNewKey, MirrorNewKey, WrapBatch, Log, WriteDestroyed, MirrorDestroyed };

struct EpochOptions {
  // The horizon: a key is destroyed once it is more than this many days old. 1 to 1000.
  int keep_days = kEpochKeepDays;
  // A directory on another disk or host that overwrites: receives each state of epoch.keys. Empty: none.
  std::string mirror;
  std::size_t batch = 512;  // people in one change
  // Tests only: called before each step; an error ends the turn there, as a crash would.
  std::function<base::Result<void>(EpochStep)> before_step;
};

struct EpochTurn {
  crypto::Epoch epoch = 0;  // in force now
  bool added = false;
  std::size_t wrapped = 0;  // people whose keys were wrapped again
  std::size_t destroyed = 0;
};

// Does what is due today; nothing when all of it is done. InvalidRequest: keep_days is out of range. Unavailable: a
// file or the mirror can't be written. What was done stays, the rest is done by the next turn.
base::Result<EpochTurn> turn_epoch(Vault& vault, const EpochOptions& options = {});

// Turns at start and then daily, by the vault's clock, until destroyed. The vault outlives it.
class EpochKeeper {
 public:
  static base::Result<std::unique_ptr<EpochKeeper>> start(Vault& vault, EpochOptions options);
  ~EpochKeeper();
  EpochKeeper(const EpochKeeper&) = delete;
  EpochKeeper& operator=(const EpochKeeper&) = delete;

 private:
  EpochKeeper();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace egide::vault
