// Rows 9 to 13 of the table of reasons: is there a valid consent, and whose is missing?
#pragma once

#include "egide/policies/decide.h"

namespace egide::policies {

// A reason of rows 9 to 13, or Permit. The purpose's rule NotAllowed is looked at for every legal basis.
Decision decide_consent(const Purpose& purpose, const SubjectFacts& subject, int oldest_acceptable_notice,
                        const Pack& pack, base::Timestamp now) noexcept;

}  // namespace egide::policies
