// The states of a re-identification as data; docs/reidentification.md shows the same table.
//
//   pending --approve (another person)--> approved --time--> ended
//      \--time--> lapsed
//
// Only "pending" and "approved" are stored: what time does, the clock says at each look.
// Thread safety: constants and free functions.
#pragma once

#include <array>
#include <string_view>

#include "egide/storage/reidentification_repository.h"
#include "egide/vault/reidentifications.h"

namespace egide::vault {

enum class ReidentificationBy { AnotherPerson, Time };

struct ReidentificationRule {
  ReidentificationState from, to;
  ReidentificationBy by;
};

inline constexpr std::array kReidentificationRules = {
    ReidentificationRule{ReidentificationState::Pending, ReidentificationState::Approved,
                         ReidentificationBy::AnotherPerson},
    ReidentificationRule{ReidentificationState::Pending, ReidentificationState::Lapsed, ReidentificationBy::Time},
    ReidentificationRule{ReidentificationState::Approved, ReidentificationState::Ended, ReidentificationBy::Time},
};
bool may_become(ReidentificationState from, ReidentificationState to, ReidentificationBy by) noexcept;

// As it stands at `now`. Lapsed and ended from their very millisecond on.
ReidentificationState state_at(const storage::ReidentificationRow& row, base::Timestamp now) noexcept;

}  // namespace egide::vault
