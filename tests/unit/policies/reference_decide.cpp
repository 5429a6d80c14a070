#include "reference_decide.h"

#include <map>
#include <set>
#include <sstream>

namespace egide::policies::testing {
namespace {

using Key = std::vector<std::string>;  // the words of a category

Key words(const std::string& category) {
  Key out;
  std::istringstream in(category);
  for (std::string word; std::getline(in, word, '.');) out.push_back(word);
  return out;
}

bool under(const std::string& category, const std::string& parent) {
  const Key c = words(category);
  const Key p = words(parent);
  if (p.empty() || c.size() < p.size()) return false;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (c[i] != p[i]) return false;
  return true;
}

bool under_any(const std::string& category, const std::vector<std::string>& parents) {
  for (const auto& parent : parents)
    if (under(category, parent)) return true;
  return false;
}

// Every key this test pack can speak of: what purposes, grants and requests name, and the special ones.
std::set<std::string> universe(const Facts& facts, const Purpose& purpose, const Pack& pack) {
  std::set<std::string> out(purpose.data_categories.begin(), purpose.data_categories.end());
  out.insert(purpose.forbidden_categories.begin(), purpose.forbidden_categories.end());
  out.insert(facts.asked.begin(), facts.asked.end());
  for (const auto& grant : facts.grants) out.insert(grant.categories.begin(), grant.categories.end());
  out.insert(pack.special_category_keys().begin(), pack.special_category_keys().end());
  out.insert(pack.criminal_keys().begin(), pack.criminal_keys().end());
  return out;
}

bool granted(const std::string& category, const Facts& facts, PurposeIndex index) {
  for (const auto& grant : facts.grants)
    if (grant.purpose == index && (grant.categories.empty() || under_any(category, grant.categories))) return true;
  return false;
}

int age_on(base::Date birth, base::Date today) {
  int age = 0;
  // Count birthdays one by one; 29 February counts on 1 March of a common year.
  for (auto year = birth.year() + std::chrono::years(1); year <= today.year(); year += std::chrono::years(1)) {
    base::Date birthday = year / birth.month() / birth.day();
    if (!birthday.ok()) birthday = year / std::chrono::March / 1;
    if (birthday <= today) ++age;
  }
  return birth > today ? -1 : age;
}

bool below(int limit, const SubjectFacts& subject, const Pack& pack, base::Timestamp now) {
  if (!subject.birth_date) return !pack.unknown_age_is_adult();
  return age_on(*subject.birth_date, base::central_european_date(now)) < limit;
}

struct ConsentView {
  bool missing, withdrawn, expired, outdated;
  bool any() const { return missing || withdrawn || expired || outdated; }
};

ConsentView view(const ConsentFacts& consent, int oldest, base::Timestamp now) {
  const std::string state(dpv_id(consent.state));
  ConsentView out{};
  const bool yes = state == "dpv:ConsentGiven" || state == "dpv:RenewedConsentGiven";
  out.withdrawn = state == "dpv:ConsentWithdrawn" || state == "dpv:ConsentRevoked" || state == "dpv:ConsentInvalidated";
  out.expired = state == "dpv:ConsentExpired" || (yes && consent.valid_until && !(now < *consent.valid_until));
  out.outdated = yes && consent.notice_version < oldest;
  out.missing = !yes && !out.withdrawn && !out.expired;
  return out;
}

bool askable(const ConsentFacts& consent, const ConsentView& seen, const Pack& pack, base::Timestamp now) {
  if (seen.withdrawn) return false;
  if (consent.state != ConsentState::Refused) return true;
  return consent.refused_at && base::add(*consent.refused_at, pack.duration("reask_after_refusal")) <= now;
}

}  // namespace

Decision reference_decide(const Facts& facts, const Pack& pack) {
  const auto& request = facts.request;
  const auto& subject = facts.subject;
  std::map<Reason, bool> holds;  // std::map walks in the order of the rows
  std::map<Reason, bool> requestable;
  holds[Reason::UnknownTool] = !(facts.tool.known && facts.tool.active);
  holds[Reason::PurposeNotGranted] = !request.purpose;
  if (request.purpose) {
    const PurposeIndex index = *request.purpose;
    const Purpose& purpose = pack.at(index);
    const auto sensitive = [&](const std::string& key) {
      return under_any(key, pack.special_category_keys()) || under_any(key, pack.criminal_keys());
    };

    // What is read: every key of the universe inside purpose, grant and request.
    std::set<std::string> read;
    for (const std::string& key : universe(facts, purpose, pack))
      if (under_any(key, purpose.data_categories) && granted(key, facts, index) &&
          (facts.asked.empty() || under_any(key, facts.asked)))
        read.insert(key);
    bool outside = false;
    bool forbidden_sensitive = false;
    for (const std::string& key : facts.asked) {
      if (!under_any(key, purpose.data_categories) || !granted(key, facts, index)) outside = true;
      if (!under_any(key, purpose.forbidden_categories)) continue;
      if (sensitive(key) && purpose.special_category_basis.empty())
        forbidden_sensitive = true;
      else
        outside = true;
    }
    std::set<std::string> passing;
    for (const std::string& key : read)
      if (!under_any(key, purpose.forbidden_categories)) passing.insert(key);
    holds[Reason::PurposeNotGranted] = outside || (facts.asked.empty() && passing.empty());

    holds[Reason::UnknownSubject] = !subject.exists;
    holds[Reason::Erased] = subject.erased;
    holds[Reason::Restricted] = subject.restricted && purpose.restriction_exception.empty();
    holds[Reason::RetentionElapsed] = subject.retention_elapsed;
    holds[Reason::Objected] = subject.objected && purpose.objection != Objection::None;
    bool special = false;
    for (const std::string& key : passing) {
      if (under_any(key, pack.special_category_keys()) &&
          (purpose.special_category_basis.empty() || !subject.art9_condition_recorded))
        special = true;
      if (under_any(key, pack.criminal_keys()) && purpose.basis != LegalBasis::LegalObligation &&
          purpose.basis != LegalBasis::PublicTask)
        special = true;
    }
    holds[Reason::SpecialCategoryWithoutBasis] = special || forbidden_sensitive;

    const bool by_consent = purpose.basis == LegalBasis::Consent;
    const auto own = view(subject.consent, request.oldest_acceptable_notice, facts.now);
    const auto guardian = view(subject.guardian_consent, request.oldest_acceptable_notice, facts.now);
    if (purpose.minors == MinorsRule::NotAllowed && below(pack.age_of_majority(), subject, pack, facts.now)) {
      holds[Reason::GuardianConsentMissing] = true;
    } else if (by_consent && purpose.minors == MinorsRule::GuardianBelowAge &&
               below(pack.minor_consent_age(), subject, pack, facts.now)) {
      holds[Reason::GuardianConsentMissing] = guardian.any();
      requestable[Reason::GuardianConsentMissing] = askable(subject.guardian_consent, guardian, pack, facts.now);
    }
    holds[Reason::ConsentMissing] = by_consent && own.missing;
    holds[Reason::ConsentWithdrawn] = by_consent && own.withdrawn;
    holds[Reason::ConsentExpired] = by_consent && own.expired;
    holds[Reason::NoticeOutdated] = by_consent && own.outdated;
    requestable[Reason::ConsentMissing] = askable(subject.consent, own, pack, facts.now);
    requestable[Reason::ConsentExpired] = requestable[Reason::NoticeOutdated] = true;

    const bool alone =
        purpose.automation == Automation::SolelyAutomated || request.automation == Automation::SolelyAutomated;
    const auto heavy = [](Effect e) { return e == Effect::Legal || e == Effect::SimilarlySignificant; };
    holds[Reason::Art22BasisMissing] =
        alone && (heavy(purpose.effect) || heavy(request.effect.value_or(Effect::None))) && purpose.art22_basis.empty();

    const std::set<std::string> forbidden(purpose.forbidden_recipients.begin(), purpose.forbidden_recipients.end());
    const std::set<std::string> allowed(purpose.allowed_recipients.begin(), purpose.allowed_recipients.end());
    const std::string& recipient = facts.recipient_class;
    const bool partner = recipient == "charity_partner" || recipient == "commercial_partner";
    holds[Reason::RecipientForbidden] =
        facts.tool.third_country_without_safeguard || (forbidden.count("any_tool") > 0 && facts.tool.is_tool) ||
        (forbidden.count("any_partner") > 0 && partner) || forbidden.count(recipient) > 0 ||
        (!recipient.empty() && !allowed.empty() && allowed.count(recipient) == 0);
  }
  for (const auto& [reason, yes] : holds)
    if (yes) return {false, reason, requestable[reason]};
  return {true, Reason::Permit, false};
}

}  // namespace egide::policies::testing
