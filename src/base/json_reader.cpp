#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"

namespace egide::base {
namespace {

std::string listed(const std::vector<std::string_view>& allowed) {
  std::string out = "must be one of ";
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (i > 0) out += ", ";
    out += allowed[i];
  }
  return out;
}

}  // namespace

std::string pointer_token(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

ObjectReader::ObjectReader(const Json& value, std::string pointer) : value_(&value), pointer_(std::move(pointer)) {
  if (!value.is_object()) {
    mistakes_.push_back({pointer_, "must be an object", 0});
    value_ = nullptr;
  }
}

std::string ObjectReader::pointer_to(std::string_view key) const { return pointer_ + '/' + pointer_token(key); }

void ObjectReader::mistake(std::string_view key, std::string detail) {
  mistakes_.push_back({pointer_to(key), std::move(detail), 0});
}

void ObjectReader::take(const ObjectReader& nested) {
  mistakes_.insert(mistakes_.end(), nested.mistakes_.begin(), nested.mistakes_.end());
}

const Json* ObjectReader::find(std::string_view key) const {
  if (value_ == nullptr) return nullptr;
  const auto found = value_->find(key);
  return found == value_->end() ? nullptr : &*found;
}

const Json* ObjectReader::member(std::string_view key, bool required) {
  asked_.emplace_back(key);
  if (value_ == nullptr) return nullptr;
  const Json* found = find(key);
  if (found == nullptr || found->is_null()) {  // null for an optional member is absence
    if (required) mistake(key, "is required");
    return nullptr;
  }
  return found;
}

std::string ObjectReader::required_string(std::string_view key, const TextRule& rule) {
  if (member(key, true) == nullptr) return {};
  return optional_string(key, rule).value_or("");
}

std::optional<std::string> ObjectReader::optional_string(std::string_view key, const TextRule& rule) {
  const Json* found = member(key, false);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) {
    mistake(key, "must be a string");
    return std::nullopt;
  }
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() < rule.min || text.size() > rule.max) {
    mistake(key, "must have between " + std::to_string(rule.min) + " and " + std::to_string(rule.max) + " bytes");
    return std::nullopt;
  }
  return text;
}

std::int64_t ObjectReader::required_integer(std::string_view key, std::int64_t min, std::int64_t max) {
  if (member(key, true) == nullptr) return 0;
  return optional_integer(key, min, max).value_or(0);
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const Json* found = member(key, false);
  if (found == nullptr) return std::nullopt;
  const bool fits = found->is_number_unsigned() ? found->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                                                : found->is_number_integer();
  if (!fits || found->get<std::int64_t>() < min || found->get<std::int64_t>() > max) {
    mistake(key, "must be an integer between " + std::to_string(min) + " and " + std::to_string(max));
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

std::optional<double> ObjectReader::optional_number(std::string_view key) {
  const Json* found = member(key, false);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number()) {
    mistake(key, "must be a number");
    return std::nullopt;
  }
  return found->get<double>();
}

std::optional<bool> ObjectReader::optional_bool(std::string_view key) {
  const Json* found = member(key, false);
  if (found == nullptr) return std::nullopt;
  if (!found->is_boolean()) {
    mistake(key, "must be true or false");
    return std::nullopt;
  }
  return found->get<bool>();
}

bool ObjectReader::required_bool(std::string_view key) {
  if (member(key, true) == nullptr) return false;
  return optional_bool(key).value_or(false);
}

std::optional<std::vector<std::string>> ObjectReader::optional_strings(std::string_view key, std::size_t max_items) {
  const Json* found = optional_array(key, max_items);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Json& item = (*found)[i];
    if (!item.is_string()) {
      mistakes_.push_back({pointer_to(key) + "/" + std::to_string(i), "must be a string", 0});
      return std::nullopt;
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

std::vector<std::string> ObjectReader::required_strings(std::string_view key, std::size_t max_items) {
  if (member(key, true) == nullptr) return {};
  return optional_strings(key, max_items).value_or(std::vector<std::string>{});
}

std::string ObjectReader::required_choice(std::string_view key, const std::vector<std::string_view>& allowed) {
  if (member(key, true) == nullptr) return {};
  return optional_choice(key, allowed).value_or("");
}

std::optional<std::string> ObjectReader::optional_choice(std::string_view key,
                                                         const std::vector<std::string_view>& allowed) {
  const Json* found = member(key, false);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return text;
  }
  mistake(key, listed(allowed));
  return std::nullopt;
}

const Json* ObjectReader::required_object(std::string_view key) {
  return member(key, true) == nullptr ? nullptr : optional_object(key);
}

const Json* ObjectReader::optional_object(std::string_view key) {
  const Json* found = member(key, false);
  if (found == nullptr) return nullptr;
  if (!found->is_object()) {
    mistake(key, "must be an object");
    return nullptr;
  }
  return found;
}

const Json* ObjectReader::required_array(std::string_view key, std::size_t max_items) {
  return member(key, true) == nullptr ? nullptr : optional_array(key, max_items);
}

const Json* ObjectReader::optional_array(std::string_view key, std::size_t max_items) {
  const Json* found = member(key, false);
  if (found == nullptr) return nullptr;
  if (!found->is_array()) {
    mistake(key, "must be an array");
    return nullptr;
  }
  if (found->size() > max_items) {
    mistake(key, "must have at most " + std::to_string(max_items) + " items");
    return nullptr;
  }
  return found;
}

void ObjectReader::refuse_unknown() {
  if (value_ == nullptr) return;
  for (const auto& item : value_->items())
    if (std::find(asked_.begin(), asked_.end(), item.key()) == asked_.end())
      mistake(item.key(), "is not a known member");
}

Result<void> ObjectReader::finish() const {
  if (mistakes_.empty()) return {};
  return Error(ErrorCode::InvalidRequest, "The request is not valid", mistakes_);
}

}  // namespace egide::base
