// The pages about packs, decisions and transforms: their examples are run, and no name is missing from them.
#include <gtest/gtest.h>

#include "egide/policies/decide.h"
#include "egide/policies/generic_policy.h"
#include "egide/policies/transform.h"
#include "egide/testing/shared_data.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

std::string page(const std::string& name) {
  return egide::testing::read_file(EGIDE_SOURCE_DIR "/docs/formats/" + name + ".md");
}

// The first fenced block of a language.
std::string block(const std::string& text, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const auto begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST(PolicyDocsTest, ShowAPurposeThatLoads) {
  json document = bundled_document();
  document["purposes"].push_back(json::parse(block(page("policy-pack"), "json")));
  const auto loaded = load(document);
  ASSERT_TRUE(loaded) << loaded.error().fields().at(0).pointer << " " << loaded.error().fields().at(0).detail;
  const Purpose* purpose = (*loaded)->find("newsletter.recipes");
  ASSERT_NE(purpose, nullptr);
  EXPECT_EQ(purpose->notice.text.in("en"), "Recipes of the month\nSend one recipe a month.");
}

TEST(PolicyDocsTest, NameEveryReasonAndTransform) {
  const std::string decisions = page("decisions");
  for (int i = 0; i <= static_cast<int>(Reason::Error); ++i) {
    const std::string name(name_of(static_cast<Reason>(i)));
    EXPECT_NE(decisions.find("`" + name + "`"), std::string::npos) << name;
  }
  const std::string transforms = page("transforms");
  for (int i = 0; i <= static_cast<int>(TransformKind::DelayPublication); ++i) {
    const std::string name(name_of(static_cast<TransformKind>(i)));
    EXPECT_NE(transforms.find("| `" + name + "` |"), std::string::npos) << name;
  }
}

TEST(PolicyDocsTest, NameEveryMemberOfThePack) {
  const std::string text = page("policy-pack");
  for (const auto& member : bundled_document().items())
    if (member.key() != "$comment") {
      EXPECT_NE(text.find("`" + member.key() + "`"), std::string::npos) << member.key();
    }
  for (const auto& member : bundled_document()["purposes"][1].items())
    EXPECT_NE(text.find("`" + member.key() + "`"), std::string::npos) << member.key();
  for (const auto& parameter : bundled_document()["parameters"].items()) {
    if (parameter.key().substr(0, 7) == "health_") continue;  // named together
    EXPECT_NE(text.find("`" + parameter.key() + "`"), std::string::npos) << parameter.key();
  }
}

TEST(PolicyDocsTest, ShowAGenericPolicyThatLoadsAndNameEveryOperation) {
  const std::string text = page("generic-policy");
  const auto loaded =
      load_generic_policies({{"library.json", block(text, "json")}}, {"application", "person"}, toy_hash);
  ASSERT_TRUE(loaded) << loaded.error().fields().at(0).pointer << " " << loaded.error().fields().at(0).detail;
  EXPECT_TRUE((*loaded)->covers("reader", "book"));
  for (const char* op : {"eq", "ne", "in", "eq_attr", "exists", "absent"})
    EXPECT_NE(text.find("`" + std::string(op) + "`"), std::string::npos) << op;
}

TEST(PolicyDocsTest, ShowARedactionThatHappens) {
  const std::string lines = block(page("transforms"), "text");
  const auto cut = lines.find('\n');
  EXPECT_EQ(redact_free_text(lines.substr(0, cut), {"Zoé Martin"}) + "\n", lines.substr(cut + 1));
}

}  // namespace
}  // namespace egide::policies::testing
