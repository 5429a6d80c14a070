// From a pseudonym back to a person: one member of staff asks, another approves, and the first may read the person's id
// for the time asked for. GDPR 4(5), 25, 32: who attributes pseudonymised data to a person again is few, known and
// seen.
//
// - Two people: the opener's own approval never counts, whatever their role. One of the two is a data protection
//   officer. Both accounts must be active at each step, reading included. That two accounts belong to two people is for
//   the association to see to; egide can't tell.
// - Every step has an entry in the person's own log, with the reason, before it takes effect.
// - A pseudonym that is unknown, malformed, or of another tool or purpose has one answer in the same words.
//
// Thread safety: may be called from many threads.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

enum class ReidentificationState { Pending, Approved, Lapsed, Ended };
std::string_view name_of(ReidentificationState state) noexcept;

struct NewReidentification {
  std::string pseudonym, tool, purpose;
  std::string reason;  // shown to the person
  std::chrono::seconds duration{std::chrono::hours{1}};
};

struct ReidentificationView {
  base::RecordId id;
  ReidentificationState state = ReidentificationState::Pending;
  bool erased = false;  // the person: there is nobody to name
  std::string tool, purpose;
  base::UserId opener;
  std::optional<base::UserId> approver;
  base::Timestamp opened_at{}, approve_until{};
  std::chrono::seconds duration{0};
  std::optional<base::Timestamp> approved_at, read_until;
  std::uint64_t log_index = 0;  // of the opening
  // Only in the answer of get():
  std::string pseudonym, reason;
  std::optional<base::SubjectId> subject;  // for the opener, while it is approved
};

class Reidentifications {
 public:
  explicit Reidentifications(Services& services) : services_(services) {}

  // Forbidden: not a coordinator or data protection officer. NotFound: no such pseudonym for this tool and purpose.
  // Gone: the person has been erased.
  base::Result<ReidentificationView> open(const Caller& caller, const NewReidentification& asked);
  // Forbidden: the opener, or no data protection officer among the two. Conflict: no longer waits for an approval, or
  // the opener's account has been disabled. NotFound. Gone.
  base::Result<ReidentificationView> approve(const Caller& caller, const base::RecordId& id);
  // Logged in the person's chain before it is answered. NotFound. Gone: the person has been erased.
  base::Result<ReidentificationView> get(const Caller& caller, const base::RecordId& id);
  struct Page {
    std::vector<ReidentificationView> items;
    std::optional<std::pair<base::Timestamp, base::RecordId>> next;
  };
  base::Result<Page> list(const std::optional<std::pair<base::Timestamp, base::RecordId>>& after, int limit) const;

 private:
  Services& services_;
};

inline constexpr std::chrono::seconds kShortestReidentification{60};
inline constexpr std::chrono::seconds kLongestReidentification{std::chrono::hours{24}};
inline constexpr std::chrono::hours kApprovalWait{24 * 7};

}  // namespace egide::vault
