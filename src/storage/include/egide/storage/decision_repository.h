// Algorithmic decisions. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct DecisionRow {
  base::RecordId id;
  std::string source, event_id;
  base::Bytes content_hash;
  std::string type;  // CloudEvents type
  base::ToolId tool;
  std::optional<base::SubjectId> subject;
  std::string system_id, system_version, purpose;
  base::Timestamp occurred_at{}, recorded_at{};
  std::string sequence;
  bool had_permit = false;
  std::uint64_t log_index = 0;
  std::string clear;   // JSON, class C of docs/formats/decision-record.md
  base::Bytes sealed;  // r32 || class E, under the person's key; empty when nobody is known
};

struct DecisionFilter {
  std::optional<base::ToolId> tool;
  std::string system_id;
  // Position after (recorded_at, id); lists are in that order.
  std::optional<std::pair<base::Timestamp, base::RecordId>> after;
  int limit = 50;
};

class DecisionRepository {
 public:
  explicit DecisionRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert(const DecisionRow& row);  // Conflict: (source, event_id) is taken
  base::Result<std::optional<DecisionRow>> find(const base::RecordId& id) const;
  struct Known {
    base::RecordId id;
    base::Bytes content_hash;
  };
  base::Result<std::optional<Known>> find_event(std::string_view source, std::string_view event_id) const;
  base::Result<std::optional<DecisionRow>> find_by_log_index(std::uint64_t log_index) const;
  // Erasure: takes the person out of the decision that this entry recorded. The rows changed (0 or 1).
  base::Result<std::int64_t> forget_subject(std::uint64_t log_index);
  base::Result<std::vector<DecisionRow>> list(const DecisionFilter& filter) const;

 private:
  Connection& connection_;
};

}  // namespace egide::storage
