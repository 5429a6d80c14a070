#include "consent_asking.h"

#include <nlohmann/json.hpp>

#include "consent_events.h"
#include "egide/base/json.h"
#include "egide/crypto/random.h"
#include "egide/storage/subject_repository.h"
#include "mail_content.h"
#include "new_subject.h"

namespace egide::vault {
namespace {

// Mails to one person for one purpose in a day: enough for a lost one, too few to pester with.
constexpr std::int64_t kMaxLinksADay = 3;

base::Result<Attributes> attributes_of(const Services& services, storage::Connection& connection,
                                       const SubjectState& state, base::ByteView dek) {
  EGIDE_TRY(const auto rows, storage::SubjectRepository(connection).attributes(state.id));
  return open_attributes(services, dek, state.id, rows);
}

std::string text_of(const Attributes& attributes, const char* category) {
  const auto found = attributes.find(category);
  return found != attributes.end() && found->second.is_string() ? found->second.get<std::string>() : std::string();
}

storage::ConsentLinkRow link_row(const Services& services, const SubjectState& person, const Asking& asking,
                                 const base::Hash32& hash, base::Timestamp now) {
  storage::ConsentLinkRow row;
  row.token_hash = hash;
  row.subject = person.id;
  row.purpose = asking.purpose;
  row.party = asking.party;
  row.guardian = asking.guardian;
  row.notice_version = asking.notice_version;
  row.notice_language = asking.language;
  row.ceremony = asking.ceremony;
  row.created_at = now;
  row.expires_at = base::add(now, services.pack->duration("double_opt_in_token"));
  if (asking.event) {
    row.used_at = now;
    row.event = asking.event;
  }
  return row;
}

class RequestChange final : public LoggedChange {
 public:
  RequestChange(Services& services, const Caller& caller, const base::SubjectId& subject, const NewConsent& consent,
                const CheckedConsent& checked, bool quiet)
      : LoggedChange(services),
        caller_(caller),
        subject_(subject),
        consent_(consent),
        checked_(checked),
        quiet_(quiet) {
    consent_.ceremony = crypto::random_uuid();
  }

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(subject_));
    next_ = std::make_shared<SubjectState>(*state);
    next_->revision = state->revision + 1;
    const policies::Purpose& purpose = services_.pack->at(checked_.purpose);
    if (purpose.minors == policies::MinorsRule::NotAllowed && is_minor(*state, context.now()))
      return base::conflict("This purpose is not offered to minors");
    int mails = 0;
    if (consent_.by == "data_subject") {
      EGIDE_TRY_VOID(note_event(context, storage::ConsentParty::Person));
      EGIDE_TRY(const bool written, write(context, std::nullopt));
      mails += written ? 1 : 0;
    }
    if (purpose.minors == policies::MinorsRule::GuardianBelowAge &&
        below_consent_age(services_, *state, context.now())) {
      EGIDE_TRY(const int guardians, ask_guardians(context));
      mails += guardians;
    } else if (consent_.by == "guardian") {
      return base::invalid_field("/by", "this person consents alone");
    }
    if (mails == 0)
      return base::invalid_field("/channel", "nobody to ask has an e-mail address: record it on paper, with evidence");
    return {};
  }
  base::Result<ConsentEvent> take() {
    if (!event_) return base::conflict("The consent stands already: it needs no request");
    return std::move(*event_);
  }

 private:
  void publish() noexcept override { services_.subjects.put(next_); }

  bool is_minor(const SubjectState& state, base::Timestamp at) const {
    return state.facts.birth_date &&
           base::full_years_between(*state.facts.birth_date, base::central_european_date(at)) <
               services_.pack->age_of_majority();
  }

  // The event of one party, unless its consent stands.
  base::Result<void> note_event(storage::ChangeContext& context, storage::ConsentParty party) {
    const bool guardian = party == storage::ConsentParty::Guardian;
    PurposeConsent& both = next_->consent_for(checked_.purpose);
    const policies::ConsentFacts& facts = (guardian ? both.guardian : both.person).facts;
    if (stands(facts, context.now())) {
      if (quiet_ || guardian) return {};
      return base::conflict("The consent stands already: it needs no request");
    }
    EGIDE_TRY_VOID(may_ask(facts, context.now()));
    NewConsent consent = consent_;
    CheckedConsent checked = checked_;
    checked.party = party;
    if (guardian) consent.status = "requested";  // whatever the child did, the guardian has only been asked
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *next_, R"({"confirmation":"e-mail"})"));
    EGIDE_TRY(auto applied, apply_consent(services_, caller_, consent, checked, *next_, entry.dek(), context.now()));
    const auto fields = consent_entry(services_, caller_, applied);
    EGIDE_TRY(applied.row.log_index, append(context, fields, entry));
    EGIDE_TRY_VOID(store_consent_event(services_, context, applied.row));
    if (!event_) {
      EGIDE_TRY(event_, to_consent_event(services_, entry.dek(), applied.row));
    }
    return {};
  }

  static bool stands(const policies::ConsentFacts& facts, base::Timestamp now) {
    return policies::is_valid_for_processing(facts.state) && (!facts.valid_until || *facts.valid_until > now);
  }

  // After a refusal or a withdrawal the organisation does not ask again by itself (pack: reask_after_*).
  base::Result<void> may_ask(const policies::ConsentFacts& facts, base::Timestamp now) const {
    if (consent_.status != "requested") return {};
    if (facts.state == policies::ConsentState::Withdrawn)
      return base::conflict("It was withdrawn: only the person may come back to it");
    const base::Duration* wait = services_.pack->find_duration("reask_after_refusal");
    if (facts.state == policies::ConsentState::Refused && facts.refused_at &&
        (wait == nullptr || base::add(*facts.refused_at, *wait) > now))
      return base::conflict("It was refused not long ago: asking again comes later");
    return {};
  }

  base::Result<bool> write(storage::ChangeContext& context, const std::optional<base::SubjectId>& guardian) {
    Asking asking;
    asking.purpose = consent_.purpose;
    asking.kind = consent_.status == "requested" ? "consent_request" : "consent_confirmation";
    if (guardian) asking.kind = "guardian_request";
    asking.party = guardian ? storage::ConsentParty::Guardian : storage::ConsentParty::Person;
    asking.guardian = guardian;
    asking.notice_version = checked_.notice_version;
    asking.language = checked_.notice_language;
    asking.ceremony = *consent_.ceremony;
    return write_link(services_, context.connection(), *next_, asking, context.now());
  }

  base::Result<int> ask_guardians(storage::ChangeContext& context) {
    EGIDE_TRY(const auto rows, storage::GuardianshipRepository(context.connection()).of_child(subject_));
    const PurposeConsent* both = next_->consent(checked_.purpose);
    if (both != nullptr && stands(both->guardian.facts, context.now()) && !quiet_) return 0;
    int mails = 0;
    for (const auto& row : rows) {
      if (row.until && *row.until <= context.now()) continue;
      if (const auto guardian = services_.subjects.find(row.guardian); guardian == nullptr || guardian->erased)
        continue;
      EGIDE_TRY(const bool written, write(context, row.guardian));
      mails += written ? 1 : 0;
    }
    if (mails > 0) EGIDE_TRY_VOID(note_event(context, storage::ConsentParty::Guardian));
    return mails;
  }

  const Caller& caller_;
  base::SubjectId subject_;
  NewConsent consent_;
  const CheckedConsent& checked_;
  bool quiet_;
  std::shared_ptr<SubjectState> next_;
  std::optional<ConsentEvent> event_;
};

}  // namespace

bool below_consent_age(const Services& services, const SubjectState& state, base::Timestamp at) {
  if (!state.facts.birth_date) return !services.pack->unknown_age_is_adult();
  return base::full_years_between(*state.facts.birth_date, base::central_european_date(at)) <
         services.pack->minor_consent_age();
}

std::optional<base::Date> consent_birthday(const Services& services, const SubjectState& state) {
  if (!state.facts.birth_date) return std::nullopt;
  const base::Date birth = *state.facts.birth_date;
  const base::Date there{birth.year() + std::chrono::years(services.pack->minor_consent_age()), birth.month(),
                         birth.day()};
  if (there.ok()) return there;
  return base::Date{there.year(), std::chrono::March, std::chrono::day(1)};  // 29 February in a common year
}

bool needs_confirmation(const Services& services, const Caller& caller, const NewConsent& consent,
                        const CheckedConsent& checked) {
  const policies::Purpose& purpose = services.pack->at(checked.purpose);
  if (caller.subject || consent.status != "given" || !purpose.consent || !purpose.consent->double_opt_in) return false;
  // Evidence of a confirmation made elsewhere is as good as a form on paper.
  return consent.evidence.empty() &&
         (consent.channel == "portal" || consent.channel == "api" || consent.channel == "email_link");
}

base::Result<bool> write_link(const Services& services, storage::Connection& connection, const SubjectState& person,
                              const Asking& asking, base::Timestamp now) {
  EGIDE_TRY(const auto recipient, services.living(asking.guardian.value_or(person.id)));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, recipient->id, recipient->keys));
  EGIDE_TRY(const auto attributes, attributes_of(services, connection, *recipient, dek.expose_secret()));
  MailContent content;
  content.to = text_of(attributes, "user.contact.email");
  if (content.to.empty()) return false;
  storage::ConsentLinkRepository links(connection);
  EGIDE_TRY(const auto made, links.made_since(person.id, asking.purpose, asking.party, now - std::chrono::hours(24)));
  if (made >= kMaxLinksADay * (asking.guardian ? 2 : 1))
    return base::conflict("The person was written to often enough today: try again tomorrow");
  if (asking.guardian) {
    EGIDE_TRY(const auto child_dek, crypto::unwrap_dek(services.epoch_keys, person.id, person.keys));
    EGIDE_TRY(const auto child, attributes_of(services, connection, person, child_dek.expose_secret()));
    content.child = text_of(child, "user.name");
  }
  auto token = crypto::make_token(*services.keys);
  content.language = asking.language;
  content.purpose = asking.purpose;
  content.token = token.text;
  EGIDE_TRY_VOID(links.insert(link_row(services, person, asking, token.hash, now)));
  EGIDE_TRY_VOID(
      storage::MailRepository(connection)
          .insert(make_mail(services, *recipient, dek.expose_secret(), person.id, asking.kind, content, now)));
  crypto::wipe(token.text);
  return true;
}

base::Result<ConsentEvent> request_consent(Services& services, const Caller& caller, const base::SubjectId& subject,
                                           const NewConsent& consent, const CheckedConsent& checked, bool quiet) {
  RequestChange change(services, caller, subject, consent, checked, quiet);
  EGIDE_TRY_VOID(services.committer->commit(change));
  return change.take();
}

}  // namespace egide::vault
