#include "enums.h"

namespace egide::policies {

constexpr NameTable<LegalBasis, 6> kLegalBases = {{{LegalBasis::Consent, "eu-gdpr:A6-1-a"},
                                                   {LegalBasis::Contract, "eu-gdpr:A6-1-b"},
                                                   {LegalBasis::LegalObligation, "eu-gdpr:A6-1-c"},
                                                   {LegalBasis::VitalInterests, "eu-gdpr:A6-1-d"},
                                                   {LegalBasis::PublicTask, "eu-gdpr:A6-1-e"},
                                                   {LegalBasis::LegitimateInterests, "eu-gdpr:A6-1-f"}}};

constexpr NameTable<Automation, 5> kAutomations = {{{Automation::None, "none"},
                                                    {Automation::Advisory, "advisory"},
                                                    {Automation::HumanConfirms, "human_confirms"},
                                                    {Automation::HumanDecidesWithScore, "human_decides_with_score"},
                                                    {Automation::SolelyAutomated, "solely_automated"}}};

constexpr NameTable<Effect, 4> kEffects = {{{Effect::None, "none"},
                                            {Effect::Minor, "minor"},
                                            {Effect::SimilarlySignificant, "similarly_significant"},
                                            {Effect::Legal, "legal"}}};

constexpr NameTable<Objection, 4> kObjections = {{{Objection::None, "none"},
                                                  {Objection::Withdraw, "withdraw"},
                                                  {Objection::Grounds, "grounds"},
                                                  {Objection::Absolute, "absolute"}}};

constexpr NameTable<MinorsRule, 3> kMinorsRules = {{{MinorsRule::GuardianBelowAge, "guardian_below_age"},
                                                    {MinorsRule::NotAllowed, "not_allowed"},
                                                    {MinorsRule::GuardianNotRequired, "guardian_not_required"}}};

constexpr NameTable<TransformKind, 13> kTransforms = {{{TransformKind::Drop, "drop"},
                                                       {TransformKind::DropUnlessProvided, "drop_unless_provided"},
                                                       {TransformKind::PseudonymPerTool, "pseudonym_per_tool"},
                                                       {TransformKind::KeyedHash, "keyed_hash"},
                                                       {TransformKind::GeneraliseAgeBand, "generalise_age_band"},
                                                       {TransformKind::GeneraliseArea, "generalise_area"},
                                                       {TransformKind::MinimiseSlots, "minimise_slots"},
                                                       {TransformKind::MinimiseCounts, "minimise_counts"},
                                                       {TransformKind::AggregateK, "aggregate_k"},
                                                       {TransformKind::RedactFreeText, "redact_free_text"},
                                                       {TransformKind::RelayAddress, "relay_address"},
                                                       {TransformKind::MergeAfterGeneration, "merge_after_generation"},
                                                       {TransformKind::DelayPublication, "delay_publication"}}};

std::string_view dpv_id(LegalBasis basis) noexcept { return name_in(kLegalBases, basis); }
std::optional<LegalBasis> parse_legal_basis(std::string_view dpv) noexcept { return value_in(kLegalBases, dpv); }
std::string_view name_of(Automation automation) noexcept { return name_in(kAutomations, automation); }
std::optional<Automation> parse_automation(std::string_view name) noexcept { return value_in(kAutomations, name); }
std::string_view name_of(Effect effect) noexcept { return name_in(kEffects, effect); }
std::optional<Effect> parse_effect(std::string_view name) noexcept { return value_in(kEffects, name); }
std::string_view name_of(Objection objection) noexcept { return name_in(kObjections, objection); }
std::string_view name_of(MinorsRule rule) noexcept { return name_in(kMinorsRules, rule); }
std::string_view name_of(TransformKind kind) noexcept { return name_in(kTransforms, kind); }
std::optional<TransformKind> parse_transform(std::string_view name) noexcept { return value_in(kTransforms, name); }

const Words& purpose_kinds() {
  static const Words words = {"core", "ai"};
  return words;
}
const Words& polarities() {
  static const Words words = {"benefit", "burden"};
  return words;
}
const Words& art22_bases() {  // GDPR 22(2)(a) to (c)
  static const Words words = {"contract", "law", "explicit_consent"};
  return words;
}
const Words& art22_relevances() {
  static const Words words = {"none", "low", "possible", "likely"};
  return words;
}
const Words& oversight_levels() {
  static const Words words = {
      "none",           "informed_use",  "sampled_review", "handover_on_request", "person_confirms",
      "human_confirms", "human_decides", "human_sends"};
  return words;
}
const Words& purpose_rights() {
  static const Words words = {"access",      "rectification", "erasure",   "erasure_conditional",
                              "restriction", "portability",   "objection", "withdrawal"};
  return words;
}
const Words& right_columns() {
  static const Words words = {"access", "rectification", "erasure", "restriction", "portability", "objection"};
  return words;
}
const Words& right_cells() {
  static const Words words = {"yes", "no", "conditional", "withdraw"};
  return words;
}
const Words& erasure_exceptions() {  // GDPR 17(3)(a) to (e)
  static const Words words = {"A17-3-a", "A17-3-b", "A17-3-c", "A17-3-d", "A17-3-e"};
  return words;
}
const Words& restriction_exceptions() {  // GDPR 18(2)
  static const Words words = {"storage", "consent", "legal_claims", "protection_of_others", "public_interest"};
  return words;
}
const Words& special_category_bases() {  // GDPR 9(2)(a) to (j)
  static const Words words = {"eu-gdpr:A9-2-a", "eu-gdpr:A9-2-b", "eu-gdpr:A9-2-c", "eu-gdpr:A9-2-d", "eu-gdpr:A9-2-e",
                              "eu-gdpr:A9-2-f", "eu-gdpr:A9-2-g", "eu-gdpr:A9-2-h", "eu-gdpr:A9-2-i", "eu-gdpr:A9-2-j"};
  return words;
}
const Words& recipient_classes() {
  static const Words words = {"any_tool", "any_partner", "charity_partner", "commercial_partner",
                              "public_authority_nominative"};
  return words;
}

}  // namespace egide::policies
