#include "decision_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/time.h"

namespace egide::vault {
namespace {

using base::Json;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool is_language(std::string_view text) {
  return text.size() >= 2 && text.size() <= 35 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

std::string Place::pointer() const {
  if (up_ == nullptr) return std::string(key_);
  std::string out = up_->pointer() + '/';
  if (index_ != kNone) return out + std::to_string(index_);
  return out + base::pointer_token(key_);
}

bool check_text(const Json& value, const Place& place, std::size_t max) {
  if (!value.is_string()) {
    place.mistake("must be a text");
    return false;
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty() || text.size() > max) {
    place.mistake("must have between 1 and " + std::to_string(max) + " bytes");
    return false;
  }
  if (has_control(text)) {
    place.mistake("may not hold control characters");
    return false;
  }
  return true;
}

bool check_choice(const Json& value, const Place& place, std::initializer_list<std::string_view> choices) {
  if (value.is_string())
    for (const auto choice : choices)
      if (value.get_ref<const std::string&>() == choice) return true;
  std::string detail = "must be one of ";
  for (const auto choice : choices) {
    if (choice != *choices.begin()) detail += ", ";
    detail += choice;
  }
  place.mistake(detail);
  return false;
}

void check_flag(const Json& value, const Place& place) {
  if (!value.is_boolean()) place.mistake("must be true or false");
}

void check_number(const Json& value, const Place& place) {
  if (!value.is_number()) place.mistake("must be a number");
}

void check_count(const Json& value, const Place& place) {
  if (!value.is_number_unsigned() && !(value.is_number_integer() && value.get<std::int64_t>() >= 0))
    place.mistake("must be a whole number from 0");
}

void check_time(const Json& value, const Place& place) {
  if (!value.is_string() || !base::parse_rfc3339(value.get_ref<const std::string&>()))
    place.mistake("must be an RFC 3339 time");
}

void check_day(const Json& value, const Place& place) {
  if (!value.is_string() || (!base::parse_date(value.get_ref<const std::string&>()) &&
                             !base::parse_rfc3339(value.get_ref<const std::string&>())))
    place.mistake("must be a date or an RFC 3339 time");
}

void check_texts(const Json& value, const Place& place) {
  if (!check_object(value, place)) return;
  for (const auto& [language, text] : value.get_ref<const Json::object_t&>()) {
    const Place here = place.in(language);
    if (!is_language(language)) here.mistake("is not a language tag such as fr or en");
    if (!text.is_string() || text.get_ref<const std::string&>().empty() ||
        text.get_ref<const std::string&>().size() > 10000)
      here.mistake("must be a text of 1 to 10000 bytes");
  }
}

void check_labels(const Json& value, const Place& place) {
  if (!check_object(value, place)) return;
  for (const auto& [name, text] : value.get_ref<const Json::object_t&>()) check_text(text, place.in(name), 200);
}

void check_list_of_texts(const Json& value, const Place& place) {
  if (!check_array(value, place, 200)) return;
  for (std::size_t i = 0; i < value.size(); ++i) check_text(value[i], place.at(i), 500);
}

void check_pointers(const Json& value, const Place& place) {
  if (!check_array(value, place, 500)) return;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (!value[i].is_string() || !value[i].get_ref<const std::string&>().starts_with('/') ||
        value[i].get_ref<const std::string&>().size() > 500)
      place.at(i).mistake("must be a JSON pointer such as /data/inputs_used/0");
}

bool check_object(const Json& value, const Place& place) {
  if (!value.is_object()) place.mistake("must be an object");
  return value.is_object();
}

bool check_array(const Json& value, const Place& place, std::size_t max) {
  if (!value.is_array() || value.size() > max) {
    place.mistake("must be an array of at most " + std::to_string(max));
    return false;
  }
  return true;
}

const Json* required(const Json& object, std::string_view name, const Place& place) {
  if (const auto found = object.find(name); found != object.end()) return &*found;
  place.in(name).mistake("is required");
  return nullptr;
}

}  // namespace egide::vault
