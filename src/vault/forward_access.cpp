#include "egide/vault/forward_access.h"

#include "services.h"

namespace egide::vault {

base::Result<ForwardAnswer> ForwardAccess::execute(const Caller& caller, const AccessQuestion& question) {
  ForwardAnswer out;
  EGIDE_TRY(out.access, EvaluateAccess(services_).execute(caller, question));
  if (!out.access.decision.permit) return out;
  if (!out.access.subject) return base::unavailable("The person can't be named");
  EGIDE_TRY(out.pseudonym, services_.pseudonyms->pseudonym(question.purpose, question.tool, *out.access.subject));
  return out;
}

base::Timestamp ForwardAccess::now() const { return services_.clock->now(); }

}  // namespace egide::vault
