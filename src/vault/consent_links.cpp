#include "egide/vault/consent_links.h"

#include "consent_asking.h"
#include "consent_events.h"
#include "egide/crypto/derived_keys.h"
#include "egide/crypto/random.h"
#include "egide/vault/subjects.h"

namespace egide::vault {
namespace {

constexpr const char* kMethod = "button on the confirmation page";

std::string_view by_of(storage::ConsentParty party) {
  return party == storage::ConsentParty::Guardian ? "guardian" : "data_subject";
}

const PartyConsent* party_of(const SubjectState& state, policies::PurposeIndex purpose, storage::ConsentParty party) {
  const PurposeConsent* both = state.consent(purpose);
  if (both == nullptr) return nullptr;
  return party == storage::ConsentParty::Guardian ? &both->guardian : &both->person;
}

policies::ConsentState state_now(const PartyConsent* party, base::Timestamp now) {
  if (party == nullptr) return policies::ConsentState::None;
  if (policies::is_valid_for_processing(party->facts.state) && party->facts.valid_until &&
      *party->facts.valid_until <= now)
    return policies::ConsentState::Expired;
  return party->facts.state;
}

// Whether the link may still be answered with yes.
bool is_old(const Services& services, const storage::ConsentLinkRow& link, const SubjectState& state,
            policies::PurposeIndex purpose, base::Timestamp now) {
  if (link.expires_at <= now || link.notice_version < services.notices.oldest_acceptable(purpose)) return true;
  return link.party == storage::ConsentParty::Guardian && !below_consent_age(services, state, now);
}

// The person answers for themselves. A guardian has a name of this one link: no profile of guardians in the log.
Caller caller_of(const storage::ConsentLinkRow& link) {
  Caller caller;
  caller.role = Role::Subject;
  if (link.guardian)
    caller.actor = link.ceremony.bytes();
  else
    caller.subject = link.subject;
  caller.id = link.subject.str();
  return caller;
}

class AnswerChange final : public LoggedChange {
 public:
  AnswerChange(Services& services, const base::Hash32& hash, LinkAnswer answer)
      : LoggedChange(services), hash_(hash), answer_(answer) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::ConsentLinkRepository links(context.connection());
    EGIDE_TRY(const auto link, links.find(hash_));
    if (!link) return base::not_found("There is no such link");
    EGIDE_TRY(const auto state, services_.living(link->subject));
    const auto purpose = services_.pack->index_of(link->purpose);
    if (!purpose) return base::conflict("The purpose is no longer in the policy pack");
    const auto now = context.now();
    const bool valid = policies::is_valid_for_processing(state_now(party_of(*state, *purpose, link->party), now));
    if (answer_ == LinkAnswer::Withdraw ? !link->used_at || !valid : link->used_at.has_value())
      return base::conflict("This link was used already");
    if (answer_ != LinkAnswer::Withdraw && link->expires_at <= now) return base::conflict("This link is too old");
    if (answer_ == LinkAnswer::Agree && is_old(services_, *link, *state, *purpose, now))
      return base::conflict("This link is too old");
    EGIDE_TRY_VOID(guardian_may_answer(context, *link));
    EGIDE_TRY_VOID(nobody_refused(context, *link, party_of(*state, *purpose, link->party)));

    caller_ = caller_of(*link);
    NewConsent consent;
    consent.purpose = link->purpose;
    // A no to a renewal takes back what stands.
    consent.status = answer_ == LinkAnswer::Agree ? "given" : valid ? "withdrawn" : "refused";
    consent.channel = "email_link";
    consent.by = by_of(link->party);
    consent.method = kMethod;
    consent.notice_version = link->notice_version;
    consent.language = link->notice_language;
    consent.ceremony = link->ceremony;
    EGIDE_TRY(const auto checked, check_consent(services_, caller_, consent, state->locale, now));
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, R"({"channel":"email_link"})"));
    auto next = std::make_shared<SubjectState>(*state);
    next->revision = state->revision + 1;
    EGIDE_TRY(auto applied, apply_consent(services_, caller_, consent, checked, *next, entry.dek(), now));
    const auto fields = consent_entry(services_, caller_, applied);
    EGIDE_TRY(applied.row.log_index, append(context, fields, entry));
    EGIDE_TRY_VOID(store_consent_event(services_, context, applied.row));
    if (!link->used_at) EGIDE_TRY_VOID(links.use(hash_, now, applied.row.id));
    EGIDE_TRY(event_, to_consent_event(services_, entry.dek(), applied.row));
    next_ = std::move(next);
    return {};
  }
  ConsentEvent take() { return std::move(event_); }

 private:
  void publish() noexcept override { services_.subjects.put(next_); }

  base::Result<void> guardian_may_answer(storage::ChangeContext& context, const storage::ConsentLinkRow& link) const {
    if (!link.guardian) return {};
    EGIDE_TRY(const auto rows, storage::GuardianshipRepository(context.connection()).of_child(link.subject));
    for (const auto& row : rows)
      if (row.guardian == *link.guardian && (!row.until || *row.until > context.now())) return {};
    return base::conflict("The guardianship has ended");
  }

  // Of several guardians who were asked together, one no holds until a person decides (a new request, or on paper).
  base::Result<void> nobody_refused(storage::ChangeContext& context, const storage::ConsentLinkRow& link,
                                    const PartyConsent* party) const {
    if (!link.guardian || answer_ != LinkAnswer::Agree || party == nullptr || party->sequence == 0) return {};
    EGIDE_TRY(const auto last, storage::ConsentRepository(context.connection()).find(party->record));
    if (last && last->ceremony == link.ceremony && (last->type == "refused" || last->type == "withdrawn"))
      return base::conflict("Another guardian said no");
    return {};
  }

  base::Hash32 hash_;
  LinkAnswer answer_;
  Caller caller_;
  SubjectStatePtr next_;
  ConsentEvent event_;
};

// A new link and mail like the old one, without an event: the request stands already.
class SendAgainChange final : public storage::Change {
 public:
  SendAgainChange(Services& services, const base::Hash32& hash) : services_(services), hash_(hash) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto link, storage::ConsentLinkRepository(context.connection()).find(hash_));
    if (!link || link->used_at) return {};
    const auto purpose = services_.pack->index_of(link->purpose);
    const auto state = services_.living(link->subject);
    if (!purpose || !state || !is_old(services_, *link, **state, *purpose, context.now())) return {};
    const auto notice = services_.notices.current(*purpose);
    Asking asking;
    asking.purpose = link->purpose;
    asking.kind = link->guardian ? "guardian_request" : "consent_request";
    asking.party = link->party;
    asking.guardian = link->guardian;
    asking.notice_version = notice.version;
    asking.language = link->notice_language;
    if (notice.texts.find(asking.language) == notice.texts.end()) asking.language = services_.language;
    asking.ceremony = link->ceremony;
    const auto written = write_link(services_, context.connection(), **state, asking, context.now());
    if (!written && written.error().code() != base::ErrorCode::Conflict &&
        written.error().code() != base::ErrorCode::Gone)
      return written.error();
    return {};
  }

 private:
  Services& services_;
  base::Hash32 hash_;
};

}  // namespace

base::Result<ConsentPage> ConsentLinks::look(std::string_view token) const {
  ConsentPage page;
  page.organisation = services_.organisation;
  page.language = services_.language;
  const auto hash = crypto::hash_of_token(*services_.keys, token);
  std::optional<storage::ConsentLinkRow> link;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(link, storage::ConsentLinkRepository(*reads).find(hash.value_or(base::Hash32{})));
  }
  if (!hash || !link) return page;
  const auto purpose = services_.pack->index_of(link->purpose);
  const auto state = services_.subjects.find(link->subject);
  if (!purpose || state == nullptr || state->erased) return page;
  const auto now = services_.clock->now();
  page.language = link->notice_language;
  page.label = services_.pack->at(*purpose).label.in(page.language);
  page.guardian = link->guardian.has_value();
  page.notice_version = link->notice_version;
  if (const auto notice = services_.notices.version(*purpose, link->notice_version))
    if (const auto text = notice->texts.find(link->notice_language); text != notice->texts.end())
      page.notice = text->second;
  page.consent = state_now(party_of(*state, *purpose, link->party), now);
  if (link->used_at)
    page.state = ConsentPage::State::Answered;
  else
    page.state = is_old(services_, *link, *state, *purpose, now) ? ConsentPage::State::Old : ConsentPage::State::Open;
  return page;
}

base::Result<AnsweredLink> ConsentLinks::answer(std::string_view token, LinkAnswer answer) {
  const auto hash = crypto::hash_of_token(*services_.keys, token);
  if (!hash) return base::not_found("There is no such link");
  AnswerChange change(services_, *hash, answer);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  AnsweredLink out;
  out.event = change.take();
  EGIDE_TRY(out.page, look(token));
  return out;
}

base::Result<void> ConsentLinks::send_again(std::string_view token) {
  // The commit comes for unknown tokens too: the answer takes as long.
  SendAgainChange change(services_, crypto::hash_of_token(*services_.keys, token).value_or(base::Hash32{}));
  return services_.committer->commit(change);
}

std::string ConsentLinks::page_code(std::string_view token, std::string_view nonce) const {
  const std::string message = std::string(token).append("\n").append(nonce);
  return base::to_base64url(services_.keys->authenticate("egide.consent-page.v1", base::as_bytes(message)));
}

bool ConsentLinks::page_code_fits(std::string_view token, std::string_view nonce, std::string_view code) const {
  if (nonce.size() < 16) return false;
  // Both are hashed under a secret key, so that the comparison's time tells nothing of use.
  const auto mac = [this](std::string_view text) {
    return services_.keys->authenticate("egide.compare.v1", base::as_bytes(text));
  };
  return mac(page_code(token, nonce)) == mac(code);
}

base::Result<void> AskForConsent::execute(const std::string& email, const std::string& purpose,
                                          const std::string& language) {
  Caller somebody;  // unknown: a name of its own in the log each time
  somebody.role = Role::Subject;
  somebody.id = "public";
  somebody.actor = crypto::random_array<16>();
  NewConsent consent;
  consent.purpose = purpose;
  consent.status = "given";
  consent.channel = "email_link";
  consent.language = language;
  EGIDE_TRY(auto checked, check_consent(services_, somebody, consent, services_.language, services_.clock->now()));
  checked.valid_until.reset();
  EGIDE_TRY(const auto found, LookupSubject(services_).by_email(somebody, email));
  if (found) {
    consent.status = "pending_confirmation";
    const auto asked = request_consent(services_, somebody, *found, consent, checked, true);
    // A consent that stands, too many mails, a minor: whoever asks learns nothing of it.
    if (!asked && asked.error().code() == base::ErrorCode::Unavailable) return asked.error();
    return {};
  }
  EGIDE_TRY([[maybe_unused]] const auto again, LookupSubject(services_).by_email(somebody, email));
  return {};
}

}  // namespace egide::vault
