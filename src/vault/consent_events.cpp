#include "consent_events.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "entries.h"
#include "sealing.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

class ConsentReadChange final : public LoggedChange {
 public:
  ConsentReadChange(Services& services, const Caller& caller, SubjectEntry entry)
      : LoggedChange(services), caller_(caller), entry_(std::move(entry)) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EntryFields fields;
    fields.event = audit::event::kRecordRead;
    fields.caller = &caller_;
    fields.outcome = audit::Outcome::Allow;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, entry_));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
  SubjectEntry entry_;
};

}  // namespace

EntryFields consent_entry(const Services& services, const Caller& caller, const AppliedConsent& applied) {
  const policies::Purpose& purpose = *services.pack->find(applied.row.purpose);
  EntryFields fields;
  fields.event = applied.event;
  fields.caller = &caller;
  fields.purpose = purpose.id.str();
  fields.legal_basis = policies::dpv_id(purpose.basis);
  fields.resource = applied.row.id.uuid();
  return fields;
}

base::Result<void> store_consent_event(Services& services, storage::ChangeContext& context,
                                       const storage::ConsentEventRow& row) {
  EGIDE_TRY_VOID(storage::ConsentRepository(context.connection()).append(row));
  return WebhookQueue(services, context).consent(row);
}

base::Result<ConsentEvent> to_consent_event(const Services& services, base::ByteView dek,
                                            const storage::ConsentEventRow& row) {
  EGIDE_TRY(const std::string text,
            open_field(services, dek, row.subject, {"consent_event", row.id.str(), "sealed", 1}, row.sealed));
  EGIDE_TRY(const base::Json sealed, base::parse_json(text));
  base::ObjectReader in(sealed, "");
  ConsentEvent event;
  event.id = row.id;
  event.subject = row.subject;
  event.purpose = row.purpose;
  event.type = row.type;
  event.by = row.party == storage::ConsentParty::Guardian ? "guardian" : "data_subject";
  event.channel = row.channel;
  event.method = in.optional_string("method", {.min = 0, .max = 4000}).value_or("");
  event.evidence = in.optional_string("evidence", {.min = 0, .max = 4000}).value_or("");
  event.recorded_by = in.optional_string("recorded_by", {.min = 0}).value_or("");
  event.at = row.at;
  event.recorded_at = row.recorded_at;
  event.notice_version = row.notice_version;
  event.notice_language = row.notice_language;
  event.notice_hash = base::to_hex(row.notice_hash);
  event.valid_until = row.valid_until;
  event.ceremony = row.ceremony;
  event.log_index = row.log_index;
  return event;
}

base::Result<void> log_consent_read(Services& services, const Caller& caller, const SubjectState& state) {
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services, state, R"({"fields":["consents"]})"));
  ConsentReadChange change(services, caller, std::move(entry));
  return services.committer->commit(change);
}

}  // namespace egide::vault
