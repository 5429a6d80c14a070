// Stored consent events as use cases give them out, and the entry that says somebody read them.
//
// Thread safety: free functions; may be called from many threads.
#pragma once

#include "egide/storage/consent_repository.h"
#include "egide/vault/consents.h"
#include "services.h"

namespace egide::vault {

// Opens the sealed part with the person's key. Integrity when it does not open.
base::Result<ConsentEvent> to_consent_event(const Services& services, base::ByteView dek,
                                            const storage::ConsentEventRow& row);
// Durable when it returns: nothing personal leaves before.
base::Result<void> log_consent_read(Services& services, const Caller& caller, const SubjectState& state);

}  // namespace egide::vault
