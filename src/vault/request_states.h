// The state machine of rights requests as data: docs/formats/requests.md shows the same table, a test compares them.
//
// Thread safety: constants and free functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "egide/vault/requests.h"

namespace egide::vault {

// Who may make a transition. The system acts on an event (opening, fetching), never on a call.
inline constexpr unsigned kByDpo = 1;
inline constexpr unsigned kBySystem = 2;
inline constexpr unsigned kByPerson = 4;

enum class TransitionNeed {
  Nothing,
  DoubtReason,   // Art. 12(6): a recorded reasonable doubt
  Extension,     // Art. 12(3): complex or numerous, before the due date
  RefusalGround  // Art. 12(4): one of the grounds below
};

struct TransitionRule {
  RequestState from;
  RequestState to;
  unsigned who;
  TransitionNeed need = TransitionNeed::Nothing;
};

inline constexpr std::array kTransitions = [] {
  using S = RequestState;
  using N = TransitionNeed;
  return std::array{
      TransitionRule{S::Received, S::Acknowledged, kBySystem},
      TransitionRule{S::Received, S::IdentityRequested, kByDpo, N::DoubtReason},
      TransitionRule{S::Acknowledged, S::IdentityRequested, kByDpo, N::DoubtReason},
      TransitionRule{S::IdentityRequested, S::Acknowledged, kByDpo | kBySystem},
      TransitionRule{S::IdentityRequested, S::ClosedUnidentified, kByDpo},
      TransitionRule{S::Acknowledged, S::InProgress, kByDpo},
      TransitionRule{S::InProgress, S::Extended, kByDpo, N::Extension},
      TransitionRule{S::InProgress, S::AwaitingRecipients, kBySystem},
      TransitionRule{S::Extended, S::AwaitingRecipients, kBySystem},
      TransitionRule{S::InProgress, S::Fulfilled, kByDpo},
      TransitionRule{S::Extended, S::Fulfilled, kByDpo},
      TransitionRule{S::AwaitingRecipients, S::Fulfilled, kByDpo},
      TransitionRule{S::InProgress, S::PartiallyFulfilled, kByDpo, N::RefusalGround},
      TransitionRule{S::Extended, S::PartiallyFulfilled, kByDpo, N::RefusalGround},
      TransitionRule{S::AwaitingRecipients, S::PartiallyFulfilled, kByDpo, N::RefusalGround},
      TransitionRule{S::InProgress, S::Refused, kByDpo, N::RefusalGround},
      TransitionRule{S::Extended, S::Refused, kByDpo, N::RefusalGround},
      TransitionRule{S::AwaitingRecipients, S::Refused, kByDpo, N::RefusalGround},
      TransitionRule{S::Received, S::Withdrawn, kByPerson},
      TransitionRule{S::Acknowledged, S::Withdrawn, kByPerson},
      TransitionRule{S::IdentityRequested, S::Withdrawn, kByPerson},
      TransitionRule{S::InProgress, S::Withdrawn, kByPerson},
      TransitionRule{S::Extended, S::Withdrawn, kByPerson},
      // The officer too: who posts a letter is the only one to know that the answer was sent.
      TransitionRule{S::Fulfilled, S::Delivered, kByDpo | kBySystem},
      TransitionRule{S::PartiallyFulfilled, S::Delivered, kByDpo | kBySystem},
      TransitionRule{S::Refused, S::Delivered, kByDpo | kBySystem},
      TransitionRule{S::Delivered, S::Reopened, kByDpo | kByPerson},
      TransitionRule{S::Reopened, S::InProgress, kByDpo},
  };
}();

// nullptr: the table has no such transition.
const TransitionRule* find_transition(RequestState from, RequestState to) noexcept;
// The bit of this caller, 0 for roles that make no transition.
unsigned who_is(const Caller& caller) noexcept;
// Answered, withdrawn or closed: the clock has stopped.
bool is_closed(RequestState state) noexcept;

// Grounds of refusal (docs/formats/requests.md, "Grounds"), by type.
bool is_refusal_ground(std::string_view code, RequestType type) noexcept;
// Of an extension: "complex", "numerous".
bool is_extension_ground(std::string_view code) noexcept;

}  // namespace egide::vault
