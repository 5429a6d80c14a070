// Migration 4: mail that waits to be sent, links that ask for a consent, guardians.
#pragma once

#include "egide/storage/migrations.h"

namespace egide::storage {

extern const Migration kMigration0004Consent;

}  // namespace egide::storage
