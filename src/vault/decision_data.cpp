#include "decision_data.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "decision_rules.h"
#include "entries.h"

namespace egide::vault {
namespace {

using base::Json;

// Where a member goes. Split: those members of the object that are listed are clear, the others sealed.
enum class Class { Column, Clear, Sealed, Split };

void check_outcome(const Json& value, const Place& place) {
  if (!check_object(value, place)) return;
  const Json* result = required(value, "value", place);
  if (result != nullptr && !result->is_boolean() && !result->is_number()) check_text(*result, place.in("value"), 200);
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    if (name == "score" || name == "threshold") check_number(member, place.in(name));
    if (name == "rank" || name == "candidates_count") check_count(member, place.in(name));
    if (name == "k_of_n") check_text(member, place.in(name), 50);
  }
}

void check_notice(const Json& value, const Place& place) {
  if (!check_object(value, place)) return;
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    if (name == "notice_version" && !member.is_number_integer()) check_text(member, place.in(name), 100);
    if (name == "delivered_at") check_time(member, place.in(name));
  }
}

void check_genai(const Json& value, const Place& place) {
  if (!check_object(value, place)) return;
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    if (name == "provider" || name == "request_model" || name == "response_model" || name == "operation")
      check_text(member, place.in(name), 200);
    if (name == "finish_reasons") check_list_of_texts(member, place.in(name));
    if (name != "tokens") continue;
    const Place tokens = place.in(name);
    if (!member.is_object())
      check_count(member, tokens);
    else
      for (const auto& [kind, count] : member.get_ref<const Json::object_t&>()) check_count(count, tokens.in(kind));
  }
}

// An array of at most `most` objects, each of them checked by `check(object, place)`.
template <typename Check>
void check_objects(const Json& value, const Place& place, std::size_t most, Check&& check) {
  if (!check_array(value, place, most)) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Place here = place.at(i);
    if (check_object(value[i], here)) check(value[i], here);
  }
}

void check_its_name(const Json& value, const Place& place) {
  if (const Json* name = required(value, "name", place)) check_text(*name, place.in("name"), 200);
}

void check_input(const Json& value, const Place& place) {
  check_its_name(value, place);
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    if (name == "source") check_text(member, place.in(name), 200);
    if (name == "as_of") check_day(member, place.in(name));
    if (name == "personal" || name == "special_category") check_flag(member, place.in(name));
  }
}

void check_contribution(const Json& value, const Place& place) {
  check_its_name(value, place);
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    if (name == "weight" || name == "contribution") check_number(member, place.in(name));
    if (name == "direction") check_choice(member, place.in(name), {"for", "against"});
  }
}

void check_counterfactual(const Json& value, const Place& place) {
  if (const Json* changes = required(value, "changes", place))
    check_objects(*changes, place.in("changes"), 100, check_its_name);
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    if (name == "new_outcome") check_object(member, place.in(name));
    if (name == "method") check_text(member, place.in(name), 200);
    if (name == "actionable") check_flag(member, place.in(name));
  }
}

void check_inputs(const Json& value, const Place& place) { check_objects(value, place, 1000, check_input); }
void check_contributions(const Json& value, const Place& place) {
  check_objects(value, place, 1000, check_contribution);
}
void check_counterfactuals(const Json& value, const Place& place) {
  check_objects(value, place, 100, check_counterfactual);
}

void check_any_array(const Json& value, const Place& place) { check_array(value, place, 1000); }
void check_name(const Json& value, const Place& place) { check_text(value, place, 200); }

struct Rule {
  std::string_view name;
  Class kind;
  void (*check)(const Json&, const Place&);
  std::string_view clear_members;  // of a Split, each between spaces
};

// By name. A member that is not here is sealed as it is.
constexpr std::array kRules = {
    Rule{"abstained", Class::Clear, check_flag, {}},
    Rule{"alternatives_considered", Class::Sealed, check_any_array, {}},
    Rule{"art22_basis",
         Class::Clear,
         [](const Json& v, const Place& p) {
           check_choice(v, p, {"none", "contract", "law", "explicit_consent"});
         },
         {}},
    Rule{"automation_level",
         Class::Clear,
         [](const Json& v, const Place& p) {
           check_choice(v, p, {"solely_automated", "human_confirms", "human_decides_with_score", "advisory", "none"});
         },
         {}},
    Rule{"causation_id", Class::Clear, check_name, {}},
    Rule{"confidence", Class::Clear, check_number, {}},
    Rule{"config_digest", Class::Clear, check_name, {}},
    Rule{"contributions", Class::Sealed, check_contributions, {}},
    Rule{"correlation_id", Class::Clear, check_name, {}},
    Rule{"counterfactuals", Class::Sealed, check_counterfactuals, {}},
    Rule{"decision_type",
         Class::Clear,
         [](const Json& v, const Place& p) {
           check_choice(v, p, {"match", "rank", "score", "classify", "recommend", "generate", "allow_deny"});
         },
         {}},
    Rule{"effect",
         Class::Clear,
         [](const Json& v, const Place& p) {
           check_choice(v, p, {"none", "minor", "similarly_significant", "legal"});
         },
         {}},
    Rule{"effect_text", Class::Clear, check_texts, {}},
    Rule{"erased", Class::Clear, check_pointers, {}},
    Rule{"explanation_text", Class::Sealed, check_texts, {}},
    Rule{"genai", Class::Split, check_genai, " provider request_model response_model operation finish_reasons tokens "},
    Rule{"inputs_used", Class::Sealed, check_inputs, {}},
    Rule{"labels", Class::Clear, check_labels, {}},
    Rule{"legal_basis", Class::Clear, check_name, {}},
    Rule{"masked", Class::Clear, check_pointers, {}},
    Rule{"mission_type", Class::Clear, check_name, {}},
    Rule{"model_digest", Class::Clear, check_name, {}},
    Rule{"notice_ref", Class::Split, check_notice, " notice_version delivered_at "},
    Rule{"outcome", Class::Split, check_outcome, " value score threshold rank k_of_n candidates_count "},
    Rule{"polarity",
         Class::Clear,
         [](const Json& v, const Place& p) {
           check_choice(v, p, {"benefit", "burden"});
         },
         {}},
    Rule{"purpose_id", Class::Column, check_name, {}},
    Rule{"reason_codes", Class::Sealed, check_list_of_texts, {}},
    Rule{"requested_by", Class::Sealed, check_name, {}},
    Rule{"ruleset_revision", Class::Clear, check_name, {}},
    Rule{"span_id", Class::Clear, check_name, {}},
    Rule{"subject", Class::Column, check_name, {}},
    Rule{"system_id", Class::Column, check_name, {}},
    Rule{"system_version", Class::Column, check_name, {}},
    Rule{"trace_id", Class::Clear, check_name, {}},
};
// What egide adds to the two parts, or to a decision later: a tool's own member of that name could pass for it.
constexpr std::array<std::string_view, 9> kReserved = {
    "consent",  "consent_record",  "decision_id", "event_attributes", "human_review_status",
    "not_kept", "policy_revision", "reason",      "record_sha256"};

const Rule* rule_of(std::string_view name) {
  const auto found = std::lower_bound(kRules.begin(), kRules.end(), name,
                                      [](const Rule& rule, std::string_view wanted) { return rule.name < wanted; });
  return found != kRules.end() && found->name == name ? &*found : nullptr;
}

std::string canonical(const Json& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

void split(const Rule& rule, const Json& value, DecisionEvent& out) {
  std::string clear, sealed;
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
    std::string& part = rule.clear_members.find(' ' + name + ' ') != std::string_view::npos ? clear : sealed;
    part += part.empty() ? "{" : ",";
    append_json_string(part, name);
    part += ':';
    append_canonical(part, member);
  }
  if (!clear.empty()) out.clear.push_back({rule.name, clear + '}'});
  if (!sealed.empty()) out.sealed.push_back({rule.name, sealed + '}'});
}

void take_column(std::string_view name, const Json& value, DecisionEvent& out) {
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  if (name == "subject") out.person = text;
  if (name == "system_id") out.system_id = text;
  if (name == "system_version") out.system_version = text;
  if (name == "purpose_id") out.purpose = text;
}

void take(std::string_view name, const Json& value, const Place& place, DecisionEvent& out) {
  const Rule* rule = rule_of(name);
  if (rule == nullptr) {
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
      place.mistake("is a name that egide uses itself");
    out.sealed.push_back({name, canonical(value)});
    return;
  }
  rule->check(value, place);
  switch (rule->kind) {
    case Class::Column:
      take_column(name, value, out);
      return;
    case Class::Clear:
      out.clear.push_back({rule->name, canonical(value)});
      return;
    case Class::Sealed:
      out.sealed.push_back({rule->name, canonical(value)});
      return;
    case Class::Split:
      if (value.is_object()) split(*rule, value, out);
      return;
  }
}

}  // namespace

void read_decision_data(const Json& data, const Place& place, DecisionEvent& out) {
  if (!check_object(data, place)) return;
  for (const char* needed : {"system_id", "outcome"}) required(data, needed, place);
  for (const auto& [name, value] : data.get_ref<const Json::object_t&>()) take(name, value, place.in(name), out);
  const auto text_of = [&data](const char* name) -> std::string_view {
    const auto found = data.find(name);
    return found != data.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                     : std::string_view();
  };
  out.automation = policies::parse_automation(text_of("automation_level"));
  out.effect = policies::parse_effect(text_of("effect"));
}

}  // namespace egide::vault
