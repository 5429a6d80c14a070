// What a start owes to an interrupted rotation of the log's signing key.
#pragma once

#include "egide/storage/connection.h"
#include "services.h"

namespace egide::vault {

// Under the directory's lock, after read_settings() and before anything is signed: the key that the log was handed over
// to becomes log.key; one that it was not handed over to is removed.
base::Result<void> finish_hand_over(const Services& services, storage::Connection& connection);

}  // namespace egide::vault
