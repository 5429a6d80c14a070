// What an operator watches: figures about the vault as a whole, none about a person.
//
// Thread safety: may be called from any thread; reads one snapshot through a read connection.
#pragma once

#include <cstdint>
#include <optional>

#include "egide/base/result.h"
#include "egide/vault/vault.h"

namespace egide::vault {

struct Vitals {
  std::int64_t people = 0;     // living
  std::uint64_t log_size = 0;  // entries
  std::uint64_t commits = 0;   // since start, and what they held
  std::uint64_t changes = 0;
  std::uint64_t largest_commit = 0;  // changes in one
  std::uint64_t waiting = 0;         // changes in the queue now
  std::int64_t open_requests = 0;
  std::optional<int> days_to_nearest_due;  // of the open requests; below 0: overdue
  int epoch_key_age_days = 0;              // of the newest, whole days
  bool log_writable = true;
  Vault::LogCheck log_check = Vault::LogCheck::Running;
};

// Unavailable when no read connection can be had.
base::Result<Vitals> vitals(Vault& vault);

}  // namespace egide::vault
