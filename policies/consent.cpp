#include "consent.h"

namespace egide::policies {
namespace {

// What one person's consent lacks: a reason of rows 10 to 13, or Permit.
Reason gap(const ConsentFacts& consent, int oldest_acceptable_notice, base::Timestamp now) noexcept {
  switch (consent.state) {
    case ConsentState::None:
    case ConsentState::Unknown:
    case ConsentState::Requested:
    case ConsentState::RequestDeferred:
    case ConsentState::Refused:
      return Reason::ConsentMissing;
    case ConsentState::Withdrawn:
    case ConsentState::Revoked:
    case ConsentState::Invalidated:
      return Reason::ConsentWithdrawn;
    case ConsentState::Expired:
      return Reason::ConsentExpired;
    case ConsentState::Given:
    case ConsentState::RenewedGiven:
      break;
  }
  if (!is_valid_for_processing(consent.state)) return Reason::ConsentMissing;
  // No job has to have marked it expired: times are compared here.
  if (consent.valid_until && *consent.valid_until <= now) return Reason::ConsentExpired;
  if (consent.notice_version < oldest_acceptable_notice) return Reason::NoticeOutdated;
  return Reason::Permit;
}

// To ask again after a withdrawal is pressure; after a refusal, only when the pack's time has passed.
bool may_be_asked(const ConsentFacts& consent, Reason missing, const Pack& pack, base::Timestamp now) noexcept {
  if (missing == Reason::ConsentWithdrawn) return false;
  if (consent.state != ConsentState::Refused) return true;
  const base::Duration* pause = pack.find_duration("reask_after_refusal");
  return pause != nullptr && consent.refused_at && base::add(*consent.refused_at, *pause) <= now;
}

// Full years on the civil date in Central Europe: the age turns at local midnight.
bool is_below(int age, const SubjectFacts& subject, const Pack& pack, base::Timestamp now) noexcept {
  if (!subject.birth_date || !subject.birth_date->ok()) return !pack.unknown_age_is_adult();
  return base::full_years_between(*subject.birth_date, base::central_european_date(now)) < age;
}

}  // namespace

Decision decide_consent(const Purpose& purpose, const SubjectFacts& subject, int oldest_acceptable_notice,
                        const Pack& pack, base::Timestamp now) noexcept {
  if (purpose.minors == MinorsRule::NotAllowed && is_below(pack.age_of_majority(), subject, pack, now))
    return {false, Reason::GuardianConsentMissing, false};
  if (purpose.basis != LegalBasis::Consent) return {true, Reason::Permit, false};

  if (purpose.minors == MinorsRule::GuardianBelowAge && is_below(pack.minor_consent_age(), subject, pack, now)) {
    const Reason missing = gap(subject.guardian_consent, oldest_acceptable_notice, now);
    if (missing != Reason::Permit)
      return {false, Reason::GuardianConsentMissing, may_be_asked(subject.guardian_consent, missing, pack, now)};
  }
  const Reason missing = gap(subject.consent, oldest_acceptable_notice, now);
  if (missing == Reason::Permit) return {true, Reason::Permit, false};
  return {false, missing, may_be_asked(subject.consent, missing, pack, now)};
}

}  // namespace egide::policies
