// The outbox: mail that is written in the transaction of the change that causes it, and sent later. It survives a
// crash; what it holds is sealed under the recipient's key and goes once it is sent.
// Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

enum class MailState { Waiting = 1, Sent = 2, GivenUp = 3 };

struct MailRow {
  base::RecordId id;
  base::SubjectId recipient, about;
  std::string
      kind;  // "consent_request", "consent_confirmation", "guardian_request", "phone_confirmation", "renewal_request"
  base::Timestamp created_at{}, next_attempt_at{};
  int attempts = 0;
  MailState state = MailState::Waiting;
  std::string problem;  // code of the last failure
  base::Bytes sealed;   // empty unless waiting
};

class MailRepository {
 public:
  explicit MailRepository(Connection& connection) : connection_(connection) {}
  base::Result<void> insert(const MailRow& row);
  base::Result<std::vector<MailRow>> due(base::Timestamp now, int limit) const;  // oldest first
  base::Result<std::vector<MailRow>> newest(int limit) const;
  // Sent and GivenUp drop the sealed part. Nothing happens when the mail is no longer waiting.
  base::Result<void> update(const base::RecordId& id, MailState state, int attempts, base::Timestamp next_attempt_at,
                            std::string_view problem);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
