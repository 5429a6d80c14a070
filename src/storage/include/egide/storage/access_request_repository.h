// Requests of tools for a consent they lack. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct AccessRequestRow {
  base::Uuid id;
  std::string tool;
  base::SubjectId subject;
  std::string purpose;
  base::Timestamp created_at{}, expires_at{};
  std::int64_t person_sequence = 0, guardian_sequence = 0;
};

class AccessRequestRepository {
 public:
  explicit AccessRequestRepository(Connection& connection) : connection_(connection) {}
  base::Result<void> insert(const AccessRequestRow& row);
  base::Result<std::optional<AccessRequestRow>> find(const base::Uuid& id) const;
  // Of this tool about this person, made at or after `since`, oldest first.
  base::Result<std::vector<AccessRequestRow>> recent(const std::string& tool, const base::SubjectId& subject,
                                                     base::Timestamp since) const;

 private:
  Connection& connection_;
};

}  // namespace egide::storage
