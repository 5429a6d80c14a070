#include "request_states.h"

#include <algorithm>

namespace egide::vault {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 9> kTypeNames = {
    "access",    "rectification",      "erasure",    "restriction", "portability",
    "objection", "automated_decision", "withdrawal", "information"};
constexpr std::array<std::string_view, 13> kStateNames = {"received",
                                                          "acknowledged",
                                                          "identity_requested",
                                                          "closed_unidentified",
                                                          "in_progress",
                                                          "extended",
                                                          "awaiting_recipients",
                                                          "fulfilled",
                                                          "partially_fulfilled",
                                                          "refused",
                                                          "withdrawn",
                                                          "delivered",
                                                          "reopened"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) noexcept {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

constexpr unsigned bit(RequestType type) { return 1U << static_cast<unsigned>(type); }
constexpr unsigned kAllTypes = ~0U;

struct Ground {
  std::string_view code;
  unsigned types;
};
constexpr std::array kGrounds = {
    Ground{"identity_not_established", kAllTypes},                                           // 12(2), 12(6)
    Ground{"unfounded", kAllTypes},                                                          // 12(5)
    Ground{"excessive", kAllTypes},                                                          // 12(5)
    Ground{"expression", bit(RequestType::Erasure)},                                         // 17(3)(a)
    Ground{"legal_obligation", bit(RequestType::Erasure)},                                   // 17(3)(b)
    Ground{"public_task", bit(RequestType::Erasure)},                                        // 17(3)(b)
    Ground{"public_health", bit(RequestType::Erasure)},                                      // 17(3)(c)
    Ground{"archiving", bit(RequestType::Erasure)},                                          // 17(3)(d)
    Ground{"legal_claims", bit(RequestType::Erasure) | bit(RequestType::Objection)},         // 17(3)(e), 21(1)
    Ground{"compelling_grounds", bit(RequestType::Objection)},                               // 21(1)
    Ground{"third_party_rights", bit(RequestType::Access) | bit(RequestType::Portability)},  // 15(4), 20(4)
    Ground{"not_applicable_for_basis",
           bit(RequestType::Portability) | bit(RequestType::Objection) | bit(RequestType::Erasure)},
};

}  // namespace

std::string_view name_of(RequestType type) noexcept { return kTypeNames[static_cast<std::size_t>(type)]; }
std::optional<RequestType> parse_request_type(std::string_view name) noexcept {
  return parse<RequestType>(kTypeNames, name);
}
std::string_view name_of(RequestState state) noexcept { return kStateNames[static_cast<std::size_t>(state)]; }
std::optional<RequestState> parse_request_state(std::string_view name) noexcept {
  return parse<RequestState>(kStateNames, name);
}

const TransitionRule* find_transition(RequestState from, RequestState to) noexcept {
  const auto found = std::find_if(kTransitions.begin(), kTransitions.end(),
                                  [=](const TransitionRule& rule) { return rule.from == from && rule.to == to; });
  return found == kTransitions.end() ? nullptr : &*found;
}

unsigned who_is(const Caller& caller) noexcept {
  if (caller.role == Role::Subject && caller.subject) return kByPerson;
  return caller.role == Role::Dpo ? kByDpo : 0;
}

bool is_closed(RequestState state) noexcept {
  switch (state) {
    case RequestState::ClosedUnidentified:
    case RequestState::Fulfilled:
    case RequestState::PartiallyFulfilled:
    case RequestState::Refused:
    case RequestState::Withdrawn:
    case RequestState::Delivered:
      return true;
    default:
      return false;
  }
}

bool is_refusal_ground(std::string_view code, RequestType type) noexcept {
  return std::any_of(kGrounds.begin(), kGrounds.end(),
                     [=](const Ground& ground) { return ground.code == code && (ground.types & bit(type)) != 0; });
}

bool is_extension_ground(std::string_view code) noexcept { return code == "complex" || code == "numerous"; }

}  // namespace egide::vault
