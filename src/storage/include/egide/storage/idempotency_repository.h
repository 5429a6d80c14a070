// Answers kept for Idempotency-Key. Thread safety: as the Connection given.
#pragma once

#include <optional>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct IdempotencyRow {
  base::Hash32 scope{};        // hash of caller, method, path and key
  base::Hash32 fingerprint{};  // hash of the body
  base::Timestamp created_at{};
  std::optional<base::SubjectId> subject;
  base::Bytes answer;  // sealed
};

class IdempotencyRepository {
 public:
  explicit IdempotencyRepository(Connection& connection) : connection_(connection) {}
  base::Result<void> put(const IdempotencyRow& row);  // Conflict: the scope has an answer
  base::Result<std::optional<IdempotencyRow>> find(const base::Hash32& scope) const;
  base::Result<std::int64_t> remove_before(base::Timestamp limit);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
