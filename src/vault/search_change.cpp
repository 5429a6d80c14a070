#include "search_change.h"

#include <algorithm>

#include "egide/crypto/random.h"

namespace egide::vault {

SearchChange::SearchChange(Services& services, const Caller& caller, FoundPage& page,
                           std::function<std::uint64_t(base::Timestamp)> recheck)
    : LoggedChange(services), caller_(caller), page_(page), recheck_(std::move(recheck)) {
  page_.search = base::Uuid(crypto::random_array<16>());
}

base::Result<void> SearchChange::apply(storage::ChangeContext& context) {
  EntryFields fields;
  fields.event = audit::event::kAccessSearched;
  fields.caller = &caller_;
  if (purpose != nullptr) {
    fields.purpose = purpose->id.str();
    fields.legal_basis = policies::dpv_id(purpose->basis);
  }
  fields.outcome = audit::Outcome::Allow;
  fields.with_policy = true;
  fields.policy = policy;
  fields.request = page_.search;
  fields.size = recheck_(context.now());
  page_.searched_at = context.now();
  // Who was erased meanwhile has no chain any more.
  const auto state = entry ? services_.subjects.find(entry->subject()) : nullptr;
  if (state != nullptr && state->erased) entry.reset();
  EGIDE_TRY(page_.log_index, entry ? append(context, fields, *entry) : append(context, fields));
  return {};
}

UseDecider::UseDecider(const Services& services, const std::string& tool, policies::PurposeIndex purpose,
                       const std::vector<std::string>& categories, std::optional<policies::Automation> automation)
    : services_(&services),
      tool_id_(tool),
      tool_(services.accounts.tool(tool)),
      purpose_(purpose),
      categories_(&categories),
      automation_(automation),
      oldest_notice_(services.notices.oldest_acceptable(purpose)) {}

bool UseDecider::is_granted() const noexcept {
  return knows_tool() && std::any_of(tool_->grants.begin(), tool_->grants.end(),
                                     [&](const auto& grant) { return grant.purpose == purpose_; });
}

policies::DecisionRequest UseDecider::request() const {
  policies::DecisionRequest out;
  out.purpose = purpose_;
  out.categories = *categories_;
  out.automation = automation_;
  out.oldest_acceptable_notice = oldest_notice_;
  return out;
}

policies::Decision UseDecider::decide(const SubjectState& state, base::Timestamp now) const {
  const policies::ToolFacts tool = tool_ != nullptr ? tool_->facts() : policies::ToolFacts();
  return policies::decide(request(), tool, facts_for(state, purpose_, *services_->pack, now), *services_->pack, now);
}

bool UseDecider::is_current() const {
  return services_->accounts.tool(tool_id_) == tool_ &&
         services_->notices.oldest_acceptable(purpose_) == oldest_notice_;
}

std::shared_ptr<const PermitTerms> UseDecider::terms() const {
  if (categories_->empty() && tool_ != nullptr)
    for (std::size_t i = 0; i < tool_->grants.size(); ++i)
      if (tool_->grants[i].purpose == purpose_) return tool_->terms[i];
  auto out = std::make_shared<PermitTerms>();
  if (tool_ == nullptr) return out;
  out->categories = policies::permitted_categories(request(), tool_->facts(), *services_->pack);
  out->obligations = policies::obligations_for(purpose_, out->categories, *services_->pack);
  return out;
}

}  // namespace egide::vault
