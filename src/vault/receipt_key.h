// The key that signs receipts: derived, with a domain of its own, and vouched for by the log's key.
//
// Thread safety: free functions; may be called from many threads.
#pragma once

#include <string>

#include "egide/audit/note.h"
#include "egide/crypto/signature.h"
#include "services.h"

namespace egide::vault {

base::Result<crypto::SigningKey> receipt_signing_key(const Services& services);
base::Result<audit::VerifierKey> receipt_verifier_key(const Services& services);

// At start, before the committer takes the log's key: writes the certificate where it is missing or of an older key.
base::Result<void> keep_receipt_certificate(const Services& services, storage::Connection& connection,
                                            const crypto::SigningKey& log_key);
base::Result<std::string> receipt_certificate(storage::Connection& connection);

}  // namespace egide::vault
