// Consents that end soon, and asking for their renewal (docs/formats/consent.md, "Expiry and renewal"). Nothing is ever
// renewed in silence: no answer means that the consent expires.
//
// Thread safety: may be called from many threads.
#pragma once

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

struct RenewalDue {
  base::SubjectId subject;
  std::string by;      // "data_subject" or "guardian"
  std::string reason;  // "ends_soon", "notice_outdated", "expired"
  base::RecordId record;
  base::Timestamp valid_until{};  // where nothing ends it: the far end of time
  bool ends = true;               // false: outdated, without an end of its own
};

class ListRenewals {
 public:
  explicit ListRenewals(Services& services) : services_(services) {}
  using Position = std::pair<base::Timestamp, base::RecordId>;
  struct Page {
    std::vector<RenewalDue> items;  // by end, then record
    std::optional<Position> next;
  };
  // NotFound: no such purpose. Conflict: one that does not rest on consent.
  base::Result<Page> execute(const std::string& purpose, const std::optional<Position>& after, int limit) const;

 private:
  Services& services_;
};

struct RenewalsAsked {
  int written = 0;    // people who get a mail
  int skipped = 0;    // without an address, restricted, or written to within the week
  bool more = false;  // as many as one call writes to: call again
};

class AskForRenewals {
 public:
  explicit AskForRenewals(Services& services) : services_(services) {}
  // Writes to everybody whose consent ends soon or is outdated: with a link to the current notice, one change a person.
  // Consents that have ended are not asked for again here. At most 500 mails a call. Stops at the first failure that is
  // not one person's own.
  base::Result<RenewalsAsked> execute(const Caller& caller, const std::string& purpose);

 private:
  Services& services_;
};

}  // namespace egide::vault
