// Proof of consent (GDPR 7(1)): the whole record of one event, and a receipt of it that a stranger can verify
// (docs/formats/receipt.md).
//
// Thread safety: may be called from many threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "egide/vault/consents.h"

namespace egide::vault {

class Services;

// One event with all that ISO/IEC TS 27560 wants beside it. The person appears as a pseudonym only.
struct ConsentRecord {
  ConsentEvent event;
  std::vector<ConsentEvent> history;  // of this person and purpose up to the event, as they came; the event is the last
  std::string pseudonym;              // "p_...": of this purpose, for receipts alone
  bool child = false;                 // under the age of consent when it was expressed
  std::string organisation, jurisdiction;
  std::map<std::string, std::string> label;  // of the purpose, by language
  std::string dpv_purpose, legal_basis;
  bool explicit_consent = false, is_ai = false, sensitive = false;
  std::vector<std::string> data_categories;
  std::vector<std::string> recipients;  // tools that are granted the purpose now
  std::string retention;                // until what: "withdrawal_or_leave"
  std::string notice_text;              // as shown
  std::optional<base::Timestamp> notice_issued_at;
};

class GetConsentRecord {
 public:
  explicit GetConsentRecord(Services& services) : services_(services) {}
  // NotFound, Gone. The reading is logged.
  base::Result<ConsentRecord> execute(const Caller& caller, const base::RecordId& id);

 private:
  Services& services_;
};

struct Receipt {
  ConsentRecord record;
  std::string id;  // "rc_" and the event's id
  base::Timestamp issued_at{};
  std::string document;  // the native receipt, JSON: exactly what is signed
  std::string jws;       // compact, over it
};

class IssueReceipt {
 public:
  explicit IssueReceipt(Services& services) : services_(services) {}
  // With the log's proof of the event as of now.
  base::Result<Receipt> execute(const Caller& caller, const base::RecordId& id);
  // Detached JWS over any other form of the receipt.
  base::Result<std::string> sign(std::string_view document) const;

 private:
  Services& services_;
};

// The public key that receipts are signed with, for /.well-known/jwks.json.
struct ReceiptKey {
  std::string kid;  // RFC 7638
  std::string x;    // base64url
  std::string vkey;
  std::string certificate;  // the log's key vouches for it
};
base::Result<ReceiptKey> receipt_key(Services& services);

}  // namespace egide::vault
