// What the rotations share: the vault opened once for its entry key.rotated; and what an interrupted one leaves.
#pragma once

#include <memory>
#include <string>

#include "egide/vault/rotation.h"

namespace egide::vault {

inline constexpr const char* kNextDatabaseFile = "vault.db.next";

base::Result<UnsealSecret> copy_of(const UnsealSecret& secret);
// Opens the vault with the first secret and appends key.rotated.
base::Result<std::unique_ptr<Vault>> open_for_rotation(const RotationOptions& options);
base::Result<void> log_rotation(Vault& vault);
// Both, and closes it again.
base::Result<void> open_and_log_rotation(const RotationOptions& options);

// Under the directory's lock: a copy that was not put into place holds what may be erased since.
void remove_unfinished_database(const std::string& directory);
// The same for every file that a killed process was writing, epoch.keys among them.
void remove_unfinished_files(const std::string& directory);

}  // namespace egide::vault
