// AccessRequests: a tool that was denied for want of consent asks that the person be asked (AuthZEN Access Request and
// Approval profile, draft 1). The person's answer is an event of their consent; a task only shows it.
//
// Art. 7: asking grants nothing, and asking often is pressure. One open request a tool, person and purpose; at most
// three a tool and person in 30 days; none after a withdrawal, nor after a refusal until the pack's time has passed.
//
// Thread safety: may be called from many threads.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "egide/base/result.h"
#include "egide/vault/evaluate_access.h"

namespace egide::vault {

enum class AccessRequestProblem { NotRequestable, ExpiredDenial, InvalidBinding, Duplicate, UnknownTask };

enum class TaskStatus { Pending, Approved, Denied, Expired, Failed };
const char* name_of(TaskStatus status) noexcept;

struct AccessTask {
  std::string id;  // "arq_..."; known to the tool alone
  TaskStatus status = TaskStatus::Pending;
  base::Timestamp expires_at{};
  struct Approval {
    std::string id;  // the consent's record; never a grant by itself
    base::Timestamp approved_at{}, approved_until{};
  };
  std::optional<Approval> approval;  // of an approved one
};
using AccessTaskOrProblem = std::variant<AccessRequestProblem, AccessTask>;

struct NewAccessRequest {
  AccessQuestion question;
  std::string evaluation_id;  // of the denial
  base::Timestamp expires_at{};
};

class AccessRequests {
 public:
  explicit AccessRequests(Services& services) : services_(services) {}
  // Forbidden: for another tool without the grant. Unavailable: the log can't be written.
  base::Result<AccessTaskOrProblem> open(const Caller& caller, const NewAccessRequest& request);
  // UnknownTask for another tool's.
  base::Result<AccessTaskOrProblem> status(const Caller& caller, const std::string& id);

 private:
  Services& services_;
};

}  // namespace egide::vault
