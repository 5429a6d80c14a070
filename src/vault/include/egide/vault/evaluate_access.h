// EvaluateAccess: may this tool use this person's data for this purpose? (AuthZEN Access Evaluation, docs/api.md)
//
// The answer is logged, durably, before it is given. The decision is made from the in-memory projection on the caller's
// thread and made again on the committer's when the person's state has changed since: the order of the log is the order
// of effects, so no permit stands after the withdrawal it should have seen (docs/decisions/0005-...).
//
// Thread safety: may be called from many threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/policies/decide.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

struct AccessQuestion {
  std::string tool;    // whose use is asked about; the caller itself, unless it may evaluate for any
  std::string person;  // subject id, or the pseudonym made for this tool and purpose
  std::string purpose;
  std::vector<std::string> categories;  // empty: all the purpose allows
  std::optional<policies::Automation> automation;
};

// What a permit covers and obliges to. One object for every answer to the same tool and purpose.
struct PermitTerms {
  std::vector<std::string> categories;
  std::vector<policies::Obligation> obligations;
};

struct AccessAnswer {
  policies::Decision decision;
  base::Uuid evaluation;  // the entry's "rq"; shown in base32
  base::Timestamp evaluated_at{};
  std::string purpose;           // empty when unknown
  std::string_view legal_basis;  // DPV id; empty when the purpose is unknown
  struct Consent {
    base::RecordId record;
    policies::ConsentState state;
    int notice_version;
    std::optional<base::Timestamp> valid_until;
  };
  std::optional<Consent> consent;
  std::shared_ptr<const PermitTerms> terms;  // of a permit; nullptr: a denial
  // Until when consent may be asked for on the strength of this denial; nothing: it is not requestable.
  std::optional<base::Timestamp> requestable_until;
  std::uint64_t log_index = 0;
  std::optional<base::SubjectId> subject;  // resolved; for use cases that go on, never for the answer
};

class EvaluateAccess {
 public:
  explicit EvaluateAccess(Services& services) : services_(services) {}
  // Forbidden: the caller asks for another tool without the grant. Unavailable: the log can't be written.
  base::Result<AccessAnswer> execute(const Caller& caller, const AccessQuestion& question);
  // One entry an item, one transaction. Answers in the order of the questions.
  base::Result<std::vector<AccessAnswer>> execute_many(const Caller& caller,
                                                       const std::vector<AccessQuestion>& questions);

 private:
  Services& services_;
};

}  // namespace egide::vault
