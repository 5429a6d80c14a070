#include "egide/api/http_request.h"

#include <gtest/gtest.h>

#include "raw_text.h"

namespace egide::api {
namespace {

std::vector<std::string> segments(const std::string& target) {
  const auto raw = raw_request("GET " + target, "");
  const auto request = HttpRequest::from(raw, "127.0.0.1", "id");
  return request ? request->segments() : std::vector<std::string>{"refused"};
}

TEST(HttpRequestTest, DecodesThePathOnceAfterCuttingIt) {
  using Segments = std::vector<std::string>;
  EXPECT_EQ(segments("/"), Segments{});
  EXPECT_EQ(segments("/v1/a"), (Segments{"v1", "a"}));
  EXPECT_EQ(segments("/v1/a/"), (Segments{"v1", "a", ""}));
  EXPECT_EQ(segments("//a"), (Segments{"", "a"}));
  EXPECT_EQ(segments("/a%2Fb"), Segments{"a/b"});
  EXPECT_EQ(segments("/a%252Fb"), Segments{"a%2Fb"});
  EXPECT_EQ(segments("/a+b"), Segments{"a+b"});
  EXPECT_EQ(segments("/Zo%C3%A9"), Segments{"Zo\xc3\xa9"});
}

TEST(HttpRequestTest, RefusesDotSegmentsAndBrokenUtf8) {
  for (const char* target : {"/a/../b", "/./a", "/%2e%2e/a", "/a/.%2E", "/%ff", "/?a=%ff", "/?a=1&a=2"})
    EXPECT_EQ(segments(target), std::vector<std::string>{"refused"}) << target;
  EXPECT_EQ(segments("/.well-known/x").front(), ".well-known");
}

TEST(QueryTest, ReadsParameters) {
  const auto query = Query::parse("limit=5&cursor=a%3Db&flag&empty=&q=a+b");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->get("limit"), "5");
  EXPECT_EQ(query->get("cursor"), "a=b");
  EXPECT_EQ(query->get("flag"), "");
  EXPECT_EQ(query->get("empty"), "");
  EXPECT_EQ(query->get("q"), "a b");
  EXPECT_FALSE(query->get("other"));
}

TEST(QueryTest, RefusesWhatItDoesNotKnow) {
  const auto query = Query::parse("limit=5&secret=x");
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->allow_only({"limit", "secret"}));
  const auto refused = query->allow_only({"limit"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace egide::api
