// Builds the projections from the database at start.
#pragma once

#include "services.h"

namespace egide::vault {

// Integrity when a person's keys or facts don't open.
base::Result<void> load_projection(Services& services, storage::Connection& connection);

}  // namespace egide::vault
