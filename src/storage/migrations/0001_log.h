// Migration 1: the log's tables, the details of its entries, and named values.
#pragma once

#include "egide/storage/migrations.h"

namespace egide::storage {

extern const Migration kMigration0001Log;

}  // namespace egide::storage
