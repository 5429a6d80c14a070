// What opening a vault and restoring one have in common.
#pragma once

#include <memory>
#include <vector>

#include "egide/policies/pack.h"
#include "egide/storage/connection.h"
#include "services.h"

namespace egide::vault {

// The settings that belong to the vault for ever, and its verifier key. Integrity when one is missing.
base::Result<void> read_settings(Services& services, storage::Connection& connection);
// A pinned checkpoint must be a prefix of the stored log: a smaller or different log is an old or a forged one.
base::Result<void> compare_with_pin(const Services& services, storage::Connection& connection);
// Loads the pack (empty: the bundled one), or says every mistake in one message.
base::Result<std::shared_ptr<const policies::Pack>> load_policies(const std::vector<policies::PackFile>& files);

}  // namespace egide::vault
