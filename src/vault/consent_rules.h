// Appending consent events, shared by RecordConsent and import.
#pragma once

#include <string>

#include "egide/storage/consent_repository.h"
#include "egide/vault/consents.h"
#include "entries.h"

namespace egide::vault {

// A checked consent: which purpose, which text, until when.
struct CheckedConsent {
  policies::PurposeIndex purpose = 0;
  storage::ConsentParty party = storage::ConsentParty::Person;
  base::Timestamp at{};
  int notice_version = 0;
  std::string notice_language;
  base::Hash32 notice_hash{};
  std::optional<base::Timestamp> valid_until;  // of a given one
};
// Everything that does not depend on the person's present state. Mistakes with pointers.
base::Result<CheckedConsent> check_consent(const Services& services, const Caller& caller, const NewConsent& consent,
                                           const std::string& locale, base::Timestamp now);

// On the committer's thread: applies the event to `state`, fills the row (log_index is the caller's to set) and gives
// the event name for the log. Conflict when it can't follow.
struct AppliedConsent {
  storage::ConsentEventRow row;
  std::string_view event;
};
base::Result<AppliedConsent> apply_consent(const Services& services, const Caller& caller, const NewConsent& consent,
                                           const CheckedConsent& checked, SubjectState& state, base::ByteView dek,
                                           base::Timestamp now);

}  // namespace egide::vault
