#include "object_node.h"

#include <algorithm>
#include <set>

#include "egide/base/json.h"

namespace egide::policies {
namespace {

constexpr std::size_t kMaxText = 4000;
constexpr std::size_t kMaxItems = 1000;

}  // namespace

void Mistakes::add(const std::string& pointer, const std::string& detail) {
  list_.push_back({pointer, file_ + ": " + detail, document_->line(pointer)});
}

bool Mistakes::has(const std::string& pointer) const {
  return std::any_of(list_.begin(), list_.end(), [&](const base::FieldError& e) { return e.pointer == pointer; });
}

std::vector<base::FieldError> Mistakes::in_order_of_lines() const {
  auto out = list_;
  std::stable_sort(out.begin(), out.end(),
                   [](const base::FieldError& a, const base::FieldError& b) { return a.line < b.line; });
  return out;
}

std::string pointer_to(const std::string& parent, std::string_view key) {
  return parent + "/" + base::pointer_token(key);
}

std::string pointer_to(const std::string& parent, std::size_t index) { return parent + "/" + std::to_string(index); }

bool is_word(std::string_view text) noexcept {
  if (text.empty() || text.size() > 100 || text[0] < 'a' || text[0] > 'z') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string listed(const Words& words) {
  std::string out;
  for (const std::string_view word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

ObjectNode::ObjectNode(const base::Json* value, std::string pointer, Mistakes& mistakes)
    : value_(value), pointer_(std::move(pointer)), mistakes_(&mistakes) {
  if (value_ != nullptr && !value_->is_object()) {
    mistakes_->add(pointer_, "must be an object");
    value_ = nullptr;
  }
}

const base::Json* ObjectNode::member(std::string_view key, Need need) {
  asked_.emplace_back(key);
  if (value_ == nullptr) return nullptr;
  const auto found = value_->find(key);
  if (found != value_->end() && !found->is_null()) return &*found;
  if (need == Need::Required) mistake(key, "is required");
  return nullptr;
}

std::string ObjectNode::text(std::string_view key, Need need) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return {};
  if (!found->is_string()) {
    mistake(key, "must be a string");
    return {};
  }
  const auto& text = found->get_ref<const std::string&>();
  if (text.empty() || text.size() > kMaxText) {
    mistake(key, "must have between 1 and " + std::to_string(kMaxText) + " bytes");
    return {};
  }
  return text;
}

std::string ObjectNode::word(std::string_view key, Need need) {
  std::string found = text(key, need);
  if (!found.empty() && !is_word(found)) mistake(key, "must be one word of lower-case letters, digits and underscores");
  return found;
}

std::optional<bool> ObjectNode::boolean(std::string_view key, Need need) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return std::nullopt;
  if (!found->is_boolean()) {
    mistake(key, "must be true or false");
    return std::nullopt;
  }
  return found->get<bool>();
}

std::optional<std::int64_t> ObjectNode::integer(std::string_view key, Need need, std::int64_t min, std::int64_t max) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return std::nullopt;
  const bool whole = found->is_number_unsigned() ? found->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                                                 : found->is_number_integer();
  if (!whole || found->get<std::int64_t>() < min || found->get<std::int64_t>() > max) {
    mistake(key, "must be an integer between " + std::to_string(min) + " and " + std::to_string(max));
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

std::optional<double> ObjectNode::share(std::string_view key, Need need) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number() || found->get<double>() < 0 || found->get<double>() > 1) {
    mistake(key, "must be a number between 0 and 1");
    return std::nullopt;
  }
  return found->get<double>();
}

std::optional<base::Duration> ObjectNode::duration(std::string_view key, Need need) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return std::nullopt;
  auto parsed = found->is_string() ? base::parse_duration(found->get_ref<const std::string&>()) : std::nullopt;
  if (!parsed) mistake(key, "must be an ISO 8601 duration such as P1Y, P30D or PT72H");
  return parsed;
}

std::string ObjectNode::choice(std::string_view key, Need need, const Words& allowed) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return {};
  if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return text;
  }
  mistake(key, "must be one of " + listed(allowed));
  return {};
}

const base::Json* ObjectNode::array(std::string_view key, Need need, std::size_t min_items) {
  const base::Json* found = member(key, need);
  if (found == nullptr) return nullptr;
  if (!found->is_array() || found->size() < min_items || found->size() > kMaxItems) {
    mistake(key, min_items == 0 ? "must be an array" : "must be an array that is not empty");
    return nullptr;
  }
  return found;
}

std::vector<std::string> ObjectNode::strings(std::string_view key, Need need, std::size_t min_items) {
  std::vector<std::string> out;
  const base::Json* found = array(key, need, min_items);
  if (found == nullptr) return out;
  std::set<std::string> seen;
  bool all_strings = true;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const base::Json& item = (*found)[i];
    const std::string at = pointer_to(pointer_of(key), i);
    if (!item.is_string() || item.get_ref<const std::string&>().empty()) {
      mistakes_->add(at, "must be a string that is not empty");
      all_strings = false;
      continue;
    }
    out.push_back(item.get<std::string>());
    if (!seen.insert(out.back()).second) mistakes_->add(at, "stands twice in the list");
  }
  if (!all_strings) out.clear();  // the places of what follows would be told wrong
  return out;
}

std::vector<std::string> ObjectNode::choices(std::string_view key, Need need, const Words& allowed) {
  auto out = strings(key, need);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (std::find(allowed.begin(), allowed.end(), out[i]) == allowed.end())
      mistakes_->add(pointer_to(pointer_of(key), i), "must be one of " + listed(allowed));
  return out;
}

ObjectNode ObjectNode::object(std::string_view key, Need need) {
  return ObjectNode(member(key, need), pointer_of(key), *mistakes_);
}

Text ObjectNode::text_by_language(std::string_view key, Need need, const std::vector<std::string>& languages,
                                  bool all) {
  Text out;
  ObjectNode node = object(key, need);
  if (!node.present()) return out;
  for (const std::string& language : languages) {
    const std::string text = node.text(language, all ? Need::Required : Need::Optional);
    if (!text.empty()) out.by_language[language] = text;
  }
  if (!all && out.by_language.empty()) mistake(key, "must have a text in one of the pack's languages");
  node.close();
  return out;
}

std::vector<std::string> ObjectNode::remaining() const {
  std::vector<std::string> out;
  if (value_ == nullptr) return out;
  for (const auto& item : value_->items())
    if (item.key() != "$comment" && std::find(asked_.begin(), asked_.end(), item.key()) == asked_.end())
      out.push_back(item.key());
  return out;
}

void ObjectNode::close() {
  if (value_ == nullptr) return;
  const auto comment = value_->find("$comment");
  if (comment != value_->end() && !comment->is_string()) mistake("$comment", "must be a string");
  Words known(asked_.begin(), asked_.end());
  for (const std::string& name : remaining())
    if (!mistakes_->has(pointer_of(name))) mistake(name, "is not a known member (known here: " + listed(known) + ")");
}

}  // namespace egide::policies
