// When a delivery is tried again, and what becomes of its endpoint: a pure function, so that 75 hours of retries are
// tested in a moment. Source: Standard Webhooks 1.0.0, "Operational considerations".
//
// Thread safety: free functions without state.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "egide/outbound/client.h"

namespace egide::vault {

// After the n-th attempt: ten attempts in 75 h 35 min.
inline constexpr std::array<std::chrono::seconds, 9> kWebhookDelays = {
    std::chrono::seconds(5), std::chrono::minutes(5), std::chrono::minutes(30),
    std::chrono::hours(2),   std::chrono::hours(5),   std::chrono::hours(10),
    std::chrono::hours(14),  std::chrono::hours(20),  std::chrono::hours(24)};
inline constexpr int kWebhookTestAttempts = 3;  // an endpoint that is being set up answers soon or not at all
inline constexpr int kWebhookMaxExhausted = 3;  // deliveries given up one after the other: the endpoint is disabled
// What an endpoint that says "slow down" without a Retry-After is spared, and the most that a Retry-After may ask for.
inline constexpr std::chrono::seconds kWebhookPause{60};
inline constexpr std::chrono::hours kWebhookMaxPause{24};

struct WebhookAttempt {
  int number = 1;  // of this round, from 1
  bool is_test = false;
  bool echoed = false;  // of a test: the answer holds the challenge
  outbound::Failure failure = outbound::Failure::None;
  int status = 0;  // where there was an answer
  std::optional<std::chrono::seconds> retry_after;
  int exhausted_before = 0;  // deliveries of this endpoint that were given up since one last succeeded
};

struct WebhookVerdict {
  enum class Next { Delivered, Retry, GivenUp };
  Next next = Next::Delivered;
  std::string_view error;              // class of the failure; empty for Delivered
  std::chrono::milliseconds delay{0};  // of a Retry
  std::chrono::milliseconds pause{0};  // nothing is sent to the endpoint for so long
  int exhausted = 0;                   // the endpoint's count from here on
  std::string_view disable;            // reason why the endpoint is disabled: "gone", "exhausted"; empty: it is not
};

// `random`: from 0 to 1; each delay is lengthened by up to a tenth, so that outages don't end in one crowd.
WebhookVerdict judge_webhook_attempt(const WebhookAttempt& attempt, double random) noexcept;

}  // namespace egide::vault
