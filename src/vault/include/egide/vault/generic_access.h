// EvaluateGeneric: questions about types that are not those of consent, answered by the generic policies and logged as
// every evaluation is. Nobody's data are touched, so an entry names the asking tool and nothing else.
//
// Thread safety: may be called from many threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/policies/generic_policy.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

// Who answers for a pair of AuthZEN types.
enum class PairKind {
  Consent,  // a tool and a person of the vault
  Generic,  // a generic policy
  None,     // nobody: a denial, or a search without results
};
PairKind kind_of_pair(const Services& services, std::string_view subject_type, std::string_view resource_type);

// The first of the types that mean a tool, and of those that mean a person: for short forms that name none.
struct ConsentTypes {
  std::string tool, person;
};
ConsentTypes consent_types(const Services& services);

// Whether the caller may ask about others than itself: a tool with the grant `evaluate_any`, or the DPO.
bool may_ask_for_any(const Caller& caller) noexcept;

struct GenericAnswer {
  bool permit = false;
  std::string_view reason;  // "permit", "rule_denied", "no_rule", "no_policy"
  std::string rule;         // that decided; empty: none
  base::Uuid evaluation;
  base::Timestamp evaluated_at{};
  std::string policy_revision;
  std::uint64_t log_index = 0;
};

class EvaluateGeneric {
 public:
  explicit EvaluateGeneric(Services& services) : services_(services) {}
  // One entry a question, one transaction, answers in order. A pair that no policy covers is denied, whoever asks.
  // Forbidden: one is covered, and the caller may not ask about others. Unavailable: the log can't be written.
  base::Result<std::vector<GenericAnswer>> execute_many(const Caller& caller,
                                                        const std::vector<policies::GenericRequest>& questions);

 private:
  Services& services_;
};

}  // namespace egide::vault
