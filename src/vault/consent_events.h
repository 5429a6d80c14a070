// Consent events: their entry and how they are stored, as use cases give them out, and the entry that says somebody
// read them.
//
// Thread safety: free functions; may be called from many threads, store_consent_event() on the committer's alone.
#pragma once

#include "consent_rules.h"
#include "egide/storage/consent_repository.h"
#include "egide/vault/consents.h"
#include "entries.h"
#include "services.h"

namespace egide::vault {

// The clear part of an event's entry. Points into `caller` and the pack.
EntryFields consent_entry(const Services& services, const Caller& caller, const AppliedConsent& applied);
// In apply(), once `row` has its entry's index: stores the event and tells the subscribed tools. Every consent event
// goes through here, so that none is stored without being told.
base::Result<void> store_consent_event(Services& services, storage::ChangeContext& context,
                                       const storage::ConsentEventRow& row);
// Opens the sealed part with the person's key. Integrity when it does not open.
base::Result<ConsentEvent> to_consent_event(const Services& services, base::ByteView dek,
                                            const storage::ConsentEventRow& row);
// Durable when it returns: nothing personal leaves before.
base::Result<void> log_consent_read(Services& services, const Caller& caller, const SubjectState& state);

}  // namespace egide::vault
