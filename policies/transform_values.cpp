#include "transform_values.h"

#include <algorithm>

namespace egide::policies {
namespace {

using nlohmann::json;

// A string, or an array of strings, each through `change`.
template <typename F>
std::optional<json> each_text(const json& value, F&& change) {
  if (value.is_string()) return json(change(value.get_ref<const std::string&>()));
  if (!value.is_array()) return std::nullopt;
  json out = json::array();
  for (const json& item : value) {
    if (!item.is_string()) return std::nullopt;
    out.push_back(change(item.get_ref<const std::string&>()));
  }
  return out;
}

std::optional<json> hashed(const std::string& category, const json& value, const TransformContext& context) {
  if (!context.keyed_hash) return std::nullopt;
  if (auto texts = each_text(value, [&](const std::string& text) { return context.keyed_hash(category, text); }))
    return texts;
  return json(context.keyed_hash(category, value.dump()));
}

std::optional<json> banded(const json& value, const Pack& pack, const TransformContext& context) {
  if (!value.is_string()) return std::nullopt;
  const auto birth = base::parse_date(value.get_ref<const std::string&>());
  if (!birth) return std::nullopt;
  const std::string band = age_band(*birth, context.today, pack.age_bands());
  return band.empty() ? std::nullopt : std::optional<json>(band);
}

// The département while it holds enough people, else the country. No finer: a postal code may be one village.
std::optional<json> widened(const json& value, const Pack& pack, const TransformContext& context) {
  if (!value.is_string()) return std::nullopt;
  const std::string area = departement_of(value.get_ref<const std::string&>());
  if (area.empty()) return std::nullopt;
  const bool enough = context.people_in_area && context.people_in_area(area) >= pack.k_display();
  return json(enough ? area : pack.jurisdiction());
}

std::optional<json> slotted(const json& value) {
  std::string text;
  const auto whole = each_text(value, [&](const std::string& part) {
    text += part + "\n";
    return part;
  });
  if (!whole) return std::nullopt;
  const auto slots = slots_in(text);
  return slots.empty() ? std::nullopt : std::optional<json>(slots);
}

bool is_month(std::string_view text) {
  return text.size() == 7 && base::parse_date(std::string(text) + "-01").has_value();
}

bool is_count(const json& value) { return value.is_number_integer() && value.get<std::int64_t>() >= 0; }

// Dates, or objects with a date, become counts a month; counts a month stay; a plain number is a count already.
std::optional<json> counted(const json& value) {
  if (value.is_number()) return value;
  json out = json::object();
  if (value.is_object()) {
    for (const auto& item : value.items())
      if (is_month(item.key()) && is_count(item.value())) out[item.key()] = item.value();
    return out.empty() ? std::nullopt : std::optional<json>(out);
  }
  if (!value.is_array()) return std::nullopt;
  for (const json& item : value) {
    const json* date = &item;
    if (item.is_object()) {
      const auto found = std::find_if(item.begin(), item.end(), [](const json& member) {
        return member.is_string() && base::parse_date(member.get_ref<const std::string&>().substr(0, 10)).has_value();
      });
      if (found == item.end()) return std::nullopt;
      date = &*found;
    }
    if (!date->is_string() || !base::parse_date(date->get_ref<const std::string&>().substr(0, 10))) return std::nullopt;
    json& count = out[date->get_ref<const std::string&>().substr(0, 7)];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  return out;
}

}  // namespace

std::optional<json> apply_transform(TransformKind kind, const std::string& category, const json& value,
                                    const Pack& pack, const TransformContext& context,
                                    const std::vector<std::string>& known_names) {
  switch (kind) {
    case TransformKind::DropUnlessProvided:
      return value;  // the vault holds what the person gave; derived values have no mark yet
    case TransformKind::PseudonymPerTool:
      return context.pseudonym.empty() ? std::nullopt : std::optional<json>(context.pseudonym);
    case TransformKind::KeyedHash:
      return hashed(category, value, context);
    case TransformKind::GeneraliseAgeBand:
      return banded(value, pack, context);
    case TransformKind::GeneraliseArea:
      return widened(value, pack, context);
    case TransformKind::MinimiseSlots:
      return slotted(value);
    case TransformKind::MinimiseCounts:
      return counted(value);
    case TransformKind::RedactFreeText:
      return each_text(value, [&](const std::string& text) { return redact_free_text(text, known_names); });
    case TransformKind::Drop:
    case TransformKind::AggregateK:
    case TransformKind::RelayAddress:
    case TransformKind::MergeAfterGeneration:
    case TransformKind::DelayPublication:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string age_band(base::Date birth, base::Date today, const std::vector<int>& bounds) {
  if (bounds.empty() || !birth.ok() || !today.ok() || birth > today) return {};
  const int age = base::full_years_between(birth, today);
  if (age < bounds.front()) return "<" + std::to_string(bounds.front());
  const auto above = std::upper_bound(bounds.begin(), bounds.end(), age);
  if (above == bounds.end()) return std::to_string(bounds.back()) + "+";
  return std::to_string(*(above - 1)) + "-" + std::to_string(*above - 1);
}

}  // namespace egide::policies
