// The steps of a restore on the copy that nothing serves. Private to the restore.
#pragma once

#include <string>
#include <vector>

#include "egide/vault/backup.h"
#include "log_tail.h"
#include "services.h"

namespace egide::vault {

// Verifies the log of the backup, appends the tail's entries as they are, with their signed checkpoint, and verifies
// the whole against every pin. Nothing is signed here.
// Precondition: a pin is newer than what there is, or there is no tail and `accept_missing_tail` is false.
base::Result<void> restore_log(const Services& services, storage::Connection& connection,
                               const std::optional<LogTail>& tail, const std::vector<std::string>& pins,
                               bool accept_missing_tail, RestoreReport& report);

// Repeats what the tail's entries say of people who are in the backup: erasures by their fingerprint, withdrawals,
// objections and restrictions by their tags, in the order of the log. The rest is counted as lost.
// `services` has keys, pack and projections; one transaction on `connection`.
base::Result<void> replay_tail(Services& services, storage::Connection& connection, const LogTail& tail,
                               RestoreReport& report);

}  // namespace egide::vault
