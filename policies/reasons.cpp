#include "egide/policies/decide.h"
#include "enums.h"

namespace egide::policies {
namespace {

constexpr NameTable<Reason, 18> kReasons = {{{Reason::UnknownTool, "unknown_tool"},
                                             {Reason::PurposeNotGranted, "purpose_not_granted"},
                                             {Reason::UnknownSubject, "unknown_subject"},
                                             {Reason::Erased, "erased"},
                                             {Reason::Restricted, "restricted"},
                                             {Reason::RetentionElapsed, "retention_elapsed"},
                                             {Reason::Objected, "objected"},
                                             {Reason::SpecialCategoryWithoutBasis, "special_category_without_basis"},
                                             {Reason::GuardianConsentMissing, "guardian_consent_missing"},
                                             {Reason::ConsentMissing, "consent_missing"},
                                             {Reason::ConsentWithdrawn, "consent_withdrawn"},
                                             {Reason::ConsentExpired, "consent_expired"},
                                             {Reason::NoticeOutdated, "notice_outdated"},
                                             {Reason::Art22BasisMissing, "art22_basis_missing"},
                                             {Reason::RecipientForbidden, "recipient_forbidden"},
                                             {Reason::Permit, "permit"},
                                             {Reason::NoPolicy, "no_policy"},
                                             {Reason::Error, "error"}}};

// DPV 2.3.
constexpr NameTable<ConsentState, 11> kStates = {{{ConsentState::None, ""},
                                                  {ConsentState::Unknown, "dpv:ConsentUnknown"},
                                                  {ConsentState::Requested, "dpv:ConsentRequested"},
                                                  {ConsentState::RequestDeferred, "dpv:ConsentRequestDeferred"},
                                                  {ConsentState::Refused, "dpv:ConsentRefused"},
                                                  {ConsentState::Given, "dpv:ConsentGiven"},
                                                  {ConsentState::RenewedGiven, "dpv:RenewedConsentGiven"},
                                                  {ConsentState::Expired, "dpv:ConsentExpired"},
                                                  {ConsentState::Withdrawn, "dpv:ConsentWithdrawn"},
                                                  {ConsentState::Revoked, "dpv:ConsentRevoked"},
                                                  {ConsentState::Invalidated, "dpv:ConsentInvalidated"}}};

}  // namespace

std::string_view name_of(Reason reason) noexcept { return name_in(kReasons, reason); }
std::optional<Reason> parse_reason(std::string_view name) noexcept { return value_in(kReasons, name); }

std::string_view dpv_id(ConsentState state) noexcept { return name_in(kStates, state); }
std::optional<ConsentState> parse_consent_state(std::string_view dpv) noexcept {
  return dpv.empty() ? std::nullopt : value_in(kStates, dpv);
}

bool is_valid_for_processing(ConsentState state) noexcept {
  return state == ConsentState::Given || state == ConsentState::RenewedGiven;
}

}  // namespace egide::policies
