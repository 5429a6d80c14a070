#include "dataset_plan.h"

#include <algorithm>

#include "dataset_columns.h"
#include "mistake_list.h"

namespace egide::vault {
namespace {

constexpr std::uint32_t kLowestK = 5;
constexpr std::uint32_t kLowestKSpecial = 11;
constexpr std::int64_t kHighestK = 100000;
constexpr std::int64_t kHighestL = 1000;
constexpr double kMostSuppression = 0.5;

base::Result<std::shared_ptr<const ToolState>> recipient(const Services& services, const Caller& caller,
                                                         const DatasetAsked& asked) {
  if (caller.role == Role::Tool) {
    if (!asked.tool.empty() && asked.tool != caller.id) return base::forbidden("A tool exports for itself only");
  } else if (caller.role != Role::Dpo) {
    return base::forbidden("Datasets are exported by a tool for itself, or by the data protection officer for a tool");
  } else if (asked.tool.empty()) {
    return base::invalid_field("/tool", "is required: who receives the dataset");
  }
  auto tool = services.accounts.tool(caller.role == Role::Tool ? caller.id : asked.tool);
  if (tool == nullptr || !tool->row.active) return base::forbidden("The purpose is not granted to this tool");
  return tool;
}

// What denies whoever it is about.
base::Result<void> check_grant(const Services& services, const DatasetPlan& plan, base::Timestamp now) {
  const auto decision = policies::decide(plan.request(1), plan.tool->facts(), {}, *services.pack, now);
  if (decision.reason == policies::Reason::UnknownSubject) return {};
  return base::forbidden("The purpose, or a field, is not granted to this tool");
}

void check_fields(const Services& services, const DatasetAsked& asked, MistakeList& mistakes) {
  for (std::size_t i = 0; i < asked.fields.size(); ++i) {
    const std::string where = "/fields/" + std::to_string(i);
    if (!services.pack->knows_category(asked.fields[i]))
      mistakes.add(where, "is not a data category (fideslang key)");
    else if (column_kind(asked.fields[i], *services.pack) == ColumnKind::Never)
      mistakes.add(where, "identifies people or is free text: it never stands in a dataset");
  }
  for (std::size_t i = 0; i < asked.sensitive.size(); ++i) {
    const std::string where = "/sensitive/" + std::to_string(i);
    const std::string& category = asked.sensitive[i];
    if (!services.pack->knows_category(category))
      mistakes.add(where, "is not a data category (fideslang key)");
    else if (is_always_quasi_identifier(category) && !is_always_sensitive(category, *services.pack))
      mistakes.add(where, "is what others may know of a person: it is always a quasi-identifier");
    else if (!asked.fields.empty() &&
             std::find(asked.fields.begin(), asked.fields.end(), category) == asked.fields.end())
      mistakes.add(where, "is not among the fields");
  }
}

void take_numbers(const Services& services, const DatasetAsked& asked, DatasetPlan& plan, MistakeList& mistakes) {
  const std::uint32_t lowest = lowest_k(*services.pack, plan.categories);
  const std::int64_t k = asked.k.value_or(lowest);
  if (k < lowest)
    mistakes.add("/k", "must be at least " + std::to_string(lowest) + ", as the policy says");
  else if (k > kHighestK)
    mistakes.add("/k", "must be at most 100000");
  const std::int64_t l = asked.l.value_or(2);
  if (l < 2 || l > kHighestL) mistakes.add("/l", "must be between 2 and 1000");
  const double entropy = asked.entropy_l.value_or(0);
  if (!(entropy >= 0 && entropy <= kHighestL)) mistakes.add("/entropy_l", "must be a number between 0 and 1000");
  const double suppression = asked.max_suppression.value_or(0.1);
  if (!(suppression >= 0 && suppression <= kMostSuppression))
    mistakes.add("/max_suppression", "must be a share between 0 and 0.5");
  plan.requirements.k = static_cast<std::uint32_t>(std::clamp<std::int64_t>(k, 2, kHighestK));
  plan.requirements.distinct_l = static_cast<std::uint32_t>(std::clamp<std::int64_t>(l, 2, kHighestL));
  plan.requirements.entropy_l = entropy;
  plan.requirements.max_suppression = suppression;
  plan.l_was_asked = asked.l || asked.entropy_l;
}

}  // namespace

policies::DecisionRequest DatasetPlan::request(int oldest_notice) const {
  policies::DecisionRequest out;
  out.purpose = purpose;
  out.categories = asked;
  out.oldest_acceptable_notice = oldest_notice;
  return out;
}

std::uint32_t lowest_k(const policies::Pack& pack, const std::vector<std::string>& categories) noexcept {
  const auto k = std::max(kLowestK, static_cast<std::uint32_t>(std::max(0, pack.k_display())));
  const bool special = std::any_of(categories.begin(), categories.end(), [&pack](const std::string& category) {
    return column_kind(category, pack) != ColumnKind::Never && is_always_sensitive(category, pack);
  });
  return special ? std::max(k, kLowestKSpecial) : k;
}

base::Result<DatasetPlan> plan_dataset(const Services& services, const Caller& caller, const DatasetAsked& asked) {
  DatasetPlan plan;
  EGIDE_TRY(plan.tool, recipient(services, caller, asked));
  const auto purpose = services.pack->index_of(asked.purpose);
  if (!purpose) return base::invalid_field("/purpose", "is not a purpose of the policy pack");
  plan.purpose = *purpose;
  MistakeList mistakes;
  check_fields(services, asked, mistakes);
  EGIDE_TRY_VOID(mistakes.finish());
  plan.asked = asked.fields;
  plan.sensitive = asked.sensitive;
  EGIDE_TRY_VOID(check_grant(services, plan, services.clock->now()));
  plan.categories = policies::permitted_categories(plan.request(1), plan.tool->facts(), *services.pack);
  take_numbers(services, asked, plan, mistakes);
  EGIDE_TRY_VOID(mistakes.finish());
  return plan;
}

bool is_permitted(const Services& services, const DatasetPlan& plan, const SubjectState& state, base::Timestamp now) {
  // The tool as it is now: it may have been revoked since.
  const auto tool = services.accounts.tool(plan.tool->row.id.str());
  if (tool == nullptr || state.erased) return false;
  const auto facts = facts_for(state, plan.purpose, *services.pack, now);
  const int oldest_notice = services.notices.oldest_acceptable(plan.purpose);
  return policies::decide(plan.request(oldest_notice), tool->facts(), facts, *services.pack, now).permit;
}

}  // namespace egide::vault
