#include "webhook_schedule.h"

#include <algorithm>

namespace egide::vault {
namespace {

using std::chrono::milliseconds;

bool asks_to_slow_down(int status) noexcept { return status == 429 || status == 502 || status == 504; }

std::string_view error_of(const WebhookAttempt& attempt) noexcept {
  if (attempt.failure != outbound::Failure::None) return outbound::name_of(attempt.failure);
  if (attempt.status == 410) return "gone";
  if (attempt.status >= 300 && attempt.status < 400) return "redirect";
  if (attempt.status < 200 || attempt.status >= 300) return "status";
  if (attempt.is_test && !attempt.echoed) return "challenge";
  return {};
}

milliseconds lengthened(milliseconds delay, double random) noexcept {
  const double part = std::clamp(random, 0.0, 1.0) * 0.1;
  return delay + milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * part));
}

}  // namespace

WebhookVerdict judge_webhook_attempt(const WebhookAttempt& attempt, double random) noexcept {
  using Next = WebhookVerdict::Next;
  WebhookVerdict out;
  out.error = error_of(attempt);
  if (out.error.empty()) return out;
  out.exhausted = attempt.exhausted_before;
  const bool answered = attempt.failure == outbound::Failure::None;
  if (answered && attempt.status == 410) {
    out.next = Next::GivenUp;
    out.disable = "gone";
    return out;
  }
  if (answered && (attempt.retry_after || asks_to_slow_down(attempt.status)))
    out.pause =
        std::clamp<milliseconds>(attempt.retry_after.value_or(kWebhookPause), milliseconds(0), kWebhookMaxPause);
  const int most = attempt.is_test ? kWebhookTestAttempts : static_cast<int>(kWebhookDelays.size()) + 1;
  if (attempt.number >= most) {
    out.next = Next::GivenUp;
    if (attempt.is_test) return out;
    ++out.exhausted;
    if (out.exhausted >= kWebhookMaxExhausted) out.disable = "exhausted";
    return out;
  }
  out.next = Next::Retry;
  const auto planned = kWebhookDelays[static_cast<std::size_t>(std::max(attempt.number, 1)) - 1];
  out.delay = std::max(lengthened(planned, random), out.pause);
  return out;
}

}  // namespace egide::vault
