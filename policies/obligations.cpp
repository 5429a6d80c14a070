#include <algorithm>
#include <charconv>

#include "applied.h"
#include "asked.h"
#include "egide/policies/decide.h"

namespace egide::policies {
namespace {

std::string_view action_of(TransformKind kind) {
  switch (kind) {
    case TransformKind::Drop:
    case TransformKind::DropUnlessProvided:
    case TransformKind::MergeAfterGeneration:
      return "drop";
    case TransformKind::PseudonymPerTool:
    case TransformKind::KeyedHash:
    case TransformKind::RelayAddress:
      return "mask";
    case TransformKind::GeneraliseAgeBand:
    case TransformKind::GeneraliseArea:
    case TransformKind::MinimiseSlots:
    case TransformKind::MinimiseCounts:
      return "generalise";
    case TransformKind::AggregateK:
    case TransformKind::DelayPublication:
      return "aggregate";
    case TransformKind::RedactFreeText:
      return "redact";
  }
  return "drop";
}

void add_parameters(Obligation& obligation, TransformKind kind, const Pack& pack) {
  obligation.parameters.emplace_back("transform", name_of(kind));
  if (kind == TransformKind::AggregateK || kind == TransformKind::GeneraliseArea ||
      kind == TransformKind::DelayPublication)
    obligation.parameters.emplace_back("k", std::to_string(pack.k_display()));
  if (kind == TransformKind::GeneraliseAgeBand) {
    std::string bounds;
    for (const int bound : pack.age_bands()) bounds += (bounds.empty() ? "" : ",") + std::to_string(bound);
    obligation.parameters.emplace_back("bounds", bounds);
  }
}

// One obligation a transform, with each category it is about.
void add_transform(std::vector<Obligation>& out, TransformKind kind, const std::string& category, const Pack& pack) {
  const auto same = std::find_if(out.begin(), out.end(), [&](const Obligation& o) {
    return !o.parameters.empty() && o.parameters.front().second == name_of(kind);
  });
  if (same == out.end()) {
    Obligation obligation;
    obligation.action = action_of(kind);
    obligation.categories.push_back(category);
    add_parameters(obligation, kind, pack);
    out.push_back(std::move(obligation));
  } else if (std::find(same->categories.begin(), same->categories.end(), category) == same->categories.end()) {
    same->categories.push_back(category);
  }
}

std::string iso_text(const base::Duration& duration) {
  std::string out = "P";
  if (duration.months / 12 > 0) out += std::to_string(duration.months / 12) + "Y";
  if (duration.months % 12 > 0) out += std::to_string(duration.months % 12) + "M";
  if (duration.days > 0) out += std::to_string(duration.days) + "D";
  if (duration.time.count() > 0) out += "T" + std::to_string(duration.time.count()) + "S";
  return out == "P" ? "PT0S" : out;
}

std::string decimal_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value);
  return std::string(buffer, end.ptr);
}

// Levels at which a person looks at an output before it has its effect, or at a sample of them.
bool is_review(const std::string& level) {
  return level == "sampled_review" || level == "person_confirms" || level == "human_confirms" ||
         level == "human_decides" || level == "human_sends";
}

Obligation plain(std::string action, std::string name, std::string value) {
  Obligation out;
  out.action = std::move(action);
  out.parameters.emplace_back(std::move(name), std::move(value));
  return out;
}

}  // namespace

std::vector<Obligation> obligations_for(PurposeIndex index, std::span<const std::string> categories, const Pack& pack) {
  std::vector<Obligation> out;
  if (index >= pack.purposes().size()) return out;
  const Purpose& purpose = pack.purposes()[index];
  for (const std::string& category : categories) {
    for (const TransformKind kind : transforms_of(purpose, category)) add_transform(out, kind, category, pack);
    // A line may be about a part of what is permitted: the postal code of an address.
    for (const Transform& line : purpose.transforms)
      for (const std::string& part : line.categories)
        if (part != category && category_covers(category, part)) add_transform(out, line.apply, part, pack);
  }
  for (const std::string& category : categories)
    for (const std::string& part : purpose.forbidden_categories)
      if (category_covers(category, part)) add_transform(out, TransformKind::Drop, part, pack);

  if (purpose.is_ai && purpose.automation != Automation::None)
    out.push_back(plain("record_decision", "purpose", purpose.id.str()));
  if (is_review(purpose.oversight_level)) {
    out.push_back(plain("human_review", "level", purpose.oversight_level));
    if (purpose.review_coverage_min)
      out.back().parameters.emplace_back("coverage_min", decimal_text(*purpose.review_coverage_min));
  }
  const auto& needs = purpose.requirements;
  if (std::find(needs.begin(), needs.end(), "ai_notice") != needs.end())
    out.push_back(plain("disclose_ai", "text_key", "ai_notice." + purpose.id.str()));
  if (purpose.retention.outputs) out.push_back(plain("delete_after", "after", iso_text(*purpose.retention.outputs)));
  return out;
}

}  // namespace egide::policies
