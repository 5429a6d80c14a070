// Migration 2: people, consents, accounts, decisions, requests, settings of the vault.
#pragma once

#include "egide/storage/migrations.h"

namespace egide::storage {

extern const Migration kMigration0002People;

}  // namespace egide::storage
