// Migration 5: webhook endpoints, their deliveries (the queue, and the log of what was sent), attempts.
#pragma once

#include "egide/storage/migrations.h"

namespace egide::storage {

extern const Migration kMigration0005Webhooks;

}  // namespace egide::storage
