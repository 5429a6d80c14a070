// policies/schema/policy-pack.schema.json says what the loader does. The loader is asked with spoiled packs: which
// members it knows at each place, which it requires, which words it takes, which types it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "egide/testing/shared_data.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

const json& schema() {
  static const json document =
      json::parse(egide::testing::read_file(EGIDE_SOURCE_DIR "/policies/schema/policy-pack.schema.json"));
  return document;
}

// Follows $ref, and the object branch of {"anyOf": [..., {"type": "null"}]}.
const json& resolved(const json& node) {
  if (node.contains("$ref"))
    return resolved(schema().at(json::json_pointer(node["$ref"].get<std::string>().substr(1))));
  if (node.contains("anyOf")) return resolved(node["anyOf"][0]);
  return node;
}

// A pack in which every optional object is there.
json full_document() {
  json document = small_document();
  document["purposes"][1]["notice"] = {{"version", 1}, {"text", {{"fr", "a"}, {"en", "b"}}}};
  return document;
}

// Where each object of the schema stands in full_document(): pointer and schema.
void collect(const json& node, const json& value, const std::string& at, std::map<std::string, const json*>& out) {
  const json& here = resolved(node);
  if (value.is_object() && here.contains("properties")) {
    if (here.value("additionalProperties", true) == false && !here.contains("patternProperties")) out[at] = &here;
    for (const auto& item : here["properties"].items())
      if (value.contains(item.key())) collect(item.value(), value[item.key()], at + "/" + item.key(), out);
  } else if (value.is_array() && here.contains("items") && !value.empty()) {
    collect(here["items"], value.back(), at + "/" + std::to_string(value.size() - 1), out);
  }
}

std::map<std::string, const json*> objects() {
  std::map<std::string, const json*> out;
  collect(schema(), full_document(), "", out);
  return out;
}

// The loader's words at `pointer` for `document`, or nothing when it takes the value there.
std::string told(const json& document, const std::string& pointer) {
  const auto loaded = load(document);
  if (loaded) return {};
  for (const auto& field : loaded.error().fields())
    if (field.pointer == pointer) return field.detail.substr(std::string("pack.json: ").size());
  return {};
}

bool refused_at_or_below(const json& document, const std::string& pointer) {
  const auto loaded = load(document);
  if (loaded) return false;
  const auto& fields = loaded.error().fields();
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return field.pointer.substr(0, pointer.size()) == pointer; });
}

std::set<std::string> split(std::string list) {
  std::set<std::string> out;
  std::replace(list.begin(), list.end(), ',', ' ');
  std::istringstream in(list);
  for (std::string word; in >> word;) out.insert(word);
  return out;
}

TEST(PackSchemaTest, ReachesEveryObjectOfThePack) {
  // A place that the walk misses would be a place where both may drift apart.
  const auto found = objects();
  for (const char* place : {"",
                            "/parameters",
                            "/parameters/login_code",
                            "/parameters/unknown_age",
                            "/parameters/age_bands",
                            "/parameters/reask_after_refusal",
                            "/public_holidays",
                            "/rights_by_basis",
                            "/rights_by_basis/rows",
                            "/data_subjects",
                            "/article",
                            "/enums",
                            "/purposes/1",
                            "/purposes/1/consent",
                            "/purposes/1/transforms/3",
                            "/purposes/1/retention",
                            "/purposes/1/recipients",
                            "/purposes/1/automation",
                            "/purposes/1/human_oversight",
                            "/purposes/1/notice"})
    EXPECT_EQ(found.count(place), 1U) << place;
}

TEST(PackSchemaTest, NamesTheMembersTheLoaderKnows) {
  for (const auto& [at, object] : objects()) {
    json document = full_document();
    document[json::json_pointer(at)]["zzz_unknown"] = 1;
    const std::string detail = told(document, at + "/zzz_unknown");
    const std::string mark = "known here: ";
    const auto begin = detail.find(mark);
    ASSERT_NE(begin, std::string::npos) << at << ": " << detail;
    const auto known = split(detail.substr(begin + mark.size(), detail.rfind(')') - begin - mark.size()));
    std::set<std::string> named;
    for (const auto& item : (*object)["properties"].items())
      if (item.key() != "$comment") named.insert(item.key());
    EXPECT_EQ(named, known) << at;
  }
}

TEST(PackSchemaTest, RequiresWhatTheLoaderRequires) {
  for (const auto& [at, object] : objects()) {
    for (const auto& item : (*object)["properties"].items()) {
      if (item.key() == "format") continue;  // told before the document is read
      json document = full_document();
      document[json::json_pointer(at)].erase(item.key());
      const auto& required = (*object)["required"];
      const bool by_schema = std::find(required.begin(), required.end(), item.key()) != required.end();
      EXPECT_EQ(told(document, at + "/" + item.key()) == "is required", by_schema) << at << "/" << item.key();
    }
  }
}

TEST(PackSchemaTest, ListsTheWordsTheLoaderTakes) {
  int lists = 0;
  for (const auto& [at, object] : objects()) {
    for (const auto& item : (*object)["properties"].items()) {
      const json& type = resolved(item.value());
      const bool in_array = type.contains("items") && resolved(type["items"]).contains("enum");
      if (!type.contains("enum") && !in_array) continue;
      json document = full_document();
      const std::string place = at + "/" + item.key() + (in_array ? "/0" : "");
      if (in_array && !document[json::json_pointer(at)].contains(item.key())) continue;
      document[json::json_pointer(place)] = "zzz";
      std::set<std::string> by_schema;
      for (const json& word : in_array ? resolved(type["items"])["enum"] : type["enum"])
        if (word.is_string()) by_schema.insert(word.get<std::string>());
      const std::string detail = told(document, place);
      const std::string mark = "must be one of ";
      ASSERT_EQ(detail.substr(0, mark.size()), mark) << place << ": " << detail;
      EXPECT_EQ(split(detail.substr(mark.size())), by_schema) << place;
      ++lists;
    }
  }
  EXPECT_GE(lists, 25);
}

TEST(PackSchemaTest, AndLoaderRefuseAValueOfAnotherType) {
  for (const auto& [at, object] : objects()) {
    for (const auto& item : (*object)["properties"].items()) {
      const json& type = resolved(item.value());
      if (item.key() == "format" || type.value("type", json()) == "boolean") continue;
      json document = full_document();
      document[json::json_pointer(at)][item.key()] = true;
      EXPECT_TRUE(refused_at_or_below(document, at + "/" + item.key())) << at << "/" << item.key();
    }
  }
}

}  // namespace
}  // namespace egide::policies::testing
