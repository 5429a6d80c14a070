#include "egide/vault/consent_records.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "consent_events.h"
#include "egide/audit/jws.h"
#include "egide/audit/proof_file.h"
#include "egide/audit/receipt.h"
#include "egide/base/time.h"
#include "egide/storage/log_store.h"
#include "egide/vault/audit_queries.h"
#include "receipt_key.h"

namespace egide::vault {
namespace {

using Document = nlohmann::ordered_json;

// The recipient that stands for receipts in the pseudonym's domain: no tool can have this name.
constexpr const char* kReceiptDomain = "egide:receipt";

base::Result<void> describe_purpose(const Services& services, ConsentRecord& out) {
  const auto index = services.pack->index_of(out.event.purpose);
  if (!index) return base::conflict("The purpose of this consent is no longer in the policy pack");
  const policies::Purpose& purpose = services.pack->at(*index);
  out.organisation = services.organisation;
  out.jurisdiction = services.pack->jurisdiction();
  out.label = purpose.label.by_language;
  out.dpv_purpose = purpose.dpv_purpose;
  out.legal_basis = policies::dpv_id(purpose.basis);
  out.explicit_consent = purpose.consent && purpose.consent->explicit_consent;
  out.is_ai = purpose.is_ai;
  out.sensitive = purpose.may_hold_special;
  out.data_categories = purpose.data_categories;
  out.retention = purpose.retention.trigger.empty() ? "withdrawal" : purpose.retention.trigger;
  for (const auto& tool : services.accounts.tools())
    if (tool->row.active &&
        std::find(tool->purposes.begin(), tool->purposes.end(), out.event.purpose) != tool->purposes.end())
      out.recipients.push_back(tool->row.id.str());
  if (const auto notice = services.notices.version(*index, out.event.notice_version)) {
    const auto text = notice->texts.find(out.event.notice_language);
    if (text != notice->texts.end()) out.notice_text = text->second;
    if (notice->issued_at != base::Timestamp()) out.notice_issued_at = notice->issued_at;
  }
  return {};
}

bool is_child(const Services& services, const SubjectState& state, base::Timestamp at) {
  return state.facts.birth_date && base::full_years_between(*state.facts.birth_date, base::central_european_date(at)) <
                                       services.pack->minor_consent_age();
}

Document consent_part(const ConsentRecord& record) {
  const ConsentEvent& event = record.event;
  Document out;
  out["id"] = event.id.str();
  out["subject"] = record.pseudonym;
  out["purpose"] = event.purpose;
  out["status"] = event.type == "renewed" ? "given" : event.type;
  out["state"] = consent_state_after(event.type);
  out["by"] = event.by;
  if (record.child) out["child"] = true;
  out["channel"] = event.channel;
  if (!event.method.empty()) out["method"] = event.method;
  out["at"] = base::format_rfc3339(event.at);
  out["recorded_at"] = base::format_rfc3339(event.recorded_at);
  if (event.valid_until) out["valid_until"] = base::format_rfc3339(*event.valid_until);
  out["recorded_by"] = event.recorded_by.empty() ? "self" : "staff";
  return out;
}

// The entry and the proof that it stands in the log, in one snapshot.
base::Result<Document> log_part(Services& services, std::uint64_t index) {
  Document out;
  out["vkey"] = services.verifier_key;
  out["index"] = index;
  {
    EGIDE_TRY(const auto reads, services.reads->lease());
    EGIDE_TRY(const std::string entry, storage::LogStore(*reads).leaf(index));
    if (entry.empty()) return base::not_found("The log's entry of this consent was pruned");
    out["entry"] = entry;
  }
  EGIDE_TRY(const std::string proof, AuditQueries(services).inclusion_proof(index));
  out["proof"] = proof;
  return out;
}

}  // namespace

std::string_view consent_state_after(std::string_view event) noexcept {
  for (int i = 0; i <= static_cast<int>(policies::ConsentState::Invalidated); ++i) {
    const auto state = next_consent_state(static_cast<policies::ConsentState>(i), event);
    if (state) return policies::dpv_id(*state);
  }
  return {};
}

base::Result<ConsentRecord> GetConsentRecord::execute(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY(auto event, GetConsent(services_).execute(caller, id));
  ConsentRecord out;
  EGIDE_TRY(const auto state, services_.living(event.subject));
  {
    EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, event.subject, state->keys));
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(const auto rows, storage::ConsentRepository(*reads).of_subject(event.subject));
    for (const auto& row : rows) {
      if (row.purpose != event.purpose || row.log_index > event.log_index) continue;
      EGIDE_TRY(auto one, to_consent_event(services_, dek.expose_secret(), row));
      out.history.push_back(std::move(one));
    }
  }
  std::sort(out.history.begin(), out.history.end(),
            [](const ConsentEvent& a, const ConsentEvent& b) { return a.log_index < b.log_index; });
  EGIDE_TRY(const auto domain, services_.keys->pseudonym_domain(event.purpose, kReceiptDomain));
  out.pseudonym = pseudonym_text(domain.of(event.subject));
  out.child = is_child(services_, *state, event.at);
  out.event = std::move(event);
  EGIDE_TRY_VOID(describe_purpose(services_, out));
  return out;
}

base::Result<Receipt> IssueReceipt::execute(const Caller& caller, const base::RecordId& id) {
  Receipt out;
  EGIDE_TRY(out.record, GetConsentRecord(services_).execute(caller, id));
  const ConsentRecord& record = out.record;
  out.id = "rc_" + record.event.id.str();
  out.issued_at = services_.clock->now();
  EGIDE_TRY(const auto key, receipt_signing_key(services_));

  Document document;
  document["format"] = audit::kReceiptFormat;
  document["id"] = out.id;
  document["issued_at"] = base::format_rfc3339(out.issued_at);
  document["issuer"] = record.organisation;
  document["consent"] = consent_part(record);
  document["purpose"]["label"] = record.label;
  document["purpose"]["legal_basis"] = record.legal_basis;
  document["notice"]["version"] = record.event.notice_version;
  document["notice"]["language"] = record.event.notice_language;
  document["notice"]["sha256"] = record.event.notice_hash;
  document["notice"]["text"] = record.notice_text;
  EGIDE_TRY(document["log"], log_part(services_, record.event.log_index));
  document["key"]["vkey"] = audit::VerifierKey::make(audit::receipt_key_name(services_.origin), key.public_key()).str();
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(document["key"]["certificate"], receipt_certificate(*reads));
  }
  out.document = document.dump();
  out.jws = audit::sign_jws(out.document, audit::kReceiptType, key);
  return out;
}

base::Result<std::string> IssueReceipt::sign(std::string_view document) const {
  EGIDE_TRY(const auto key, receipt_signing_key(services_));
  return audit::detach_jws(audit::sign_jws(document, audit::kReceiptType, key));
}

base::Result<ReceiptKey> receipt_key(Services& services) {
  EGIDE_TRY(const auto key, receipt_verifier_key(services));
  ReceiptKey out;
  out.kid = audit::key_thumbprint(key.key);
  out.x = base::to_base64url(key.key);
  out.vkey = key.str();
  EGIDE_TRY(const auto reads, services.reads->lease());
  EGIDE_TRY(out.certificate, receipt_certificate(*reads));
  return out;
}

}  // namespace egide::vault
