// What an operator does with a vault's files without opening it for service: check its log, manage its unseal slots.
// Works while a server has the vault open: the files are read, or replaced as a whole.
//
// Thread safety: one caller at a time for a directory.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "egide/audit/log_verifier.h"
#include "egide/base/result.h"
#include "egide/vault/vault.h"

namespace egide::vault {

struct CheckedVault {
  audit::VerifiedLog log;
  std::string verifier_key;
  std::size_t pins_checked = 0;
};

// The whole log from the database: every leaf, node and root, the signature, and every pin as a prefix. `expected_key`
// empty: the key that the vault names for itself, which its own operator could have changed.
base::Result<CheckedVault> verify_vault(const std::string& directory, const UnsealSecret& secret,
                                        const std::string& expected_key,
                                        const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

struct SlotView {
  std::string id, kind, label, created_at;
};
base::Result<std::vector<SlotView>> list_slots(const std::string& directory);
// The new slot's id. Unauthenticated when `present` opens nothing.
base::Result<std::string> add_slot(const std::string& directory, const UnsealSecret& present, const UnsealSecret& added,
                                   const std::string& label, base::Timestamp now,
                                   const crypto::PassphraseParameters& parameters = {});
// NotFound; Conflict when it is the last slot.
base::Result<void> remove_slot(const std::string& directory, const UnsealSecret& present, const std::string& id);

// Findings in words that a volunteer of the association understands.
struct Finding {
  enum class Level { Good, Attention, Broken };
  Level level = Level::Good;
  std::string what, advice;
};
std::vector<Finding> examine(const std::string& directory, base::Timestamp now);

}  // namespace egide::vault
