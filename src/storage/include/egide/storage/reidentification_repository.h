// Re-identifications: who asked, who approved, until when. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct ReidentificationRow {
  base::RecordId id;
  std::string state;                       // "pending", "approved"; the times say what has lapsed
  std::optional<base::SubjectId> subject;  // nothing: the person was erased
  base::ToolId tool;
  std::string purpose;
  base::UserId opener;
  std::optional<base::UserId> approver;
  base::Timestamp opened_at{}, approve_until{};
  std::chrono::seconds duration{0};
  std::optional<base::Timestamp> approved_at, read_until;
  std::uint64_t log_index = 0;
  base::Bytes sealed;
};

class ReidentificationRepository {
 public:
  explicit ReidentificationRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert(const ReidentificationRow& row);
  base::Result<std::optional<ReidentificationRow>> find(const base::RecordId& id) const;
  // In order of (opened_at, id), after that place.
  base::Result<std::vector<ReidentificationRow>> list(
      const std::optional<std::pair<base::Timestamp, base::RecordId>>& after, int limit) const;
  // Conflict unless it stands in state `from`.
  base::Result<void> approve(const base::RecordId& id, std::string_view from, std::string_view to,
                             const base::UserId& approver, base::Timestamp at, base::Timestamp read_until);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
