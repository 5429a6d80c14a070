#include "dataset_columns.h"

#include <algorithm>
#include <array>

#include "egide/policies/transform.h"

namespace egide::vault {
namespace {

using nlohmann::json;

constexpr std::string_view kBirthDate = "user.demographic.date_of_birth";
constexpr std::string_view kRare = "(rare)";
constexpr std::size_t kMaxText = 80;
constexpr std::size_t kMaxItems = 64;
constexpr std::int64_t kMaxCount = 1000000;

// Categories that may leave, the most specific first. Deny by default: a name, an address or a message is in no line.
struct Rule {
  std::string_view category;
  ColumnKind kind;
  bool always_quasi;
};
constexpr std::array kRules = {
    Rule{"user.demographic.date_of_birth", ColumnKind::Age, true},
    Rule{"user.demographic.age_range", ColumnKind::Band, true},
    Rule{"user.demographic.profile.skills", ColumnKind::List, false},
    Rule{"user.demographic.profile.availability", ColumnKind::List, false},
    Rule{"user.demographic.profile", ColumnKind::Plain, false},
    Rule{"user.demographic", ColumnKind::Plain, true},
    Rule{"user.contact.address.postal_code", ColumnKind::Area, true},
    Rule{"user.contact.address.city", ColumnKind::Plain, true},
    Rule{"user.contact.address.state", ColumnKind::Plain, true},
    Rule{"user.contact.address.country", ColumnKind::Plain, true},
    Rule{"user.behavior.participation_history", ColumnKind::Count, false},
    Rule{"user.behavior", ColumnKind::Plain, false},
    Rule{"user.health_and_medical", ColumnKind::Plain, false},
    Rule{"user.account.membership", ColumnKind::Plain, false},
    Rule{"user.job_title", ColumnKind::Plain, true},
};

const Rule* rule_of(std::string_view category) noexcept {
  for (const Rule& rule : kRules)
    if (policies::category_covers(rule.category, category)) return &rule;
  return nullptr;
}

std::string text_of_scalar(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Lists as sets: their order would tell people apart. `value` becomes what is released.
std::string text_of_value(json& value) {
  if (!value.is_array()) return text_of_scalar(value);
  std::vector<std::string> items;
  for (const auto& item : value) items.push_back(text_of_scalar(item));
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  value = items;
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : "; ") + item;
  return out;
}

bool reads_like_free_text(const json& value) {
  if (value.is_array()) {
    if (value.size() > kMaxItems) return true;
    return std::any_of(value.begin(), value.end(), [](const json& item) { return reads_like_free_text(item); });
  }
  const std::string text = text_of_scalar(value);
  return text.size() > kMaxText || text.find_first_of("\r\n\t@") != std::string::npos;
}

// Things listed, or numbers by month, as one number. Nothing for what can't be counted.
json counted(const json& value) {
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  if (value.is_array()) return std::to_string(value.size());
  if (!value.is_object()) return nullptr;
  std::int64_t sum = 0;
  for (const auto& item : value) {
    if (!item.is_number_integer() || item.get<std::int64_t>() < 0 || item.get<std::int64_t>() > kMaxCount)
      return nullptr;
    sum += item.get<std::int64_t>();
  }
  return std::to_string(sum);
}

std::string area_of(const std::string& text) {
  const std::string area = policies::departement_of(text);
  return area.empty() ? text : area;
}

}  // namespace

ColumnKind column_kind(std::string_view category, const policies::Pack& pack) noexcept {
  if (pack.is_criminal_category(category)) return ColumnKind::Never;  // GDPR 10
  const Rule* rule = rule_of(category);
  return rule == nullptr ? ColumnKind::Never : rule->kind;
}

bool is_always_quasi_identifier(std::string_view category) noexcept {
  const Rule* rule = rule_of(category);
  return rule != nullptr && rule->always_quasi;
}

bool is_always_sensitive(std::string_view category, const policies::Pack& pack) noexcept {
  return pack.is_special_category(category);
}

DatasetColumn::DatasetColumn(std::string category, ColumnKind kind, anonymity::ColumnRole role, std::size_t rows)
    : category_(std::move(category)),
      name_(category_ == kBirthDate ? "user.demographic.age" : category_),
      kind_(kind),
      role_(role),
      texts_(1),
      values_(1) {
  code_of_text_.emplace(std::string(), 0);
  codes_.assign(rows, 0);
}

std::uint32_t DatasetColumn::code_of(const std::string& text, const json& value) {
  const auto [found, is_new] = code_of_text_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) {
    texts_.push_back(text);
    values_.push_back(value);
  }
  return found->second;
}

void DatasetColumn::add(const json& given, base::Date today) {
  json value = given;
  if (kind_ == ColumnKind::Age) {
    const auto birth = value.is_string() ? base::parse_date(value.get_ref<const std::string&>()) : std::nullopt;
    // The date itself never leaves; what is no date is as if nothing were held.
    value = birth && *birth <= today ? json(std::to_string(base::full_years_between(*birth, today))) : json();
  }
  if (kind_ == ColumnKind::Count) value = counted(value);
  if (value.is_null()) {
    codes_.push_back(0);
    return;
  }
  if (reads_like_free_text(value)) free_text_ = true;
  const std::string text = text_of_value(value);
  codes_.push_back(code_of(text, value));
}

void DatasetColumn::fill(std::size_t rows) { codes_.resize(rows, 0); }

std::size_t DatasetColumn::hide_rare(std::uint32_t k) {
  std::size_t hidden = hide_rare_items(k);
  std::vector<std::uint32_t> people(texts_.size(), 0);
  for (const auto code : codes_) ++people[code];
  // Two people with one rare value each are two of "(rare)": that they differ is not told.
  const std::uint32_t rare = code_of(std::string(kRare), json(kRare));
  people.resize(texts_.size(), k);
  for (auto& code : codes_)
    if (code != 0 && code != rare && people[code] < k && !values_[code].is_array()) {
      code = rare;
      ++hidden;
    }
  return hidden;
}

// A skill that only one person has goes out of the list; which skills go together stays.
std::size_t DatasetColumn::hide_rare_items(std::uint32_t k) {
  std::unordered_map<std::string, std::uint32_t> people;
  for (const auto code : codes_)
    if (values_[code].is_array())
      for (const auto& item : values_[code]) ++people[item.get_ref<const std::string&>()];
  std::size_t hidden = 0;
  const auto before = static_cast<std::uint32_t>(texts_.size());
  std::vector<std::uint32_t> now(before);
  for (std::uint32_t code = 0; code < before; ++code) {
    now[code] = code;
    if (!values_[code].is_array()) continue;
    json kept = json::array();
    for (const auto& item : values_[code])
      if (people[item.get_ref<const std::string&>()] >= k) kept.push_back(item);
    if (kept.size() == values_[code].size()) continue;
    const std::string text = kept.empty() ? std::string(kRare) : text_of_value(kept);
    now[code] = code_of(text, kept.empty() ? json(kRare) : kept);
  }
  for (auto& code : codes_)
    if (now[code] != code) {
      code = now[code];
      ++hidden;
    }
  return hidden;
}

anonymity::Column DatasetColumn::to_column() const {
  std::vector<std::string> values;
  values.reserve(codes_.size());
  for (const auto code : codes_) values.push_back(texts_[code]);
  anonymity::Column out = anonymity::make_column(name_, role_, values);
  if (role_ == anonymity::ColumnRole::Sensitive) return out;
  switch (kind_) {
    case ColumnKind::Age:
      out.hierarchy = anonymity::number_hierarchy(out.domain, {5, 10, 20, 40});
      break;
    case ColumnKind::Count:
      out.hierarchy = anonymity::number_hierarchy(out.domain, {5, 10, 20});
      break;
    case ColumnKind::Band:
      out.hierarchy = anonymity::band_hierarchy(out.domain);
      break;
    case ColumnKind::Area:
      out.hierarchy = anonymity::make_hierarchy(out.domain, {{"département", area_of}});
      break;
    case ColumnKind::List:
      out.hierarchy = anonymity::make_hierarchy(
          out.domain, {{"how many", [this](const std::string& text) {
                          const auto& value = values_[code_of_text_.at(text)];
                          return value.is_array() ? std::to_string(value.size()) + " of them" : text;
                        }}});
      break;
    case ColumnKind::Plain:
    case ColumnKind::Never:
      out.hierarchy = anonymity::flat_hierarchy(out.domain);
      break;
  }
  return out;
}

json DatasetColumn::to_json(const std::string& label) const {
  if (label.empty()) return nullptr;
  const auto found = code_of_text_.find(label);
  if (found == code_of_text_.end()) return label;
  return values_[found->second].is_array() ? values_[found->second] : json(label);
}

}  // namespace egide::vault
