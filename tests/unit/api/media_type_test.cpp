#include "egide/api/media_type.h"

#include <gtest/gtest.h>

#include "raw_text.h"

namespace egide::api {
namespace {

bool accepted(const std::string& accept, std::string_view type) {
  const auto raw = raw_request("GET /", "Accept: " + accept + "\r\n");
  return accepts(HttpRequest::from(raw, "", "").value(), type);
}
bool asked(const std::string& accept, std::string_view type) {
  const auto raw = raw_request("GET /", "Accept: " + accept + "\r\n");
  return asks_for(HttpRequest::from(raw, "", "").value(), type);
}

TEST(MediaTypeTest, IgnoresParametersAndCase) {
  EXPECT_TRUE(is_media_type("application/json", "application/json"));
  EXPECT_TRUE(is_media_type("Application/JSON ; charset=utf-8", "application/json"));
  EXPECT_FALSE(is_media_type("application/jsonp", "application/json"));
  EXPECT_FALSE(is_media_type("application/json, text/plain", "application/json"));
  EXPECT_FALSE(is_media_type("", "application/json"));
}

TEST(MediaTypeTest, LetsTheClosestRangeDecide) {
  EXPECT_TRUE(accepted("*/*", "application/json"));
  EXPECT_TRUE(accepted("application/*;q=0.1", "application/json"));
  EXPECT_FALSE(accepted("text/html", "application/json"));
  EXPECT_FALSE(accepted("*/*, application/json;q=0", "application/json"));
  EXPECT_TRUE(accepted("*/*;q=0, application/json", "application/json"));
  EXPECT_FALSE(accepted("application/json;q=0.000", "application/json"));
  EXPECT_TRUE(accepted("", "application/json"));
}

TEST(MediaTypeTest, TakesAWildcardForNoWish) {
  EXPECT_FALSE(asked("*/*", "application/ld+json"));
  EXPECT_FALSE(asked("application/*", "application/ld+json"));
  EXPECT_TRUE(asked("application/json;q=0.5, application/ld+json", "application/ld+json"));
  EXPECT_FALSE(asked("application/ld+json;q=0", "application/ld+json"));
}

}  // namespace
}  // namespace egide::api
