#include "egide/policies/decide.h"

#include <algorithm>

#include "asked.h"
#include "consent.h"

namespace egide::policies {
namespace {

Decision deny(Reason reason) noexcept { return {false, reason, false}; }

// Art. 9 and 10 keys under which `category` lies or which lie under it, forbidden ones aside: those never pass.
bool touches(const std::vector<std::string>& keys, std::string_view category, const Purpose& purpose) noexcept {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return category_covers(key, category) ||
           (category_covers(category, key) && !any_covers(purpose.forbidden_categories, key));
  });
}

bool is_sensitive(const Pack& pack, std::string_view category) noexcept {
  return pack.is_special_category(category) || pack.is_criminal_category(category);
}

// Row 2. A forbidden Art. 9 or 10 category under a declared parent is left to row 8, which has the better answer.
bool is_granted(const DecisionRequest& request, const ToolFacts& tool, PurposeIndex index, const Purpose& purpose,
                const Pack& pack) noexcept {
  if (request.categories.empty()) {
    bool any = false;
    for_each_asked(request, tool, index, purpose,
                   [&](std::string_view key) { any = any || !any_covers(purpose.forbidden_categories, key); });
    return any;
  }
  return std::all_of(request.categories.begin(), request.categories.end(), [&](const std::string& category) {
    if (!any_covers(purpose.data_categories, category)) return false;
    if (any_covers(purpose.forbidden_categories, category) &&
        !(purpose.special_category_basis.empty() && is_sensitive(pack, category)))
      return false;
    return std::any_of(tool.grants.begin(), tool.grants.end(), [&](const ToolGrant& grant) {
      return grant.purpose == index && (grant.categories.empty() || any_covers(grant.categories, category));
    });
  });
}

// Row 8.
bool lacks_special_basis(const DecisionRequest& request, const ToolFacts& tool, const SubjectFacts& subject,
                         PurposeIndex index, const Purpose& purpose, const Pack& pack) noexcept {
  if (!purpose.may_hold_special) return false;
  const bool has_condition = !purpose.special_category_basis.empty() && subject.art9_condition_recorded;
  const bool has_law = purpose.basis == LegalBasis::LegalObligation || purpose.basis == LegalBasis::PublicTask;
  // A forbidden category counts only where the caller asked for it by name: the default of a purpose leaves it out.
  bool lacks = std::any_of(request.categories.begin(), request.categories.end(), [&](const std::string& asked) {
    return any_covers(purpose.forbidden_categories, asked) && is_sensitive(pack, asked);
  });
  for_each_asked(request, tool, index, purpose, [&](std::string_view key) {
    if (any_covers(purpose.forbidden_categories, key)) return;
    lacks = lacks || (!has_condition && touches(pack.special_category_keys(), key, purpose)) ||
            (!has_law && touches(pack.criminal_keys(), key, purpose));
  });
  return lacks;
}

// Row 14. A caller's claim counts only where it is the stronger one.
bool lacks_art22_basis(const DecisionRequest& request, const Purpose& purpose) noexcept {
  const Automation automation = std::max(purpose.automation, request.automation.value_or(purpose.automation));
  const Effect effect = std::max(purpose.effect, request.effect.value_or(purpose.effect));
  return automation == Automation::SolelyAutomated && effect >= Effect::SimilarlySignificant &&
         purpose.art22_basis.empty();
}

bool is_partner(std::string_view recipient) noexcept {
  constexpr std::string_view kSuffix = "_partner";
  return recipient.size() >= kSuffix.size() && recipient.substr(recipient.size() - kSuffix.size()) == kSuffix;
}

// Row 15. A list of allowed classes is about third parties: the house and its own tools (no class) stay inside.
bool is_recipient_forbidden(const ToolFacts& tool, const Purpose& purpose) noexcept {
  if (tool.third_country_without_safeguard) return true;
  for (const std::string& forbidden : purpose.forbidden_recipients) {
    if (forbidden == "any_tool" && tool.is_tool) return true;
    if (forbidden == "any_partner" && is_partner(tool.recipient_class)) return true;
    if (!tool.recipient_class.empty() && forbidden == tool.recipient_class) return true;
  }
  if (tool.recipient_class.empty() || purpose.allowed_recipients.empty()) return false;
  return std::none_of(
      purpose.allowed_recipients.begin(), purpose.allowed_recipients.end(), [&](const std::string& allowed) {
        return allowed == tool.recipient_class || (allowed == "any_partner" && is_partner(tool.recipient_class)) ||
               (allowed == "any_tool" && tool.is_tool);
      });
}

}  // namespace

// The order of the rows is the contract (docs/formats/decisions.md).
Decision decide(const DecisionRequest& request, const ToolFacts& tool, const SubjectFacts& subject, const Pack& pack,
                base::Timestamp now) noexcept {
  if (!tool.known || !tool.active) return deny(Reason::UnknownTool);
  if (!request.purpose || *request.purpose >= pack.purposes().size()) return deny(Reason::PurposeNotGranted);
  const PurposeIndex index = *request.purpose;
  const Purpose& purpose = pack.purposes()[index];
  if (!is_granted(request, tool, index, purpose, pack)) return deny(Reason::PurposeNotGranted);
  if (!subject.exists) return deny(Reason::UnknownSubject);
  if (subject.erased) return deny(Reason::Erased);
  if (subject.restricted && purpose.restriction_exception.empty()) return deny(Reason::Restricted);
  if (subject.retention_elapsed) return deny(Reason::RetentionElapsed);
  if (subject.objected && purpose.objection != Objection::None) return deny(Reason::Objected);
  if (lacks_special_basis(request, tool, subject, index, purpose, pack))
    return deny(Reason::SpecialCategoryWithoutBasis);
  const Decision consent = decide_consent(purpose, subject, request.oldest_acceptable_notice, pack, now);
  if (!consent.permit) return consent;
  if (lacks_art22_basis(request, purpose)) return deny(Reason::Art22BasisMissing);
  if (is_recipient_forbidden(tool, purpose)) return deny(Reason::RecipientForbidden);
  return {true, Reason::Permit, false};
}

}  // namespace egide::policies
