// ForwardAccess: an evaluation for a proxy, with the pseudonym under which the application knows the person.
//
// One log entry, the evaluation's: a permit for this tool and purpose is what the pseudonym stands for.
// Thread safety: may be called from many threads.
#pragma once

#include <string>

#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"

namespace egide::vault {

struct ForwardAnswer {
  AccessAnswer access;
  std::string pseudonym;  // of the question's tool and purpose; empty for a denial
};

class ForwardAccess {
 public:
  explicit ForwardAccess(Services& services) : services_(services) {}
  // As EvaluateAccess::execute.
  base::Result<ForwardAnswer> execute(const Caller& caller, const AccessQuestion& question);
  base::Timestamp now() const;  // the vault's clock, for tokens that end

 private:
  Services& services_;
};

}  // namespace egide::vault
