#include "egide/vault/consent_renewals.h"

#include <algorithm>

#include "consent_asking.h"
#include "egide/crypto/random.h"

namespace egide::vault {
namespace {

constexpr base::Timestamp kNever = base::Timestamp::max();
// One reminder a week for one consent.
constexpr std::chrono::hours kBetweenReminders{24 * 7};
constexpr int kMaxWritten = 500;  // a call: the caller waits for each commit

base::Result<policies::PurposeIndex> consent_purpose(const Services& services, const std::string& id) {
  const auto index = services.pack->index_of(id);
  if (!index) return base::not_found("There is no such purpose in the policy pack");
  if (services.pack->at(*index).basis != policies::LegalBasis::Consent)
    return base::conflict("This purpose does not rest on consent: nothing of it is renewed");
  return *index;
}

std::optional<RenewalDue> due(const Services& services, const SubjectState& state, policies::PurposeIndex purpose,
                              const PartyConsent& party, base::Timestamp now) {
  if (!policies::is_valid_for_processing(party.facts.state)) return std::nullopt;
  RenewalDue out;
  out.subject = state.id;
  out.record = party.record;
  out.ends = party.facts.valid_until.has_value();
  out.valid_until = party.facts.valid_until.value_or(kNever);
  const auto& rule = services.pack->at(purpose).consent;
  if (out.valid_until <= now)
    out.reason = "expired";
  else if (party.facts.notice_version < services.notices.oldest_acceptable(purpose))
    out.reason = "notice_outdated";
  else if (out.ends && rule && rule->renewal_notice && base::add(now, *rule->renewal_notice) >= out.valid_until)
    out.reason = "ends_soon";
  else
    return std::nullopt;
  return out;
}

// Everybody's, in the order of the list.
std::vector<RenewalDue> all_due(const Services& services, policies::PurposeIndex purpose) {
  const auto now = services.clock->now();
  std::vector<RenewalDue> out;
  services.subjects.for_each([&](const SubjectStatePtr& state) {
    if (state->erased) return;
    const PurposeConsent* both = state->consent(purpose);
    if (both == nullptr) return;
    if (auto one = due(services, *state, purpose, both->person, now)) {
      one->by = "data_subject";
      out.push_back(std::move(*one));
    }
    if (!below_consent_age(services, *state, now)) return;  // the guardian's part has lapsed
    if (auto one = due(services, *state, purpose, both->guardian, now)) {
      one->by = "guardian";
      out.push_back(std::move(*one));
    }
  });
  std::sort(out.begin(), out.end(), [](const RenewalDue& a, const RenewalDue& b) {
    return std::pair(a.valid_until, a.record) < std::pair(b.valid_until, b.record);
  });
  return out;
}

// No event: the consent stands until it ends. The entry says that the person is written to.
class RenewalChange final : public LoggedChange {
 public:
  RenewalChange(Services& services, const Caller& caller, policies::PurposeIndex purpose, const RenewalDue& due)
      : LoggedChange(services), caller_(caller), purpose_(purpose), due_(due) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(due_.subject));
    if (state->restricted) return base::conflict("This person's data are restricted");
    const policies::Purpose& purpose = services_.pack->at(purpose_);
    const bool guardian = due_.by == "guardian";
    const auto party = guardian ? storage::ConsentParty::Guardian : storage::ConsentParty::Person;
    storage::ConsentLinkRepository links(context.connection());
    EGIDE_TRY(const auto recent,
              links.made_since(state->id, purpose.id.str(), party, context.now() - kBetweenReminders));
    if (recent > 0) return base::conflict("This person was written to within the week");
    const auto notice = services_.notices.current(purpose_);
    Asking asking;
    asking.purpose = purpose.id.str();
    asking.kind = "renewal_request";
    asking.party = party;
    asking.notice_version = notice.version;
    asking.language = notice.texts.find(state->locale) == notice.texts.end() ? services_.language : state->locale;
    asking.ceremony = crypto::random_uuid();
    EGIDE_TRY(const int written, write(context, *state, asking, guardian));
    if (written == 0) return base::conflict("Nobody to ask has an e-mail address");
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, *state, R"({"renewal":true})"));
    EntryFields fields;
    fields.event = audit::event::kConsentRequested;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    fields.legal_basis = policies::dpv_id(purpose.basis);
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, entry));
    return {};
  }

 private:
  base::Result<int> write(storage::ChangeContext& context, const SubjectState& state, Asking& asking, bool guardian) {
    if (!guardian) {
      EGIDE_TRY(const bool written, write_link(services_, context.connection(), state, asking, context.now()));
      return written ? 1 : 0;
    }
    int mails = 0;
    EGIDE_TRY(const auto rows, storage::GuardianshipRepository(context.connection()).of_child(state.id));
    for (const auto& row : rows) {
      if (row.until && *row.until <= context.now()) continue;
      asking.guardian = row.guardian;
      EGIDE_TRY(const bool written, write_link(services_, context.connection(), state, asking, context.now()));
      mails += written ? 1 : 0;
    }
    return mails;
  }

  const Caller& caller_;
  policies::PurposeIndex purpose_;
  const RenewalDue& due_;
};

}  // namespace

base::Result<ListRenewals::Page> ListRenewals::execute(const std::string& purpose, const std::optional<Position>& after,
                                                       int limit) const {
  EGIDE_TRY(const auto index, consent_purpose(services_, purpose));
  Page out;
  for (auto& one : all_due(services_, index)) {
    const Position position(one.valid_until, one.record);
    if (after && position <= *after) continue;
    if (static_cast<int>(out.items.size()) == limit) {
      out.next = Position(out.items.back().valid_until, out.items.back().record);
      break;
    }
    out.items.push_back(std::move(one));
  }
  return out;
}

base::Result<RenewalsAsked> AskForRenewals::execute(const Caller& caller, const std::string& purpose) {
  EGIDE_TRY(const auto index, consent_purpose(services_, purpose));
  RenewalsAsked out;
  for (const auto& one : all_due(services_, index)) {
    if (one.reason == "expired") continue;
    if (out.written == kMaxWritten) {
      out.more = true;
      break;
    }
    RenewalChange change(services_, caller, index, one);
    const auto done = services_.committer->commit(change);
    if (done) {
      ++out.written;
      continue;
    }
    const auto code = done.error().code();
    if (code != base::ErrorCode::Conflict && code != base::ErrorCode::Gone) return done.error();
    ++out.skipped;
  }
  return out;
}

}  // namespace egide::vault
