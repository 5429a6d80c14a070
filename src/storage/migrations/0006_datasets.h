// Migration 6: dataset exports and re-identifications.
#pragma once

#include "egide/storage/migrations.h"

namespace egide::storage {

extern const Migration kMigration0006Datasets;

}  // namespace egide::storage
