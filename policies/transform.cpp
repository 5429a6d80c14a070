#include "egide/policies/transform.h"

#include <algorithm>

#include "applied.h"
#include "asked.h"
#include "egide/policies/transform_result.h"
#include "transform_values.h"

namespace egide::policies {
namespace {

using nlohmann::json;

constexpr std::string_view kPseudonym = "user.unique_id.pseudonymous";
constexpr std::string_view kAgeRange = "user.demographic.age_range";
constexpr std::string_view kBirthDate = "user.demographic.date_of_birth";

void collect_names(const json& value, std::vector<std::string>& out) {
  if (value.is_string()) {
    out.push_back(value.get<std::string>());
  } else if (value.is_structured()) {
    for (const json& part : value) collect_names(part, out);
  }
}

bool has(const std::vector<TransformKind>& kinds, TransformKind kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// A purpose may take the age range and say that birth dates are generalised: then the band is made from the birth date,
// which itself stays outside.
bool makes_age_range(const Purpose& purpose) {
  return transforms_of(purpose, kAgeRange).empty() &&
         has(transforms_of(purpose, kBirthDate), TransformKind::GeneraliseAgeBand);
}

class Transformer {
 public:
  Transformer(const Purpose& purpose, const std::map<std::string, json>& attributes,
              const std::vector<std::string>& permitted, const Pack& pack, const TransformContext& context)
      : purpose_(purpose), attributes_(attributes), permitted_(permitted), pack_(pack), context_(context) {
    known_names_ = context.known_names;
    for (const auto& [category, value] : attributes)
      if (category_covers("user.name", category)) collect_names(value, known_names_);
  }

  TransformResult run() {
    give_pseudonym();
    give_age_range();
    for (const auto& [category, value] : attributes_)
      if (category != kPseudonym && is_permitted(category)) give(category, value);
    name_what_is_not_held();
    return std::move(result_);
  }

 private:
  bool is_permitted(std::string_view category) const {
    return any_covers(permitted_, category) && !any_covers(purpose_.forbidden_categories, category);
  }

  void withhold(std::string_view category, std::string_view reason) {
    result_.withheld.push_back({std::string(category), std::string(reason)});
  }

  // The pseudonym is made, not held: whatever an attribute of that name says is not passed on.
  void give_pseudonym() {
    if (!is_permitted(kPseudonym)) return;
    for (const TransformKind kind : transforms_of(purpose_, kPseudonym))
      if (withholds(kind)) return withhold(kPseudonym, name_of(kind));
    if (context_.pseudonym.empty()) return withhold(kPseudonym, "not_held");
    result_.fields.push_back(
        {std::string(kPseudonym), context_.pseudonym, std::string(name_of(TransformKind::PseudonymPerTool))});
  }

  void give_age_range() {
    const auto birth = attributes_.find(std::string(kBirthDate));
    if (attributes_.contains(std::string(kAgeRange)) || birth == attributes_.end() || !is_permitted(kAgeRange)) return;
    if (!makes_age_range(purpose_)) return;
    auto band = apply_transform(TransformKind::GeneraliseAgeBand, std::string(kAgeRange), birth->second, pack_,
                                context_, known_names_);
    const std::string name(name_of(TransformKind::GeneraliseAgeBand));
    if (band)
      result_.fields.push_back({std::string(kAgeRange), std::move(*band), name});
    else
      withhold(kAgeRange, name);
  }

  // The value of a whole can't be passed when a part of it is forbidden or has a transform of its own.
  bool has_protected_part(const std::string& category) {
    for (const std::string& part : purpose_.forbidden_categories)
      if (part != category && category_covers(category, part)) return (withhold(category, "forbidden"), true);
    for (const Transform& line : purpose_.transforms)
      for (const std::string& part : line.categories)
        if (part != category && category_covers(category, part)) return (withhold(category, name_of(line.apply)), true);
    return false;
  }

  void give(const std::string& category, const json& value) {
    const auto kinds = transforms_of(purpose_, category);
    for (const TransformKind kind : kinds)
      if (withholds(kind)) return withhold(category, name_of(kind));
    if (has_protected_part(category)) return;
    TransformedField field;
    field.category = category;
    field.value = value;
    for (const TransformKind kind : kinds) {
      auto changed = apply_transform(kind, category, field.value, pack_, context_, known_names_);
      if (!changed) return withhold(category, name_of(kind));
      field.value = std::move(*changed);
      field.transform = name_of(kind);
    }
    result_.fields.push_back(std::move(field));
  }

  void name_what_is_not_held() {
    for (const std::string& category : permitted_) {
      const auto answers = [&](const auto& entry) { return category_covers(category, entry.category); };
      if (std::none_of(result_.fields.begin(), result_.fields.end(), answers) &&
          std::none_of(result_.withheld.begin(), result_.withheld.end(), answers))
        withhold(category, "not_held");
    }
  }

  const Purpose& purpose_;
  const std::map<std::string, json>& attributes_;
  const std::vector<std::string>& permitted_;
  const Pack& pack_;
  const TransformContext& context_;
  std::vector<std::string> known_names_;
  TransformResult result_;
};

}  // namespace

std::vector<std::string> categories_read_aside(const Purpose& purpose, const std::vector<std::string>& permitted) {
  std::vector<std::string> out;
  const auto redacts = [&](const std::string& category) {
    return std::any_of(purpose.transforms.begin(), purpose.transforms.end(), [&](const Transform& line) {
      return line.apply == TransformKind::RedactFreeText &&
             std::any_of(line.categories.begin(), line.categories.end(),
                         [&](const std::string& key) { return !narrower(key, category).empty(); });
    });
  };
  if (std::any_of(permitted.begin(), permitted.end(), redacts)) out.emplace_back("user.name");
  if (any_covers(permitted, kAgeRange) && makes_age_range(purpose)) out.emplace_back(kBirthDate);
  return out;
}

TransformResult transform_fields(const Purpose& purpose, const std::map<std::string, json>& attributes,
                                 const std::vector<std::string>& permitted, const Pack& pack,
                                 const TransformContext& context) {
  return Transformer(purpose, attributes, permitted, pack, context).run();
}

}  // namespace egide::policies
