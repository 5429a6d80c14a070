// Generic policies: reading, deciding, searching (docs/formats/generic-policy.md).
#include "egide/policies/generic_policy.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pack_fixture.h"

namespace egide::policies {
namespace {

using nlohmann::json;

json small() {
  return json::parse(R"({"format": "egide.policy.generic/1", "domain": "d",
    "subjects": [{"type": "user", "id": "ann", "properties": {"level": 3, "team": "a", "tags": ["x"]}},
                 {"type": "user", "id": "bob"}],
    "resources": [{"type": "doc", "id": "1", "properties": {"owner": "ann", "team": "a", "public": true}},
                  {"type": "doc", "id": "2", "properties": {"owner": "bob"}}],
    "actions": [{"name": "read"}, {"name": "write"}],
    "rules": [{"id": "r", "effect": "permit", "when": [{"attr": "subject.type", "op": "eq", "value": "user"}]}]})");
}

base::Result<std::shared_ptr<const GenericPolicies>> load(const std::vector<json>& files) {
  std::vector<PackFile> out;
  for (std::size_t i = 0; i < files.size(); ++i) out.push_back({"f" + std::to_string(i), files[i].dump(1)});
  return load_generic_policies(out, {"application", "person"}, testing::toy_hash);
}

std::shared_ptr<const GenericPolicies> loaded(const json& file) {
  auto out = load({file});
  EXPECT_TRUE(out) << (out ? "" : out.error().fields().front().pointer + " " + out.error().fields().front().detail);
  return out ? *out : std::make_shared<const GenericPolicies>();
}

GenericRequest ask(std::string_view subject, std::string_view action, std::string_view resource) {
  GenericRequest out;
  out.subject = {"user", subject, nullptr};
  out.resource = {"doc", resource, nullptr};
  out.action = {action, nullptr};
  return out;
}

// Whether the one test holds for (ann, read, 1), with these properties of the action and context.
bool holds(const char* test, const json& action = json::object(), const json& context = json::object()) {
  json file = small();
  file["rules"][0]["when"] = json::array({json::parse(test)});
  const auto policies = loaded(file);
  GenericRequest request = ask("ann", "read", "1");
  request.action.properties = &action;
  request.context = &context;
  return policies->decide(request).permit;
}

std::string mistake(const json& file, const std::string& pointer) {
  const auto out = load({file});
  EXPECT_FALSE(out) << pointer;
  if (out) return {};
  for (const auto& field : out.error().fields())
    if (field.pointer == pointer) {
      EXPECT_GT(field.line, 0);
      EXPECT_EQ(field.detail.rfind("f0: ", 0), 0U);
      return field.detail.substr(4);
    }
  ADD_FAILURE() << "no mistake at " << pointer << ", but at " << out.error().fields().front().pointer << ": "
                << out.error().fields().front().detail;
  return {};
}

TEST(GenericPolicyTest, EqWantsTheSameTypeAndValue) {
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.level", "op": "eq", "value": 3})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.level", "op": "eq", "value": 3.0})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.level", "op": "eq", "value": "3"})"));
  EXPECT_FALSE(holds(R"({"attr": "resource.properties.public", "op": "eq", "value": 1})"));
  EXPECT_TRUE(holds(R"({"attr": "resource.properties.public", "op": "eq", "value": true})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.tags", "op": "eq", "value": ["x"]})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.id", "op": "eq", "value": "ann"})"));
  EXPECT_TRUE(holds(R"({"attr": "action.name", "op": "eq", "value": "read"})"));
  EXPECT_FALSE(holds(R"({"attr": "action.name", "op": "eq", "value": "Read"})"));
}

TEST(GenericPolicyTest, AMissingAttributeMakesEveryTestFalseButAbsent) {
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.none", "op": "eq", "value": 1})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.none", "op": "ne", "value": 1})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.none", "op": "in", "value": [1]})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.none", "op": "exists"})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.none", "op": "eq_attr", "value": "subject.properties.none"})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.id", "op": "eq_attr", "value": "subject.properties.none"})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.none", "op": "absent"})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.level", "op": "absent"})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.level", "op": "exists"})"));
  EXPECT_TRUE(holds(R"({"attr": "action.properties.form", "op": "absent"})", {{"form", nullptr}}));
}

TEST(GenericPolicyTest, ComparesListsAttributesAndContext) {
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.level", "op": "in", "value": [1, 3]})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.level", "op": "in", "value": ["3"]})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.level", "op": "ne", "value": 4})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.properties.level", "op": "ne", "value": 3})"));
  EXPECT_TRUE(holds(R"({"attr": "resource.properties.owner", "op": "eq_attr", "value": "subject.id"})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.id", "op": "eq_attr", "value": "resource.properties.owner"})"));
  EXPECT_TRUE(holds(R"({"attr": "subject.properties.team", "op": "eq_attr", "value": "resource.properties.team"})"));
  EXPECT_FALSE(holds(R"({"attr": "subject.id", "op": "eq_attr", "value": "resource.id"})"));
  EXPECT_TRUE(holds(R"({"attr": "context.place", "op": "eq", "value": "here"})", {}, {{"place", "here"}}));
  EXPECT_FALSE(holds(R"({"attr": "context.place", "op": "exists"})"));
  EXPECT_TRUE(holds(R"({"attr": "action.properties.a.b", "op": "exists"})", {{"a.b", 1}}));
}

TEST(GenericPolicyTest, TheRequestReplacesStoredPropertiesKeyByKey) {
  json file = small();
  file["rules"][0]["when"] = json::parse(
      R"([{"attr": "subject.properties.level", "op": "eq", "value": 9}, {"attr": "subject.properties.team", "op": "eq", "value": "a"}])");
  const auto policies = loaded(file);
  GenericRequest request = ask("ann", "read", "1");
  EXPECT_FALSE(policies->decide(request).permit);
  const json nine = {{"level", 9}}, hidden = {{"level", 9}, {"team", nullptr}};
  request.subject.properties = &nine;
  EXPECT_TRUE(policies->decide(request).permit);
  request.subject.properties = &hidden;
  EXPECT_FALSE(policies->decide(request).permit);
}

TEST(GenericPolicyTest, ADenyOverridesAndTheDefaultComesLast) {
  json file = small();
  file["rules"] = json::parse(R"([
    {"id": "p", "effect": "permit", "when": [{"attr": "action.name", "op": "eq", "value": "read"}]},
    {"id": "d", "effect": "deny", "when": [{"attr": "subject.id", "op": "eq", "value": "bob"}]}])");
  const auto denying = loaded(file);
  EXPECT_TRUE(denying->decide(ask("ann", "read", "1")).permit);
  EXPECT_EQ(denying->decide(ask("ann", "read", "1")).rule, "p");
  EXPECT_FALSE(denying->decide(ask("bob", "read", "1")).permit);
  EXPECT_EQ(denying->decide(ask("bob", "read", "1")).rule, "d");
  EXPECT_FALSE(denying->decide(ask("ann", "write", "1")).permit);
  EXPECT_TRUE(denying->decide(ask("ann", "write", "1")).rule.empty());
  file["default"] = "permit";
  const auto permitting = loaded(file);
  EXPECT_TRUE(permitting->decide(ask("ann", "write", "1")).permit);
  EXPECT_FALSE(permitting->decide(ask("bob", "write", "1")).permit);
}

TEST(GenericPolicyTest, CoversTypesItListsOrNames) {
  json file = small();
  file["rules"][0]["when"][0] = json::parse(R"({"attr": "subject.type", "op": "in", "value": ["user", "robot"]})");
  const auto policies = loaded(file);
  EXPECT_TRUE(policies->covers("user", "doc"));
  EXPECT_TRUE(policies->covers("robot", "doc"));
  EXPECT_FALSE(policies->covers("doc", "user"));
  EXPECT_FALSE(policies->covers("user", "user"));
  EXPECT_FALSE(policies->covers("ghost", "doc"));
  GenericRequest unknown = ask("nobody", "read", "99");
  EXPECT_TRUE(policies->decide(unknown).permit);  // by its type: the caller supplies the entity
  unknown.subject.type = "ghost";
  EXPECT_FALSE(policies->decide(unknown).covered);
  EXPECT_FALSE(policies->decide(unknown).permit);
}

TEST(GenericPolicyTest, SearchesWhatTheFilesList) {
  json file = small();
  file["rules"][0]["when"] =
      json::parse(R"([{"attr": "resource.properties.owner", "op": "eq_attr", "value": "subject.id"}])");
  const auto policies = loaded(file);
  const auto docs = policies->search_resources(ask("ann", "read", "ignored"));
  ASSERT_EQ(docs.size(), 1U);
  EXPECT_EQ(docs[0].id, "1");
  const auto users = policies->search_subjects(ask("ignored", "read", "2"));
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0].id, "bob");
  EXPECT_EQ(policies->search_actions(ask("bob", "", "2")), (std::vector<std::string>{"read", "write"}));
  EXPECT_TRUE(policies->search_actions(ask("bob", "", "1")).empty());
  EXPECT_TRUE(policies->search_resources(ask("nobody", "read", "")).empty());
  EXPECT_TRUE(policies->search_subjects(ask("", "read", "99")).empty());
}

TEST(GenericPolicyTest, SaysEachMistakeWithLineAndField) {
  const auto with = [](const char* pointer, const json& value) {
    json file = small();
    file[json::json_pointer(pointer)] = value;
    return file;
  };
  EXPECT_NE(mistake(with("/format", "egide.policy.generic/2"), "/format"), "");
  EXPECT_EQ(mistake(with("/surprise", 1), "/surprise").substr(0, 10), "is not a k");
  EXPECT_EQ(mistake(with("/domain", nullptr), "/domain"), "is required");
  EXPECT_EQ(mistake(with("/combining", "first"), "/combining"), "must be one of deny_overrides");
  EXPECT_EQ(mistake(with("/default", "maybe"), "/default"), "must be one of deny, permit");
  EXPECT_EQ(mistake(with("/rules/0/effect", "allow"), "/rules/0/effect"), "must be one of permit, deny");
  EXPECT_NE(mistake(with("/rules/0/when", json::array()), "/rules/0/when"), "");
  EXPECT_NE(mistake(with("/rules/0/when/0/op", "like"), "/rules/0/when/0/op"), "");
  EXPECT_NE(mistake(with("/rules/0/when/0/value", nullptr), "/rules/0/when/0/value"), "");
  for (const char* attribute : {"subject", "subject.", "subject.name", "action.id", "action.type", "user.type",
                                "subject.properties", "subject.properties.", "context.", "", "subject.typ"})
    EXPECT_NE(mistake(with("/rules/0/when/0/attr", attribute), "/rules/0/when/0/attr"), "") << attribute;
  EXPECT_NE(mistake(with("/subjects/1/properties", 3), "/subjects/1/properties"), "");
  EXPECT_EQ(mistake(with("/subjects/1", {{"type", "user"}, {"id", "ann"}}), "/subjects/1"), "stands twice in the file");
  EXPECT_EQ(mistake(with("/actions/1", {{"name", "read"}}), "/actions/1"), "stands twice in the file");
  json exists = small();
  exists["rules"][0]["when"][0] = {{"attr", "subject.type"}, {"op", "exists"}, {"value", 1}};
  EXPECT_NE(mistake(exists, "/rules/0/when/0/value"), "");
  json twice = small();
  twice["rules"].push_back(twice["rules"][0]);
  EXPECT_EQ(mistake(twice, "/rules/1/id"), "stands twice in the file");
  EXPECT_NE(mistake(json::array(), ""), "");
}

TEST(GenericPolicyTest, SaysAllMistakesOfAllFilesAtOnce) {
  json one = small(), two = small();
  one["default"] = 3;
  two["domain"] = "other";
  two["combining"] = "x";
  const auto out = load({one, two});
  ASSERT_FALSE(out);
  std::string all;
  for (const auto& field : out.error().fields()) all += field.detail + "\n";
  EXPECT_NE(all.find("f0: must be one of deny, permit"), std::string::npos) << all;
  EXPECT_NE(all.find("f1: must be one of deny_overrides"), std::string::npos) << all;
  EXPECT_NE(all.find("f1: the type 'user' is another file's already"), std::string::npos) << all;
}

TEST(GenericPolicyTest, LeavesTheTypesOfConsentAlone) {
  json file = small();
  file["subjects"][0]["type"] = "application";
  EXPECT_NE(mistake(file, "").find("'application' belongs to the consent gateway"), std::string::npos);
  json rule = small();
  rule["rules"][0]["when"][0] = {{"attr", "resource.type"}, {"op", "eq"}, {"value", "person"}};
  EXPECT_NE(mistake(rule, "").find("'person' belongs to the consent gateway"), std::string::npos);
}

TEST(GenericPolicyTest, HasARevisionThatLayoutDoesNotChange) {
  const std::string compact = small().dump(), wide = small().dump(4);
  const auto a = load_generic_policies({{"a", compact}}, {}, testing::toy_hash);
  const auto b = load_generic_policies({{"b", wide}}, {}, testing::toy_hash);
  ASSERT_TRUE(a && b);
  EXPECT_EQ((*a)->revision(), (*b)->revision());
  json other = small();
  other["default"] = "permit";
  EXPECT_NE((*load({other}))->revision(), (*a)->revision());
}

TEST(GenericPolicyTest, TellsItsFilesFromOthers) {
  EXPECT_TRUE(is_generic_policy(small().dump()));
  EXPECT_FALSE(is_generic_policy("{"));
  EXPECT_FALSE(is_generic_policy("[]"));
  EXPECT_FALSE(is_generic_policy(R"({"format": "egide.purposes/1"})"));
}

TEST(GenericPolicyTest, CoversNothingWithoutFiles) {
  const auto none = load({});
  ASSERT_TRUE(none);
  EXPECT_TRUE((*none)->empty());
  EXPECT_FALSE((*none)->decide(ask("ann", "read", "1")).covered);
}

}  // namespace
}  // namespace egide::policies
