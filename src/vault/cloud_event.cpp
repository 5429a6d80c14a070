#include "cloud_event.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "decision_data.h"
#include "decision_rules.h"
#include "egide/base/time.h"
#include "entries.h"

namespace egide::vault {
namespace {

using base::Json;

constexpr std::string_view kDecisionType = "org.egide.decision.v1";
constexpr std::array<std::string_view, 3> kLaterTypes = {"org.egide.review.v1", "org.egide.contest.v1",
                                                         "org.egide.outcome.v1"};
// A tool's clock may go before ours.
constexpr std::chrono::minutes kClockDifference{5};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A domain with a top level of letters stands at the head of `text`.
bool is_domain(std::string_view text) {
  std::size_t letters = 0;  // in the last label
  bool dot = false, only_letters = true;
  for (const char c : text) {
    if (c == '.') {
      dot = true;
      letters = 0;
      only_letters = true;
    } else if (is_letter(c)) {
      ++letters;
    } else if (is_digit(c) || c == '-') {
      only_letters = false;
    } else {
      break;
    }
  }
  return dot && only_letters && letters >= 2;
}

bool is_separator(char c) { return c == ' ' || c == '.' || c == '-'; }

// What follows a number decides whether it is one: a letter makes it part of a code or a UUID.
bool ends_at(std::string_view text, std::size_t at) {
  return at >= text.size() || !(is_digit(text[at]) || is_letter(text[at]) || text[at] == '_');
}

// "0639982122", "06 39 98 21 22": pairs with a separator between all or none.
bool is_national_phone(std::string_view text) {
  if (text.size() < 10 || text[0] != '0' || text[1] < '1' || text[1] > '9') return false;
  const std::size_t step = is_separator(text[2]) ? 3 : 2;
  const std::size_t length = 4 * step + 2;
  if (text.size() < length) return false;
  for (std::size_t at = 0; at < length; at += step) {
    if (!is_digit(text[at]) || !is_digit(text[at + 1])) return false;
    if (step == 3 && at > 0 && !is_separator(text[at - 1])) return false;
  }
  return ends_at(text, length);
}

// "+33 6 39 98 21 22": nine to fifteen digits, at most two separators between two of them.
bool is_international_phone(std::string_view text) {
  std::size_t digits = 0, at = 1, separators = 0;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      ++digits;
      separators = 0;
    } else if (is_separator(text[at]) || text[at] == '(' || text[at] == ')') {
      if (++separators > 2) break;
    } else {
      break;
    }
  }
  return digits >= 9 && digits <= 15 && ends_at(text, at);
}

struct Attribute {
  std::string_view name;
  bool clear;      // kept in the clear part
  bool digits_ok;  // numbers here are no telephone numbers
  void (*check)(const Json&, const Place&);
};

void check_short(const Json& value, const Place& place) { check_text(value, place, 200); }
void check_uri(const Json& value, const Place& place) { check_text(value, place, 1000); }

void check_json_type(const Json& value, const Place& place) {
  if (!check_text(value, place, 200)) return;
  const auto& text = value.get_ref<const std::string&>();
  const std::string_view type = std::string_view(text).substr(0, text.find(';'));
  if (type != "application/json" && !type.ends_with("+json"))
    place.mistake("must be a JSON type: data is read as JSON");
}

void check_traceparent(const Json& value, const Place& place) {
  const auto* text = value.get_ptr<const Json::string_t*>();
  bool right = text != nullptr && text->size() == 55;
  for (std::size_t i = 0; right && i < text->size(); ++i) {
    const char c = (*text)[i];
    right = i == 2 || i == 35 || i == 52 ? c == '-' : is_digit(c) || (c >= 'a' && c <= 'f');
  }
  if (!right) place.mistake("must be a W3C traceparent");
}

// The data classification extension: a label that is not known is to be refused, not passed over.
void check_classification(const Json& value, const Place& place) {
  check_choice(value, place, {"public", "internal", "confidential", "restricted"});
}
void check_category(const Json& value, const Place& place) {
  check_choice(value, place, {"non-sensitive", "standard", "sensitive", "special-category"});
}
void check_regulation(const Json& value, const Place& place) {
  if (!check_text(value, place, 200)) return;
  constexpr std::array<std::string_view, 6> kKnown = {"GDPR", "CCPA", "HIPAA", "ISO-27001", "NIST-800-53", "PCI-DSS"};
  std::string_view rest = value.get_ref<const std::string&>();
  while (true) {
    const auto comma = rest.find(',');
    std::string_view one = rest.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (std::find(kKnown.begin(), kKnown.end(), one) == kKnown.end()) {
      place.mistake("must be a list of GDPR, CCPA, HIPAA, ISO-27001, NIST-800-53, PCI-DSS");
      return;
    }
    if (comma == std::string_view::npos) return;
    rest.remove_prefix(comma + 1);
  }
}

// By name. Those that stand in columns of their own are not kept in the clear part again.
constexpr std::array kAttributes = {
    Attribute{"causationid", true, false, check_short},
    Attribute{"correlationid", true, false, check_short},
    Attribute{"datacategory", true, true, check_category},
    Attribute{"dataclassification", true, true, check_classification},
    Attribute{"datacontenttype", false, true, check_json_type},
    Attribute{"dataref", true, false, check_uri},
    Attribute{"dataregulation", true, true, check_regulation},
    Attribute{"dataschema", true, false, check_uri},
    Attribute{"id", false, true, check_short},
    Attribute{"recordedtime", true, true, check_time},
    Attribute{"sequence", false, true, check_short},
    Attribute{"source", false, false, check_short},
    Attribute{"specversion", false, true, [](const Json& v, const Place& p) { check_choice(v, p, {"1.0"}); }},
    Attribute{"subject", true, false, check_short},
    Attribute{"time", false, true, check_time},
    Attribute{"traceparent", true, true, check_traceparent},
    Attribute{"tracestate", true, true, check_uri},
    Attribute{"type", false, true, check_short},
};

const Attribute* attribute_of(std::string_view name) {
  const auto found =
      std::lower_bound(kAttributes.begin(), kAttributes.end(), name,
                       [](const Attribute& attribute, std::string_view wanted) { return attribute.name < wanted; });
  return found != kAttributes.end() && found->name == name ? &*found : nullptr;
}

// Context attributes travel in clear through queues and logs: they name the mission or the batch, never a person.
void refuse_person(const Json& value, const Place& place, bool digits_ok) {
  const auto* text = value.get_ptr<const Json::string_t*>();
  if (text == nullptr) return;
  if (holds_email(*text))
    place.mistake("looks like an e-mail address: name the mission or the case here, and the person in data.subject");
  else if (!digits_ok && holds_phone(*text))
    place.mistake("looks like a telephone number: name the mission or the case here, and the person in data.subject");
}

bool is_attribute_name(std::string_view name) {
  return !name.empty() && name.size() <= 50 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c); });
}

// An extension that is not known here may hold anything: it is kept for the person's eyes only.
void take_extension(std::string& extensions, const std::string& name, const Json& value, const Place& place) {
  if (!is_attribute_name(name)) place.mistake("is not the name of a CloudEvents attribute: a to z and 0 to 9");
  if (!value.is_string() && !value.is_boolean() && !value.is_number_integer())
    place.mistake("must be a text, a whole number, true or false");
  refuse_person(value, place, false);
  extensions += extensions.empty() ? "{" : ",";
  append_json_string(extensions, name);
  extensions += ':';
  append_canonical(extensions, value);
}

void take_attributes(const Json& event, const Place& place, DecisionEvent& out) {
  std::string extensions;
  for (const auto& [name, value] : event.get_ref<const Json::object_t&>()) {
    if (name == "data") continue;
    const Place here = place.in(name);
    if (name == "data_base64") {
      here.mistake("is not read: send data as JSON");
      continue;
    }
    const Attribute* attribute = attribute_of(name);
    if (attribute == nullptr) {
      take_extension(extensions, name, value, here);
      continue;
    }
    attribute->check(value, here);
    refuse_person(value, here, attribute->digits_ok);
    if (!attribute->clear) continue;
    std::string text;
    append_canonical(text, value);
    out.clear.push_back({attribute->name, std::move(text)});
  }
  if (!extensions.empty()) out.sealed.push_back({"event_attributes", extensions + '}'});
}

std::string text_of(const Json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void check_type(const Place& place, const std::string& type) {
  if (type.empty() || type == kDecisionType) return;
  const bool later = std::find(kLaterTypes.begin(), kLaterTypes.end(), type) != kLaterTypes.end();
  place.in("type").mistake(later ? "is not accepted yet: this version records org.egide.decision.v1"
                                 : "must be org.egide.decision.v1");
}

void take_time(const Json& event, const Place& place, base::Timestamp now, DecisionEvent& out) {
  const auto parsed = base::parse_rfc3339(text_of(event, "time"));
  out.time = parsed.value_or(now);
  if (out.time > now + kClockDifference) place.in("time").mistake("lies in the future");
}

}  // namespace

bool holds_email(std::string_view text) noexcept {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1))
    if (at > 0 && text[at - 1] != ' ' && is_domain(text.substr(at + 1))) return true;
  for (std::size_t at = text.find("%40"); at != std::string_view::npos; at = text.find("%40", at + 1))
    if (at > 0 && is_domain(text.substr(at + 3))) return true;
  return false;
}

bool holds_phone(std::string_view text) noexcept {
  for (std::size_t i = 0; i + 9 < text.size(); ++i) {
    if (text[i] == '+' && is_international_phone(text.substr(i))) return true;
    if (text[i] != '0') continue;
    // Inside a longer word or number it is part of that.
    const char before = i == 0 ? ' ' : text[i - 1];
    if (!is_digit(before) && !is_letter(before) && before != '_' && is_national_phone(text.substr(i))) return true;
  }
  return false;
}

DecisionEvent read_decision_event(const Json& event, const std::string& pointer, base::Timestamp now,
                                  std::vector<base::FieldError>& mistakes) {
  DecisionEvent out;
  Mistakes here(mistakes);
  const Place place(pointer, here);
  if (!check_object(event, place)) return out;
  for (const char* needed : {"specversion", "id", "source", "type", "data"}) required(event, needed, place);
  out.clear.reserve(16);
  out.sealed.reserve(8);
  take_attributes(event, place, out);
  out.source = text_of(event, "source");
  out.id = text_of(event, "id");
  out.type = text_of(event, "type");
  out.sequence = text_of(event, "sequence");
  check_type(place, out.type);
  take_time(event, place, now, out);
  if (const auto data = event.find("data"); data != event.end()) read_decision_data(*data, place.in("data"), out);
  if (!out.person.empty() && out.person == text_of(event, "subject"))
    place.in("subject").mistake("names the person of data.subject: name the mission, the case or the batch here");
  return out;
}

}  // namespace egide::vault
