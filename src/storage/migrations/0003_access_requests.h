// Migration 3: requests of tools to be allowed what a denial said can be asked for.
#pragma once

#include "egide/storage/migrations.h"

namespace egide::storage {

extern const Migration kMigration0003AccessRequests;

}  // namespace egide::storage
