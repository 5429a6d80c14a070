// Who may see what of a decision; shared by reading and explaining.
#pragma once

#include <optional>
#include <string>

#include "egide/storage/decision_repository.h"
#include "egide/vault/decisions.h"
#include "services.h"

namespace egide::vault {

struct SeenDecision {
  storage::DecisionRow row;
  std::optional<std::string> sealed;  // JSON; where the caller may see it. That was logged before this was returned
};
// NotFound for what the caller may not see. Integrity when the record is not the one the log commits to.
base::Result<SeenDecision> see_decision(Services& services, const Caller& caller, const base::RecordId& id);
DecisionView view_of(const storage::DecisionRow& row);

}  // namespace egide::vault
