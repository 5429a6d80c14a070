// Holders of parental authority (loi 78-17 art. 45; GDPR Art. 8): a child under the age of consent agrees together with
// a guardian. A guardian is a person of the vault with data of their own; the link to the child is what stands here.
//
// Thread safety: may be called from many threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

struct NewGuardian {
  base::SubjectId guardian;
  std::string verified_by;  // "known", "document_seen", "shared_address": the reasonable effort of Art. 8(2)
  std::string evidence;     // a reference; no copy of an identity card
};

struct Guardianship {
  base::RecordId id;
  base::SubjectId child, guardian;
  base::Timestamp since{};
  std::optional<base::Timestamp> ended_at;  // by somebody
  std::optional<std::string> lapses_on;     // the birthday from which the child consents alone, "2029-05-01"
  bool active = false;                      // neither ended nor lapsed
  std::string verified_by, evidence, recorded_by;
  std::uint64_t log_index = 0;
};

class AddGuardian {
 public:
  explicit AddGuardian(Services& services) : services_(services) {}
  // InvalidRequest: the child itself, no such guardian, a wrong or missing member, a child that consents alone.
  // Conflict: is the guardian already. NotFound, Gone: the child.
  base::Result<Guardianship> execute(const Caller& caller, const base::SubjectId& child, const NewGuardian& guardian);

 private:
  Services& services_;
};

class ListGuardians {
 public:
  explicit ListGuardians(Services& services) : services_(services) {}
  base::Result<std::vector<Guardianship>> execute(const Caller& caller, const base::SubjectId& child);

 private:
  Services& services_;
};

class EndGuardianship {
 public:
  explicit EndGuardianship(Services& services) : services_(services) {}
  // From here on the guardian answers no link. What was given stays: withdrawing it is an event of its own. Conflict:
  // ended already. NotFound, Gone.
  base::Result<Guardianship> execute(const Caller& caller, const base::RecordId& id);

 private:
  Services& services_;
};

}  // namespace egide::vault
