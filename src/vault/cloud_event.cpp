#include "cloud_event.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "egide/base/time.h"

namespace egide::vault {
namespace {

constexpr std::string_view kDecisionType = "org.egide.decision.v1";
constexpr std::size_t kMaxEvent = 256U << 10;

// Class C of docs/formats/decision-record.md. A member that stands in no list is sealed.
constexpr std::array kClearData = {"system_version",
                                   "model_digest",
                                   "ruleset_revision",
                                   "config_digest",
                                   "labels",
                                   "legal_basis",
                                   "art22_basis",
                                   "notice_ref",
                                   "decision_type",
                                   "automation_level",
                                   "effect",
                                   "effect_text",
                                   "polarity",
                                   "mission_type",
                                   "outcome",
                                   "confidence",
                                   "abstained",
                                   "genai",
                                   "human_review_status",
                                   "masked",
                                   "erased",
                                   "retention_until",
                                   "legal_hold"};
// Attributes whose digits are no telephone number.
constexpr std::array kNumbered = {"id", "time", "recordedtime", "sequence", "traceparent", "specversion"};

template <std::size_t N>
bool is_in(const std::array<const char*, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos;
}

bool looks_like_phone(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      ++digits;
    else if (c != '+' && c != ' ' && c != '.' && c != '-' && c != '(' && c != ')')
      return false;
  }
  return digits >= 9 && digits <= 15 && (text.front() == '+' || text.front() == '0');
}

// Context attributes travel in clear through queues and logs: they name the mission or the batch, never a person.
void refuse_personal_attributes(base::ObjectReader& in, const base::Json& event) {
  for (const auto& item : event.items()) {
    if (item.key() == "data" || !item.value().is_string()) continue;
    const auto& text = item.value().get_ref<const std::string&>();
    if (looks_like_email(text) || (!text.empty() && !is_in(kNumbered, item.key()) && looks_like_phone(text)))
      in.mistake(item.key(),
                 "looks like an e-mail address or a telephone number: name the mission or the case here, "
                 "and the person in data.subject");
  }
}

void append_member(std::string& out, const std::string& name, const base::Json& value) {
  out += out.empty() ? '{' : ',';
  out += base::Json(name).dump();
  out += ':';
  out += value.dump(-1, ' ', false, base::Json::error_handler_t::replace);
}

void check_outcome(base::ObjectReader& data) {
  const base::Json* outcome = data.required_object("outcome");
  if (outcome == nullptr) return;
  base::ObjectReader in(*outcome, data.pointer_to("outcome"));
  const base::Json* value = in.find("value");
  if (value == nullptr || (!value->is_string() && !value->is_boolean() && !value->is_number()))
    in.mistake("value", "is required: a text, a number, true or false");
  for (const char* number : {"score", "threshold"}) (void)in.optional_number(number);
  for (const char* integer : {"rank", "candidates_count"}) (void)in.optional_integer(integer, 0, 1'000'000'000);
  data.take(in);
}

void check_inputs(base::ObjectReader& data) {
  for (const char* list : {"inputs_used", "contributions"}) {
    const base::Json* items = data.optional_array(list, 1000);
    if (items == nullptr) continue;
    for (std::size_t i = 0; i < items->size(); ++i) {
      base::ObjectReader one((*items)[i], data.pointer_to(list) + "/" + std::to_string(i));
      (void)one.required_string("name", {.max = 200});
      if (std::string_view(list) == "contributions") (void)one.optional_number("contribution");
      data.take(one);
    }
  }
}

void read_data(base::ObjectReader& data, const base::Json& value, DecisionEvent& out) {
  out.person = data.optional_string("subject", {.max = 200}).value_or("");
  out.system_id = data.required_string("system_id", {.max = 200});
  out.system_version = data.optional_string("system_version", {.max = 200}).value_or("");
  out.purpose = data.optional_string("purpose_id", {.max = 200}).value_or("");
  (void)data.optional_choice("decision_type",
                             {"match", "rank", "score", "classify", "recommend", "generate", "allow_deny"});
  (void)data.optional_choice("effect", {"none", "minor", "similarly_significant", "legal"});
  (void)data.optional_choice("polarity", {"benefit", "burden"});
  const auto level = data.optional_choice(
      "automation_level", {"none", "advisory", "human_confirms", "human_decides_with_score", "solely_automated"});
  if (level) out.automation = policies::parse_automation(*level);
  check_outcome(data);
  check_inputs(data);
  (void)data.optional_array("counterfactuals", 100);
  (void)data.optional_array("reason_codes", 100);
  (void)data.optional_object("explanation_text");
  if (!value.is_object()) return;
  for (const auto& item : value.items()) {
    const std::string& name = item.key();
    if (name == "subject" || name == "system_id" || name == "purpose_id") continue;
    if (is_in(kClearData, name)) {
      append_member(out.clear, name, item.value());
    } else {
      append_member(out.sealed, name, item.value());
      out.sealed_names.push_back(name);
    }
  }
}

}  // namespace

DecisionEvent read_decision_event(const base::Json& event, const std::string& pointer, base::Timestamp now,
                                  std::vector<base::FieldError>& mistakes) {
  DecisionEvent out;
  base::ObjectReader in(event, pointer);
  in.required_choice("specversion", {"1.0"});
  out.id = in.required_string("id", {.max = 200});
  out.source = in.required_string("source", {.max = 200});
  out.type = in.required_string("type", {.max = 200});
  if (!out.type.empty() && out.type != kDecisionType)
    in.mistake("type", "must be org.egide.decision.v1: other events are not accepted yet");
  out.time = now;
  if (const auto time = in.optional_string("time")) {
    const auto parsed = base::parse_rfc3339(*time);
    if (!parsed)
      in.mistake("time", "must be an RFC 3339 time");
    else if (*parsed > now + std::chrono::minutes(5))
      in.mistake("time", "lies in the future");
    else
      out.time = *parsed;
  }
  out.sequence = in.optional_string("sequence", {.max = 100}).value_or("");
  if (event.is_object()) {
    refuse_personal_attributes(in, event);
    for (const char* kept : {"subject", "correlationid", "causationid", "recordedtime", "traceparent", "dataref",
                             "dataclassification", "dataregulation", "datacategory"})
      if (const auto text = in.optional_string(kept, {.max = 1000})) append_member(out.clear, kept, *text);
    if (event.dump().size() > kMaxEvent) in.mistake("data", "makes the event larger than 256 KiB");
  }
  if (const base::Json* data = in.required_object("data")) {
    base::ObjectReader reader(*data, in.pointer_to("data"));
    read_data(reader, *data, out);
    in.take(reader);
  }
  mistakes.insert(mistakes.end(), in.mistakes().begin(), in.mistakes().end());
  return out;
}

}  // namespace egide::vault
