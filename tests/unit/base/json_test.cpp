#include "egide/base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "egide/base/json_lines.h"

namespace egide::base {
namespace {

TEST(JsonTest, RefusesWhatIJsonRefuses) {
  const char* bad[] = {"",
                       "{",
                       "{} {}",
                       R"({"a":1,"a":2})",
                       R"({"a":1,"\u0061":2})",
                       R"(["\ud800"])",
                       "[\"\xc3\x28\"]",
                       "[\"\xed\xa0\x80\"]",
                       R"(["a\u0000b"])",
                       "[1e999]",
                       "[01]",
                       "[NaN]",
                       "[1,]",
                       "\xef\xbb\xbf\xef\xbb\xbf{}"};
  for (const char* text : bad) EXPECT_FALSE(parse_json(text)) << text;
}

TEST(JsonTest, NeverQuotesTheInputInAnError) {
  const auto parsed = parse_json(R"({"iban": "FR76 secret)");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fields().at(0).detail.find("secret"), std::string::npos);
  EXPECT_EQ(parsed.error().message().find("secret"), std::string::npos);
}

TEST(JsonTest, RefusesDeepNestingWithoutUsingTheStack) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  const auto parsed = parse_json(deep);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fields().at(0).detail, "nested deeper than allowed (line 1)");
  EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(parse_json(std::string(33, '[') + std::string(33, ']')));
}

TEST(JsonTest, SaysOnWhichLineTheMistakeStands) {
  const auto parsed = parse_json("{\n \"a\": 1,\n \"b\": [\n  1, 2,\n  \"a\\u0000\"\n ]}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().fields().at(0).line, 5);
}

TEST(JsonTest, KnowsTheLineOfEachValue) {
  const auto parsed = parse_json_with_lines("{\n \"a\": 1,\n \"b\": [\n  {\"x/y\": 2},\n  3\n ]\n}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->line("/a"), 2);
  EXPECT_EQ(parsed->line("/b/0/x~1y"), 4);
  EXPECT_EQ(parsed->line("/b/1"), 5);
  EXPECT_EQ(parsed->line("/b/0/missing"), 4);
}

TEST(JsonTest, RefusesADocumentOverTheLimit) {
  const auto parsed = parse_json("[1,2,3]", {.max_bytes = 5});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code(), ErrorCode::TooLarge);
}

TEST(ObjectReaderTest, TakesOnlyTheExactType) {
  const auto json = parse_json(R"({"n":3.0,"big":300,"neg":-1,"t":true,"s":"x","huge":18446744073709551615})");
  ASSERT_TRUE(json);
  ObjectReader in(*json, "");
  EXPECT_FALSE(in.optional_integer("n", 0, 10));
  EXPECT_FALSE(in.optional_integer("big", 0, 255));
  EXPECT_FALSE(in.optional_integer("neg", 0, 10));
  EXPECT_FALSE(in.optional_integer("t", 0, 10));
  EXPECT_FALSE(in.optional_integer("huge", INT64_MIN, INT64_MAX));
  EXPECT_FALSE(in.optional_string("t"));
  EXPECT_FALSE(in.optional_bool("s"));
  EXPECT_EQ(in.mistakes().size(), 7U);
  const auto finished = in.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().fields().at(0).pointer, "/n");
}

TEST(ObjectReaderTest, CollectsEveryMistakeAndNamesUnknownMembers) {
  const auto json = parse_json(R"({"a~b":1,"known":"x"})");
  ASSERT_TRUE(json);
  ObjectReader in(*json, "/in");
  in.required_string("missing");
  in.required_string("known");
  in.refuse_unknown();
  ASSERT_EQ(in.mistakes().size(), 2U);
  EXPECT_EQ(in.mistakes()[0].pointer, "/in/missing");
  EXPECT_EQ(in.mistakes()[1].pointer, "/in/a~0b");
}

TEST(ObjectReaderTest, TakesNullOfAnOptionalMemberAsAbsent) {
  const auto json = parse_json(R"({"a":null})");
  ASSERT_TRUE(json);
  ObjectReader in(*json, "");
  EXPECT_FALSE(in.optional_string("a"));
  EXPECT_TRUE(in.mistakes().empty());
  in.required_string("a");
  EXPECT_EQ(in.mistakes().size(), 1U);
}

TEST(ObjectReaderTest, MakesOneMistakeOfAValueThatIsNoObject) {
  const auto json = parse_json("[1]");
  ASSERT_TRUE(json);
  ObjectReader in(*json, "");
  in.required_string("a");
  EXPECT_EQ(in.mistakes().size(), 1U);
}

TEST(Utf8Test, TellsWellFormedFromIllFormed) {
  EXPECT_TRUE(is_valid_utf8("Zoé \xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("\xc0\xaf"));
  EXPECT_FALSE(is_valid_utf8("\xe2\x82"));
  EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));
}

}  // namespace
}  // namespace egide::base
