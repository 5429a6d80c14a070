#include "egide/api/rate_limiter.h"

#include <gtest/gtest.h>

#include "egide/testing/fake_clock.h"

namespace egide::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimiterTest : public ::testing::Test {
 protected:
  // Takes until refused; returns how many were let through.
  static int take_all(RateLimiter& limiter, std::string_view key) {
    int taken = 0;
    while (taken < 100000 && limiter.take(key).allowed) ++taken;
    return taken;
  }
  testing::FakeClock clock_{base::Timestamp(milliseconds(1'000'000))};
  RateLimiter limiter_{{"default", 100, seconds(10)}, clock_};
};

TEST_F(RateLimiterTest, LetsTheQuotaThroughAndNotOneMore) {
  EXPECT_EQ(take_all(limiter_, "a"), 100);
  EXPECT_EQ(take_all(limiter_, "a"), 0);
}

TEST_F(RateLimiterTest, FillsEvenlyOverTheWindow) {
  take_all(limiter_, "a");
  clock_.advance(milliseconds(99));
  EXPECT_FALSE(limiter_.take("a").allowed);
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(limiter_.take("a").allowed);
  EXPECT_FALSE(limiter_.take("a").allowed);
  clock_.advance(seconds(5));
  EXPECT_EQ(take_all(limiter_, "a"), 50);
  clock_.advance(seconds(1000));
  EXPECT_EQ(take_all(limiter_, "a"), 100);
}

TEST_F(RateLimiterTest, KeepsKeysApart) {
  take_all(limiter_, "a");
  EXPECT_TRUE(limiter_.take("b").allowed);
}

TEST_F(RateLimiterTest, GivesNothingForAClockSetBack) {
  take_all(limiter_, "a");
  clock_.advance(seconds(-1000));
  EXPECT_FALSE(limiter_.take("a").allowed);
  clock_.advance(milliseconds(100));
  EXPECT_TRUE(limiter_.take("a").allowed);
}

TEST_F(RateLimiterTest, SaysWhatIsLeftAndWhenMoreComes) {
  EXPECT_EQ(limiter_.take("a").remaining, 99U);
  take_all(limiter_, "a");
  const auto refused = limiter_.take("a");
  EXPECT_EQ(refused.remaining, 0U);
  EXPECT_EQ(refused.reset_seconds, 1U);
  HttpResponse response;
  limiter_.describe(refused, response);
  ASSERT_EQ(response.headers.size(), 2U);
  EXPECT_EQ(response.headers[0].second, "\"default\";q=100;w=10");
  EXPECT_EQ(response.headers[1].second, "\"default\";r=0;t=1");
}

TEST_F(RateLimiterTest, AllowsTheRetryItAnnounces) {
  RateLimiter slow({"slow", 3, seconds(100)}, clock_);
  take_all(slow, "a");
  const auto refused = slow.take("a");
  EXPECT_EQ(refused.reset_seconds, 34U);
  clock_.advance(seconds(refused.reset_seconds));
  EXPECT_TRUE(slow.take("a").allowed);
}

TEST_F(RateLimiterTest, ForgetsTheOldestKeyInsteadOfGrowing) {
  RateLimiter small({"default", 10, seconds(10)}, clock_, 64);
  for (int i = 0; i < 10000; ++i) small.take("key" + std::to_string(i));
  EXPECT_LE(small.size(), 64U);
  take_all(small, "key9999");
  EXPECT_FALSE(small.take("key9999").allowed);
}

TEST_F(RateLimiterTest, IsOffWithoutAQuota) {
  RateLimiter off({"default", 0, seconds(10)}, clock_);
  EXPECT_EQ(take_all(off, "a"), 100000);
  HttpResponse response;
  off.describe(off.take("a"), response);
  EXPECT_TRUE(response.headers.empty());
}

}  // namespace
}  // namespace egide::api
