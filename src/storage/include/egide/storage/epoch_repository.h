// Which people's keys are wrapped under which day's key: what the daily turn of epoch keys asks.
//
// Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <vector>

#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/storage/connection.h"

namespace egide::storage {

class EpochRepository {
 public:
  explicit EpochRepository(Connection& connection) : connection_(connection) {}

  // Living people whose keys are under another day's key than `current`, in the order of the table: rows that are
  // neighbours lie on the same pages, and writing them together writes each page once.
  base::Result<std::vector<base::SubjectId>> not_under(crypto::Epoch current) const;
  // The oldest and the newest day that a living person's keys need; nothing without people.
  struct Range {
    crypto::Epoch oldest = 0, newest = 0;
  };
  base::Result<std::optional<Range>> in_use() const;

 private:
  Connection& connection_;
};

}  // namespace egide::storage
