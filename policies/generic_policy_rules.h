// What a generic policy holds once it is read, and how one rule is tested. Private to this module.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "egide/policies/generic_policy.h"

namespace egide::policies {

enum class GenericOp : std::uint8_t { Eq, Ne, In, EqAttr, Exists, Absent };

struct GenericAttribute {
  enum class Of : std::uint8_t { Subject, Resource, Action, Context } of = Of::Subject;
  enum class Part : std::uint8_t { Type, Id, Name, Property } part = Part::Type;
  std::string key;  // of a property, or a member of the context
};
// "subject.type", "resource.properties.state", "action.name", "context.time"; false for anything else.
bool parse_generic_attribute(std::string_view text, GenericAttribute& out);

struct GenericTest {
  GenericAttribute attribute;
  GenericOp op = GenericOp::Eq;
  base::Json value;        // Eq, Ne, In (an array)
  GenericAttribute other;  // EqAttr
};

struct GenericRule {
  std::string id;
  bool permit = false;
  std::vector<GenericTest> when;
};

struct GenericEntity {
  std::string type, id;  // of an action: empty, its name
  base::Json properties = base::Json::object();
};

struct GenericPolicies::Domain {
  std::string name;
  std::vector<GenericEntity> subjects, resources, actions;
  std::map<std::pair<std::string, std::string>, std::size_t> subject_at, resource_at;
  std::map<std::string, std::size_t, std::less<>> action_at;
  std::vector<GenericRule> rules;
  // Declared by an entity, or named by a rule.
  std::set<std::string, std::less<>> subject_types, resource_types;
  bool permit_by_default = false;
};

// A request with what the files say about its three entities; nullptr where they say nothing.
struct GenericFacts {
  const GenericRequest* request = nullptr;
  const base::Json *subject = nullptr, *resource = nullptr, *action = nullptr;
};
bool rule_matches(const GenericRule& rule, const GenericFacts& facts);

}  // namespace egide::policies
