// Asking for a consent by mail: the event, the links, the mails, and who is asked. Private to this module.
//
// Thread safety: request_consent from any thread; the rest on the committer's.
#pragma once

#include "consent_rules.h"
#include "egide/storage/consent_link_repository.h"

namespace egide::vault {

// Under the age at which a person consents alone. An unknown age counts as the pack says.
bool below_consent_age(const Services& services, const SubjectState& state, base::Timestamp at);
// The day the guardian's part ends; nothing where the birth date is unknown.
std::optional<base::Date> consent_birthday(const Services& services, const SubjectState& state);

// Whether this purpose asks for a confirmation of what staff says to have been given through `consent.channel`.
bool needs_confirmation(const Services& services, const Caller& caller, const NewConsent& consent,
                        const CheckedConsent& checked);

// What a link is for.
struct Asking {
  std::string purpose, kind;  // kind of the mail
  storage::ConsentParty party = storage::ConsentParty::Person;
  std::optional<base::SubjectId> guardian;
  int notice_version = 1;
  std::string language;
  base::Uuid ceremony;
  std::optional<base::RecordId> event;  // set: already answered, the link only shows and undoes it
};
// Writes link and mail to the person, or to the guardian. False: no address. Conflict: too many in a day.
base::Result<bool> write_link(const Services& services, storage::Connection& connection, const SubjectState& person,
                              const Asking& asking, base::Timestamp now);

// One logged change: the event `requested` or `pending_confirmation` (consent.status), links and mails to the person
// and, for a child, to its guardians. A consent that stands is left alone and gets the mail only, where `quiet`, else
// it is a Conflict. InvalidRequest: nobody has an address.
base::Result<ConsentEvent> request_consent(Services& services, const Caller& caller, const base::SubjectId& subject,
                                           const NewConsent& consent, const CheckedConsent& checked, bool quiet);

}  // namespace egide::vault
