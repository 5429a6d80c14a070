#include "egide/vault/consents.h"

#include <nlohmann/json.hpp>

#include "consent_rules.h"
#include "egide/base/json.h"
#include "sealing.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

base::Result<ConsentEvent> to_event(const Services& services, base::ByteView dek, const storage::ConsentEventRow& row) {
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
  event.log_index = row.log_index;
  return event;
}

class ConsentChange final : public LoggedChange {
 public:
  ConsentChange(Services& services, const Caller& caller, const base::SubjectId& subject, const NewConsent& consent,
                const CheckedConsent& checked)
      : LoggedChange(services), caller_(caller), subject_(subject), consent_(consent), checked_(checked) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(subject_));
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, R"({"channel":")" + consent_.channel + "\"}"));
    auto next = std::make_shared<SubjectState>(*state);
    next->revision = state->revision + 1;
    EGIDE_TRY(auto applied, apply_consent(services_, caller_, consent_, checked_, *next, entry.dek(), context.now()));

    const policies::Purpose& purpose = services_.pack->at(checked_.purpose);
    EntryFields fields;
    fields.event = applied.event;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    fields.legal_basis = policies::dpv_id(purpose.basis);
    fields.resource = applied.row.id.uuid();
    EGIDE_TRY(applied.row.log_index, append(context, fields, entry));
    EGIDE_TRY_VOID(storage::ConsentRepository(context.connection()).append(applied.row));
    EGIDE_TRY_VOID(WebhookQueue(services_, context).consent(applied.row));
    EGIDE_TRY(event_, to_event(services_, entry.dek(), applied.row));
    next_ = std::move(next);
    return {};
  }
  ConsentEvent take() { return std::move(event_); }

 private:
  void publish() noexcept override { services_.subjects.put(next_); }
  const Caller& caller_;
  base::SubjectId subject_;
  const NewConsent& consent_;
  const CheckedConsent& checked_;
  SubjectStatePtr next_;
  ConsentEvent event_;
};

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

base::Result<void> log_read(Services& services, const Caller& caller, const SubjectState& state) {
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services, state, R"({"fields":["consents"]})"));
  ConsentReadChange change(services, caller, std::move(entry));
  return services.committer->commit(change);
}

}  // namespace

base::Result<ConsentEvent> RecordConsent::execute(const Caller& caller, const base::SubjectId& subject,
                                                  const NewConsent& consent) {
  EGIDE_TRY(const auto state, services_.living(subject));
  EGIDE_TRY(const CheckedConsent checked,
            check_consent(services_, caller, consent, state->locale, services_.clock->now()));
  ConsentChange change(services_, caller, subject, consent, checked);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.take();
}

base::Result<ConsentHistory> ListConsents::execute(const Caller& caller, const base::SubjectId& subject) {
  EGIDE_TRY(const auto state, services_.living(subject));
  EGIDE_TRY_VOID(log_read(services_, caller, *state));
  ConsentHistory history;
  const base::Timestamp now = services_.clock->now();
  for (const PurposeConsent& both : state->consents) {
    for (const bool guardian : {false, true}) {
      const PartyConsent& party = guardian ? both.guardian : both.person;
      if (party.sequence == 0) continue;
      ConsentStateView view;
      view.purpose = services_.pack->at(both.purpose).id.str();
      view.by = guardian ? "guardian" : "data_subject";
      view.state = party.facts.state;
      // Expired at its date, without waiting for a job.
      if (policies::is_valid_for_processing(view.state) && party.facts.valid_until && *party.facts.valid_until <= now)
        view.state = policies::ConsentState::Expired;
      view.valid_until = party.facts.valid_until;
      view.notice_version = party.facts.notice_version;
      view.record = party.record;
      history.states.push_back(std::move(view));
    }
  }
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, subject, state->keys));
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(const auto rows, storage::ConsentRepository(*reads).of_subject(subject));
  for (const auto& row : rows) {
    EGIDE_TRY(auto event, to_event(services_, dek.expose_secret(), row));
    history.events.push_back(std::move(event));
  }
  return history;
}

base::Result<ConsentEvent> GetConsent::execute(const Caller& caller, const base::RecordId& id) {
  std::optional<storage::ConsentEventRow> row;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(row, storage::ConsentRepository(*reads).find(id));
  }
  if (!row) return base::not_found("There is no such consent");
  EGIDE_TRY(const auto state, services_.living(row->subject));
  EGIDE_TRY_VOID(log_read(services_, caller, *state));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, row->subject, state->keys));
  return to_event(services_, dek.expose_secret(), *row);
}

}  // namespace egide::vault
