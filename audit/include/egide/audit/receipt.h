// Consent receipts as a stranger verifies them, without a connection and without the vault (docs/formats/receipt.md).
//
// A receipt is signed with a key of its own, never with the log's. The log's key vouches for that key once, in a signed
// note, so that who holds the log's verifier key can check a receipt from end to end.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "egide/audit/note.h"
#include "egide/base/result.h"

namespace egide::audit {

inline constexpr std::string_view kReceiptFormat = "egide.receipt/1";

// The name of a log's receipt key: "<origin>/receipts".
std::string receipt_key_name(std::string_view origin);

// A note of two lines, "<origin>/receipts" and "receipt-key <verifier key>", signed by the log's key. Its first line is
// no log's origin, so it can't be taken for a checkpoint.
std::string certify_receipt_key(std::string_view origin, const crypto::PublicKey& receipt_key,
                                const crypto::SigningKey& log_key);
// Integrity, with the rule that broke.
base::Result<VerifierKey> open_receipt_certificate(std::string_view note, const VerifierKey& log_key);

struct VerifiedReceipt {
  std::string id, consent, purpose, status, state, at, issued_at;
  std::uint64_t log_index = 0;
  std::string key;       // verifier key that signed the receipt
  bool trusted = false;  // a key the caller gave vouches for all of it; else the receipt's own keys do
  Checkpoint checkpoint;
};

// `file`: what GET /v1/consents/{id}/receipt answers as JSON, or a compact JWS alone. `given`: the log's verifier key
// or the receipt key's; nothing: the keys the receipt names for itself, which shows damage but not who wrote it.
// InvalidRequest: not a receipt at all. Integrity: what does not hold, in one sentence.
base::Result<VerifiedReceipt> verify_receipt(std::string_view file, const std::optional<VerifierKey>& given);

// Any other document of egide's with its detached signature (the header Egide-Signature): JSON-LD, Kantara. The bytes
// count. `given` is the receipt key's verifier key.
base::Result<void> verify_signed_document(std::string_view document, std::string_view detached,
                                          const VerifierKey& given);

}  // namespace egide::audit
