#include "egide/policies/generic_policy.h"

#include <algorithm>

#include "generic_policy_rules.h"

namespace egide::policies {
namespace {

template <typename Index, typename Key>
const base::Json* stored_properties(const std::vector<GenericEntity>& all, const Index& index, const Key& key) {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &all[found->second].properties;
}

}  // namespace

GenericPolicies::GenericPolicies() = default;
GenericPolicies::~GenericPolicies() = default;

bool GenericPolicies::empty() const noexcept { return domains_.empty(); }

std::string GenericPolicies::revision_text() const { return "sha256:" + base::to_hex(revision_); }

const GenericPolicies::Domain* GenericPolicies::domain_of(std::string_view subject_type,
                                                          std::string_view resource_type) const noexcept {
  for (const auto& domain : domains_)
    if (domain->subject_types.contains(subject_type) && domain->resource_types.contains(resource_type))
      return domain.get();
  return nullptr;
}

bool GenericPolicies::covers(std::string_view subject_type, std::string_view resource_type) const noexcept {
  return domain_of(subject_type, resource_type) != nullptr;
}

// One matching deny wins; else one matching permit; else the default.
GenericDecision GenericPolicies::decide(const GenericRequest& request) const {
  GenericDecision out;
  const Domain* domain = domain_of(request.subject.type, request.resource.type);
  if (domain == nullptr) return out;
  out.covered = true;
  const auto key = [](const GenericParty& party) { return std::pair(std::string(party.type), std::string(party.id)); };
  GenericFacts facts;
  facts.request = &request;
  facts.subject = stored_properties(domain->subjects, domain->subject_at, key(request.subject));
  facts.resource = stored_properties(domain->resources, domain->resource_at, key(request.resource));
  facts.action = stored_properties(domain->actions, domain->action_at, request.action.name);
  const GenericRule* permit = nullptr;
  for (const GenericRule& rule : domain->rules) {
    if (rule.permit && permit != nullptr) continue;
    if (!rule_matches(rule, facts)) continue;
    if (!rule.permit) {
      out.rule = rule.id;
      return out;
    }
    permit = &rule;
  }
  out.permit = permit != nullptr || domain->permit_by_default;
  if (permit != nullptr) out.rule = permit->id;
  return out;
}

std::vector<GenericName> GenericPolicies::search_subjects(const GenericRequest& request) const {
  std::vector<GenericName> out;
  const Domain* domain = domain_of(request.subject.type, request.resource.type);
  if (domain == nullptr ||
      !domain->resource_at.contains({std::string(request.resource.type), std::string(request.resource.id)}))
    return out;
  GenericRequest one = request;
  for (const GenericEntity& subject : domain->subjects) {
    if (subject.type != request.subject.type) continue;
    one.subject.id = subject.id;
    if (decide(one).permit) out.push_back({subject.type, subject.id});
  }
  return out;
}

std::vector<GenericName> GenericPolicies::search_resources(const GenericRequest& request) const {
  std::vector<GenericName> out;
  const Domain* domain = domain_of(request.subject.type, request.resource.type);
  if (domain == nullptr ||
      !domain->subject_at.contains({std::string(request.subject.type), std::string(request.subject.id)}))
    return out;
  GenericRequest one = request;
  for (const GenericEntity& resource : domain->resources) {
    if (resource.type != request.resource.type) continue;
    one.resource.id = resource.id;
    if (decide(one).permit) out.push_back({resource.type, resource.id});
  }
  return out;
}

std::vector<std::string> GenericPolicies::search_actions(const GenericRequest& request) const {
  std::vector<std::string> out;
  const Domain* domain = domain_of(request.subject.type, request.resource.type);
  if (domain == nullptr ||
      !domain->subject_at.contains({std::string(request.subject.type), std::string(request.subject.id)}) ||
      !domain->resource_at.contains({std::string(request.resource.type), std::string(request.resource.id)}))
    return out;
  GenericRequest one = request;
  for (const GenericEntity& action : domain->actions) {
    one.action = {action.id, nullptr};
    if (decide(one).permit) out.push_back(action.id);
  }
  return out;
}

}  // namespace egide::policies
