// Reports of dataset exports. Thread safety: as the Connection given.
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

struct DatasetRow {
  base::RecordId id;
  base::Timestamp created_at{};
  base::ByteArray<16> actor{};
  base::ToolId tool;
  std::string purpose;
  std::string report;             // JSON, nothing about anybody
  std::string detail;             // JSON: what the log entry commits to
  base::Hash32 commitment_key{};  // r32 of the entry
  std::uint64_t log_index = 0;
};

class DatasetRepository {
 public:
  explicit DatasetRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert(const DatasetRow& row);
  base::Result<std::optional<DatasetRow>> find(const base::RecordId& id) const;
  // In order of (created_at, id), after that place; `tool` empty: of every tool.
  base::Result<std::vector<DatasetRow>> list(std::string_view tool,
                                             const std::optional<std::pair<base::Timestamp, base::RecordId>>& after,
                                             int limit) const;

 private:
  Connection& connection_;
};

}  // namespace egide::storage
