#include "reidentification_states.h"

#include <algorithm>

namespace egide::vault {

std::string_view name_of(ReidentificationState state) noexcept {
  switch (state) {
    case ReidentificationState::Pending:
      return "pending";
    case ReidentificationState::Approved:
      return "approved";
    case ReidentificationState::Lapsed:
      return "lapsed";
    case ReidentificationState::Ended:
      return "ended";
  }
  return "ended";
}

bool may_become(ReidentificationState from, ReidentificationState to, ReidentificationBy by) noexcept {
  return std::any_of(
      kReidentificationRules.begin(), kReidentificationRules.end(),
      [&](const ReidentificationRule& rule) { return rule.from == from && rule.to == to && rule.by == by; });
}

ReidentificationState state_at(const storage::ReidentificationRow& row, base::Timestamp now) noexcept {
  if (row.state == name_of(ReidentificationState::Pending))
    return now < row.approve_until ? ReidentificationState::Pending : ReidentificationState::Lapsed;
  // Anything else than a whole approval gives nothing away.
  const bool open =
      row.state == name_of(ReidentificationState::Approved) && row.approver && row.read_until && now < *row.read_until;
  return open ? ReidentificationState::Approved : ReidentificationState::Ended;
}

}  // namespace egide::vault
