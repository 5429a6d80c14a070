#include "consent_rules.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/crypto/random.h"
#include "sealing.h"

namespace egide::vault {
namespace {

using policies::ConsentState;

constexpr std::array<std::string_view, 8> kChannels = {"portal", "email_link", "api",    "paper",
                                                       "phone",  "in_person",  "import", "gpc"};

constexpr std::array<std::string_view, 6> kStatuses = {"given",     "refused", "withdrawn",
                                                       "requested", "revoked", "invalidated"};

bool is_of_the_controller(std::string_view status) {
  return status == "requested" || status == "revoked" || status == "invalidated";
}

// What the organisation does, not the person: asking, ending a purpose, finding a consent to be none.
void check_controller_event(const Caller& caller, const NewConsent& consent, std::vector<base::FieldError>& mistakes) {
  if (caller.role == Role::Subject) mistakes.push_back({"/status", "is for the organisation to say", 0});
  if (consent.status == "requested") return;
  if (caller.role != Role::Dpo)
    mistakes.push_back({"/status", "is for the data protection officer to say", 0});
  else if (consent.method.empty())
    mistakes.push_back({"/method", "is required: the reason", 0});
}

bool needs_evidence(std::string_view channel) {
  return channel == "paper" || channel == "phone" || channel == "in_person" || channel == "import";
}

// The event that a stated status is, from the present state: giving again while it stands is a renewal.
std::string_view event_type(std::string_view status, ConsentState from) {
  if (status == "given") return from == ConsentState::Given || from == ConsentState::RenewedGiven ? "renewed" : "given";
  return status;
}

std::string_view log_event(std::string_view type) {
  if (type == "given" || type == "renewed") return audit::event::kConsentGiven;
  if (type == "refused") return audit::event::kConsentRefused;
  if (type == "withdrawn") return audit::event::kConsentWithdrawn;
  if (type == "requested" || type == "pending_confirmation") return audit::event::kConsentRequested;
  return audit::event::kConsentChanged;
}

}  // namespace

std::optional<ConsentState> next_consent_state(ConsentState from, std::string_view type) noexcept {
  const auto one_of = [from](std::initializer_list<ConsentState> states) {
    return std::find(states.begin(), states.end(), from) != states.end();
  };
  using S = ConsentState;
  const bool valid = one_of({S::Given, S::RenewedGiven});
  if (type == "requested")
    return one_of({S::None, S::Unknown, S::Requested, S::RequestDeferred, S::Refused, S::Expired})
               ? std::optional(S::Requested)
               : std::nullopt;
  if (type == "pending_confirmation")  // the person comes back by themselves: after a withdrawal, too
    return one_of({S::None, S::Unknown, S::Requested, S::RequestDeferred, S::Refused, S::Expired, S::Withdrawn,
                   S::Revoked})
               ? std::optional(S::Requested)
               : std::nullopt;
  if (type == "deferred") return from == S::Requested ? std::optional(S::RequestDeferred) : std::nullopt;
  if (type == "refused") return valid ? std::nullopt : std::optional(S::Refused);
  if (type == "given")
    return one_of({S::Requested, S::RequestDeferred, S::None, S::Unknown, S::Refused, S::Expired, S::Withdrawn,
                   S::Revoked})
               ? std::optional(S::Given)
               : std::nullopt;
  if (type == "renewed")
    return one_of({S::Given, S::RenewedGiven, S::Expired}) ? std::optional(S::RenewedGiven) : std::nullopt;
  if (type == "expired") return valid ? std::optional(S::Expired) : std::nullopt;
  if (type == "withdrawn")
    return one_of({S::Given, S::RenewedGiven, S::Requested, S::Expired}) ? std::optional(S::Withdrawn) : std::nullopt;
  if (type == "revoked") return valid ? std::optional(S::Revoked) : std::nullopt;
  if (type == "invalidated") return S::Invalidated;
  return std::nullopt;
}

base::Result<CheckedConsent> check_consent(const Services& services, const Caller& caller, const NewConsent& consent,
                                           const std::string& locale, base::Timestamp now) {
  CheckedConsent out;
  std::vector<base::FieldError> mistakes;
  const auto mistake = [&mistakes](const char* pointer, std::string detail) {
    mistakes.push_back({pointer, std::move(detail), 0});
  };
  const auto purpose = services.pack->index_of(consent.purpose);
  if (!purpose) {
    mistake("/purpose", "is not a purpose of the policy pack");
  } else if (services.pack->at(*purpose).basis != policies::LegalBasis::Consent) {
    mistake("/purpose", "is not based on consent: there is nothing to consent to");
  }
  if (std::find(kStatuses.begin(), kStatuses.end(), consent.status) == kStatuses.end())
    mistake("/status", "must be one of given, refused, withdrawn, requested, revoked, invalidated");
  if (is_of_the_controller(consent.status)) check_controller_event(caller, consent, mistakes);
  if (std::find(kChannels.begin(), kChannels.end(), consent.channel) == kChannels.end())
    mistake("/channel", "must be one of portal, email_link, api, paper, phone, in_person, import, gpc");
  // A browser's signal is an objection (Global Privacy Control); it never says yes.
  if (consent.channel == "gpc" && consent.status != "refused" && consent.status != "withdrawn")
    mistake("/channel", "gpc can only refuse or withdraw");
  if (consent.by != "data_subject" && consent.by != "guardian") mistake("/by", "must be data_subject or guardian");
  if (!caller.subject && consent.status == "given" && needs_evidence(consent.channel) && consent.evidence.empty())
    mistake("/evidence", "is required: the form, recording or file that proves it");
  if (consent.at && *consent.at > now) mistake("/at", "may not lie in the future");

  if (purpose && mistakes.empty()) {
    out.purpose = *purpose;
    out.party = consent.by == "guardian" ? storage::ConsentParty::Guardian : storage::ConsentParty::Person;
    out.at = consent.at.value_or(now);
    const auto notice = consent.notice_version ? services.notices.version(*purpose, *consent.notice_version)
                                               : services.notices.current(*purpose);
    if (!notice) {
      mistake("/notice_version", "is not a version of this purpose's notice");
    } else {
      out.notice_version = notice->version;
      out.notice_language = consent.language.empty() ? locale : consent.language;
      if (notice->texts.find(out.notice_language) == notice->texts.end()) out.notice_language = services.language;
      const auto hash = notice->hashes.find(out.notice_language);
      if (hash == notice->hashes.end())
        mistake("/language", "the notice has no text in this language: a consent needs the text that was shown");
      else
        out.notice_hash = hash->second;
    }
    const policies::Purpose& rules = services.pack->at(*purpose);
    if (consent.status == "given" && rules.consent && rules.consent->validity)
      out.valid_until = base::add(out.at, *rules.consent->validity);
  }
  if (!mistakes.empty())
    return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes));
  return out;
}

base::Result<AppliedConsent> apply_consent(const Services& services, const Caller& caller, const NewConsent& consent,
                                           const CheckedConsent& checked, SubjectState& state, base::ByteView dek,
                                           base::Timestamp now) {
  PurposeConsent& both = state.consent_for(checked.purpose);
  PartyConsent& party = checked.party == storage::ConsentParty::Guardian ? both.guardian : both.person;
  const std::string_view type = event_type(consent.status, party.facts.state);
  const auto next = next_consent_state(party.facts.state, type);
  if (!next) return base::conflict("This can't follow the present state of the consent");

  AppliedConsent out;
  out.row.id = base::RecordId(crypto::time_uuid(now));
  out.row.subject = state.id;
  out.row.purpose = consent.purpose;
  out.row.party = checked.party;
  out.row.sequence = party.sequence + 1;
  out.row.type = type;
  out.row.at = checked.at;
  out.row.recorded_at = now;
  out.row.channel = consent.channel;
  out.row.notice_version = checked.notice_version;
  out.row.notice_language = checked.notice_language;
  out.row.notice_hash = base::to_bytes(checked.notice_hash);
  out.row.valid_until = checked.valid_until;
  out.row.ceremony = consent.ceremony;
  const nlohmann::json sealed = {
      {"method", consent.method},
      {"evidence", consent.evidence},
      // A person, or a guardian who has no name of their own here: nobody typed it in for them.
      {"recorded_by", caller.role == Role::Subject ? std::string() : "a_" + base::to_base64url(caller.actor)},
  };
  out.row.sealed = seal_field(services, dek, state.id, {"consent_event", out.row.id.str(), "sealed", 1}, sealed.dump());
  out.event = log_event(type);

  party.facts.state = *next;
  party.facts.valid_until = checked.valid_until;
  party.facts.notice_version = checked.notice_version;
  party.facts.refused_at.reset();
  if (*next == ConsentState::Refused) party.facts.refused_at = checked.at;
  party.record = out.row.id;
  party.sequence = out.row.sequence;
  return out;
}

}  // namespace egide::vault
