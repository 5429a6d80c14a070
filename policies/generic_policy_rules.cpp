#include "generic_policy_rules.h"

#include <algorithm>

namespace egide::policies {
namespace {

// An attribute's value: text of the request itself, or JSON. Neither: it is missing.
struct Value {
  const base::Json* json = nullptr;
  std::string_view text;
  bool is_text = false;
  bool missing() const noexcept { return json == nullptr && !is_text; }
};

// JSON's null is absence; a null in the request hides what is stored.
Value property(const base::Json* sent, const base::Json* stored, const std::string& key) {
  for (const base::Json* object : {sent, stored}) {
    if (object == nullptr || !object->is_object()) continue;
    const auto found = object->find(key);
    if (found == object->end()) continue;
    return found->is_null() ? Value() : Value{&*found, {}, false};
  }
  return {};
}

Value text(std::string_view value) { return {nullptr, value, true}; }

Value party_value(const GenericAttribute& attribute, const GenericParty& party, const base::Json* stored) {
  switch (attribute.part) {
    case GenericAttribute::Part::Type:
      return text(party.type);
    case GenericAttribute::Part::Id:
      return text(party.id);
    case GenericAttribute::Part::Property:
      return property(party.properties, stored, attribute.key);
    case GenericAttribute::Part::Name:
      break;
  }
  return {};
}

Value value_of(const GenericAttribute& attribute, const GenericFacts& facts) {
  const GenericRequest& request = *facts.request;
  switch (attribute.of) {
    case GenericAttribute::Of::Subject:
      return party_value(attribute, request.subject, facts.subject);
    case GenericAttribute::Of::Resource:
      return party_value(attribute, request.resource, facts.resource);
    case GenericAttribute::Of::Action:
      if (attribute.part == GenericAttribute::Part::Name) return text(request.action.name);
      return property(request.action.properties, facts.action, attribute.key);
    case GenericAttribute::Of::Context:
      return property(request.context, nullptr, attribute.key);
  }
  return {};
}

// The JSON library holds 1 and 1.0 for equal, and true and 1 for different: as this language wants it.
bool equal(const Value& a, const base::Json& b) {
  if (!a.is_text) return *a.json == b;
  return b.is_string() && b.get_ref<const std::string&>() == a.text;
}

bool equal(const Value& a, const Value& b) {
  if (b.is_text) return a.is_text ? a.text == b.text : equal(b, *a.json);
  return equal(a, *b.json);
}

bool holds(const GenericTest& test, const GenericFacts& facts) {
  const Value value = value_of(test.attribute, facts);
  if (test.op == GenericOp::Absent) return value.missing();
  if (value.missing()) return false;
  switch (test.op) {
    case GenericOp::Eq:
      return equal(value, test.value);
    case GenericOp::Ne:
      return !equal(value, test.value);
    case GenericOp::In:
      return std::any_of(test.value.begin(), test.value.end(), [&](const auto& item) { return equal(value, item); });
    case GenericOp::EqAttr: {
      const Value other = value_of(test.other, facts);
      return !other.missing() && equal(value, other);
    }
    case GenericOp::Exists:
      return true;
    case GenericOp::Absent:
      break;
  }
  return false;
}

}  // namespace

bool parse_generic_attribute(std::string_view text, GenericAttribute& out) {
  using Of = GenericAttribute::Of;
  using Part = GenericAttribute::Part;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view head = text.substr(0, dot), tail = text.substr(dot + 1);
  if (tail.empty()) return false;
  if (head == "context") {
    out = {Of::Context, Part::Property, std::string(tail)};
    return true;
  }
  const bool is_action = head == "action";
  if (!is_action && head != "subject" && head != "resource") return false;
  out.of = is_action ? Of::Action : head == "subject" ? Of::Subject : Of::Resource;
  constexpr std::string_view kProperties = "properties.";
  if (tail.size() > kProperties.size() && tail.substr(0, kProperties.size()) == kProperties) {
    out.part = Part::Property;
    out.key = tail.substr(kProperties.size());
    return true;
  }
  out.part = is_action ? Part::Name : tail == "type" ? Part::Type : Part::Id;
  return tail == (is_action ? "name" : out.part == Part::Type ? "type" : "id");
}

bool rule_matches(const GenericRule& rule, const GenericFacts& facts) {
  return std::all_of(rule.when.begin(), rule.when.end(), [&](const auto& test) { return holds(test, facts); });
}

}  // namespace egide::policies
