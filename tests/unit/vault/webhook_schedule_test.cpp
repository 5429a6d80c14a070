#include "webhook_schedule.h"

#include <gtest/gtest.h>

namespace egide::vault {
namespace {

using namespace std::chrono_literals;
using Next = WebhookVerdict::Next;

WebhookAttempt failed(int number, int status = 500) {
  WebhookAttempt attempt;
  attempt.number = number;
  attempt.status = status;
  return attempt;
}

TEST(WebhookScheduleTest, FollowsTheTableOfTheStandard) {
  const std::vector<std::chrono::milliseconds> table = {5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
  std::chrono::milliseconds total{0};
  for (int number = 1; number <= 9; ++number) {
    const auto verdict = judge_webhook_attempt(failed(number), 0.0);
    EXPECT_EQ(verdict.next, Next::Retry);
    EXPECT_EQ(verdict.delay, table[static_cast<std::size_t>(number) - 1]) << number;
    EXPECT_EQ(verdict.error, "status");
    total += verdict.delay;
  }
  EXPECT_EQ(total, 75h + 35min + 5s);
  EXPECT_EQ(judge_webhook_attempt(failed(10), 0.0).next, Next::GivenUp);
}

TEST(WebhookScheduleTest, LengthensByAtMostATenthAndNeverShortens) {
  for (const double random : {0.0, 0.3, 0.5, 1.0, 7.0, -1.0})
    for (int number = 1; number <= 9; ++number) {
      const std::chrono::milliseconds base = kWebhookDelays[static_cast<std::size_t>(number) - 1];
      const auto delay = judge_webhook_attempt(failed(number), random).delay;
      EXPECT_GE(delay, base);
      EXPECT_LE(delay, base + base / 10 + 1ms);
    }
  EXPECT_NE(judge_webhook_attempt(failed(3), 0.2).delay, judge_webhook_attempt(failed(3), 0.8).delay);
}

TEST(WebhookScheduleTest, OnlyTwoHundredsAreSuccess) {
  for (int status = 100; status < 600; ++status) {
    const auto verdict = judge_webhook_attempt(failed(1, status), 0.0);
    EXPECT_EQ(verdict.next == Next::Delivered, status >= 200 && status < 300) << status;
    EXPECT_EQ(verdict.error.empty(), status >= 200 && status < 300) << status;
  }
  EXPECT_EQ(judge_webhook_attempt(failed(1, 301), 0.0).error, "redirect");
  WebhookAttempt attempt;
  attempt.failure = outbound::Failure::Timeout;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).next, Next::Retry);
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).error, "timeout");
}

TEST(WebhookScheduleTest, GoneDisablesAtOnce) {
  const auto verdict = judge_webhook_attempt(failed(1, 410), 0.0);
  EXPECT_EQ(verdict.next, Next::GivenUp);
  EXPECT_EQ(verdict.disable, "gone");
}

TEST(WebhookScheduleTest, SlowsDownForWhoAsksForIt) {
  for (const int status : {429, 502, 504})
    EXPECT_EQ(judge_webhook_attempt(failed(1, status), 0.0).pause, kWebhookPause) << status;
  EXPECT_EQ(judge_webhook_attempt(failed(1, 500), 0.0).pause, 0ms);
  auto attempt = failed(1, 503);
  attempt.retry_after = 120s;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).pause, 120s);
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).delay, 120s);  // not after the 5 s of the table
  attempt.number = 4;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).delay, 2h);  // nor earlier than the table
  attempt.retry_after = 99999h;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).pause, kWebhookMaxPause);
  attempt.retry_after = -5s;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).pause, 0ms);
}

TEST(WebhookScheduleTest, RepeatedExhaustionDisables) {
  auto attempt = failed(10);
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).exhausted, 1);
  EXPECT_TRUE(judge_webhook_attempt(attempt, 0.0).disable.empty());
  attempt.exhausted_before = kWebhookMaxExhausted - 1;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).disable, "exhausted");
  attempt.status = 204;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).exhausted, 0);  // one success begins anew
}

TEST(WebhookScheduleTest, ATestNeedsTheChallengeAndIsGivenUpSoon) {
  WebhookAttempt attempt;
  attempt.is_test = true;
  attempt.status = 200;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).error, "challenge");
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).next, Next::Retry);
  attempt.echoed = true;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).next, Next::Delivered);
  attempt.status = 500;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).next, Next::Retry);
  attempt.number = kWebhookTestAttempts;
  EXPECT_EQ(judge_webhook_attempt(attempt, 0.0).next, Next::GivenUp);
  EXPECT_TRUE(judge_webhook_attempt(attempt, 0.0).disable.empty());
}

}  // namespace
}  // namespace egide::vault
