#include "egide/vault/consents.h"

#include "consent_asking.h"
#include "consent_events.h"
#include "egide/crypto/random.h"

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
    const auto fields = consent_entry(services_, caller_, applied);
    EGIDE_TRY(applied.row.log_index, append(context, fields, entry));
    EGIDE_TRY_VOID(store_consent_event(services_, context, applied.row));
    if (consent_.channel == "phone" && consent_.status == "given")
      EGIDE_TRY_VOID(confirm_in_writing(context, *state, applied.row));
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

// The state of each chain after its last event: computed, never stored. Events come chain by chain, in their order.
std::vector<ConsentStateView> states_at(const Services& services, const SubjectState& person,
                                        const std::vector<ConsentEvent>& events, base::Timestamp at) {
  std::vector<ConsentStateView> out;
  for (const auto& event : events) {
    if (out.empty() || out.back().purpose != event.purpose || out.back().by != event.by) {
      out.emplace_back();
      out.back().purpose = event.purpose;
      out.back().by = event.by;
    }
    ConsentStateView& view = out.back();
    view.state = next_consent_state(view.state, event.type).value_or(view.state);
    view.valid_until = event.valid_until;
    view.notice_version = event.notice_version;
    view.record = event.id;
  }
  for (auto& view : out) {
    // Expired at its date, without waiting for a job.
    if (policies::is_valid_for_processing(view.state) && view.valid_until && *view.valid_until <= at)
      view.state = policies::ConsentState::Expired;
    view.lapsed = view.by == "guardian" && person.facts.birth_date && !below_consent_age(services, person, at);
  }
  return out;
}

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

base::Result<ConsentHistory> ListConsents::execute(const Caller& caller, const base::SubjectId& subject,
                                                   const std::optional<base::Timestamp>& at) {
  EGIDE_TRY(const auto state, services_.living(subject));
  if (at && *at > services_.clock->now()) return base::invalid_field("/at", "may not lie in the future");
  EGIDE_TRY_VOID(log_consent_read(services_, caller, *state));
  ConsentHistory history;
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, subject, state->keys));
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(const auto rows, storage::ConsentRepository(*reads).of_subject(subject));
  for (const auto& row : rows) {
    if (at && row.at > *at) continue;
    EGIDE_TRY(auto event, to_consent_event(services_, dek.expose_secret(), row));
    history.events.push_back(std::move(event));
  }
  history.states = states_at(services_, *state, history.events, at.value_or(services_.clock->now()));
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
