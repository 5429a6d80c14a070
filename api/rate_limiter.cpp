#include "egide/api/rate_limiter.h"

#include <algorithm>
#include <functional>

namespace egide::api {

RateLimiter::RateLimiter(RatePolicy policy, const base::Clock& clock, std::size_t max_buckets)
    : policy_(std::move(policy)),
      clock_(clock),
      max_per_shard_(std::max<std::size_t>(1, max_buckets / kShards)),
      window_ms_(std::max<std::int64_t>(1, std::chrono::milliseconds(policy_.window).count())),
      full_(window_ms_ * static_cast<std::int64_t>(policy_.quota)) {}

RateDecision RateLimiter::take(std::string_view key) {
  if (!enabled()) return {};
  const std::int64_t now = clock_.now().time_since_epoch().count();
  const auto quota = static_cast<std::int64_t>(policy_.quota);
  Shard& shard = shards_[std::hash<std::string_view>{}(key) % kShards];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.by_key.find(key);
  if (found == shard.by_key.end()) {
    if (shard.by_use.size() >= max_per_shard_) {
      shard.by_key.erase(shard.by_use.back().key);
      shard.by_use.pop_back();
    }
    shard.by_use.push_front(Bucket{std::string(key), full_, now});
    // The map's key points into the list's node, which stays where it is.
    shard.by_key.emplace(shard.by_use.front().key, shard.by_use.begin());
  } else if (found->second != shard.by_use.begin()) {
    shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
  }
  Bucket& bucket = shard.by_use.front();
  // A clock set back brings nothing; one that jumped ahead fills the bucket at most.
  const std::int64_t elapsed = std::clamp<std::int64_t>(now - bucket.at_ms, 0, window_ms_);
  bucket.units = std::min(full_, bucket.units + elapsed * quota);
  bucket.at_ms = now;
  RateDecision decision;
  decision.allowed = bucket.units >= window_ms_;
  if (decision.allowed) bucket.units -= window_ms_;
  decision.remaining = static_cast<std::uint32_t>(bucket.units / window_ms_);
  const std::int64_t missing = window_ms_ - bucket.units % window_ms_;
  const std::int64_t per_second = 1000 * quota;
  decision.reset_seconds = static_cast<std::uint32_t>((missing + per_second - 1) / per_second);
  return decision;
}

void RateLimiter::describe(const RateDecision& decision, HttpResponse& response) const {
  if (!enabled()) return;
  const std::string name = "\"" + policy_.name + "\"";
  response.with("RateLimit-Policy",
                name + ";q=" + std::to_string(policy_.quota) + ";w=" + std::to_string(policy_.window.count()));
  response.with("RateLimit",
                name + ";r=" + std::to_string(decision.remaining) + ";t=" + std::to_string(decision.reset_seconds));
}

std::size_t RateLimiter::size() const {
  std::size_t total = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.by_use.size();
  }
  return total;
}

}  // namespace egide::api
