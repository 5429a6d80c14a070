// A decision made ready to be stored: what is clear, what is sealed under the person's key, and the entry that commits
// to both (docs/formats/decision-record.md, "What the log commits to").
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cloud_event.h"
#include "egide/policies/decide.h"
#include "egide/storage/decision_repository.h"
#include "entries.h"

namespace egide::vault {

struct PreparedDecision {
  // What it is made from.
  SubjectStatePtr state;  // nothing: nobody known
  std::shared_ptr<const ToolState> tool;
  int oldest_notice = 1;
  // What is made of it. The row's id, content, columns of the event and tool are the caller's; the rest is set here,
  // but for log_index and recorded_at.
  policies::Decision verdict;
  storage::DecisionRow row;
  std::optional<SubjectEntry> entry;  // of a living person
};

// Whether the tool had a permit, and with it both parts of the record.
base::Result<void> prepare_decision(const Services& services, const DecisionEvent& event,
                                    policies::PurposeIndex purpose, base::Timestamp now, PreparedDecision& decision);

// The sealed part of a stored decision. Integrity when the record is not the one that its entry committed to.
base::Result<std::string> open_decision(Services& services, const storage::DecisionRow& row, base::ByteView dek);

}  // namespace egide::vault
