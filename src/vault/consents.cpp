#include "egide/vault/consents.h"

#include "consent_asking.h"
#include "consent_events.h"
#include "egide/crypto/random.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

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
    if (consent_.channel == "phone" && consent_.status == "given")
      EGIDE_TRY_VOID(confirm_in_writing(context, *state, applied.row));
    EGIDE_TRY_VOID(WebhookQueue(services_, context).consent(applied.row));
    EGIDE_TRY(event_, to_consent_event(services_, entry.dek(), applied.row));
    next_ = std::move(next);
    return {};
  }
  ConsentEvent take() { return std::move(event_); }

 private:
  void publish() noexcept override { services_.subjects.put(next_); }

  // What was said on the phone is followed by a mail that lets the person undo it.
  base::Result<void> confirm_in_writing(storage::ChangeContext& context, const SubjectState& state,
                                        const storage::ConsentEventRow& row) {
    if (row.party != storage::ConsentParty::Person) return {};
    Asking asking;
    asking.purpose = row.purpose;
    asking.kind = "phone_confirmation";
    asking.notice_version = row.notice_version;
    asking.language = row.notice_language;
    asking.ceremony = crypto::random_uuid();
    asking.event = row.id;
    const auto written = write_link(services_, context.connection(), state, asking, context.now());
    // Enough mails for today: the consent counts all the same.
    if (!written && written.error().code() != base::ErrorCode::Conflict) return written.error();
    return {};
  }

  const Caller& caller_;
  base::SubjectId subject_;
  const NewConsent& consent_;
  const CheckedConsent& checked_;
  SubjectStatePtr next_;
  ConsentEvent event_;
};

}  // namespace

base::Result<ConsentEvent> RecordConsent::execute(const Caller& caller, const base::SubjectId& subject,
                                                  const NewConsent& consent) {
  EGIDE_TRY(const auto state, services_.living(subject));
  EGIDE_TRY(const CheckedConsent checked,
            check_consent(services_, caller, consent, state->locale, services_.clock->now()));
  if (consent.status == "requested") return request_consent(services_, caller, subject, consent, checked, false);
  if (needs_confirmation(services_, caller, consent, checked)) {
    NewConsent pending = consent;
    pending.status = "pending_confirmation";
    CheckedConsent unconfirmed = checked;
    unconfirmed.valid_until.reset();
    return request_consent(services_, caller, subject, pending, unconfirmed, false);
  }
  if (consent.by == "guardian" && consent.status == "given" && state->facts.birth_date &&
      !below_consent_age(services_, *state, checked.at))
    return base::invalid_field("/by", "this person consented alone at that age");
  ConsentChange change(services_, caller, subject, consent, checked);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.take();
}

base::Result<ConsentHistory> ListConsents::execute(const Caller& caller, const base::SubjectId& subject) {
  EGIDE_TRY(const auto state, services_.living(subject));
  EGIDE_TRY_VOID(log_consent_read(services_, caller, *state));
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
      view.lapsed = guardian && state->facts.birth_date && !below_consent_age(services_, *state, now);
      history.states.push_back(std::move(view));
    }
  }
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, subject, state->keys));
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(const auto rows, storage::ConsentRepository(*reads).of_subject(subject));
  for (const auto& row : rows) {
    EGIDE_TRY(auto event, to_consent_event(services_, dek.expose_secret(), row));
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
  EGIDE_TRY_VOID(log_consent_read(services_, caller, *state));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, row->subject, state->keys));
  return to_consent_event(services_, dek.expose_secret(), *row);
}

}  // namespace egide::vault
