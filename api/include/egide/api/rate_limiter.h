// Token buckets, one for each key, in bounded memory.
//
// A bucket holds `quota` requests and fills again evenly over `window`. When more than `max_buckets` keys are alive
// the one used longest ago is forgotten, and would begin full again.
// Thread safety: all functions may be called from many threads; buckets are spread over shards with a lock each.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "egide/api/http_response.h"
#include "egide/base/clock.h"

namespace egide::api {

struct RatePolicy {
  std::string name = "default";
  std::uint32_t quota = 0;  // 0: no limit
  std::chrono::seconds window{10};
};

struct RateDecision {
  bool allowed = true;
  std::uint32_t remaining = 0;
  // Seconds until the bucket holds more than `remaining`, rounded up; the earliest sensible retry after a refusal.
  std::uint32_t reset_seconds = 0;
};

class RateLimiter {
 public:
  RateLimiter(RatePolicy policy, const base::Clock& clock, std::size_t max_buckets = 65536);

  bool enabled() const noexcept { return policy_.quota != 0; }
  const RatePolicy& policy() const noexcept { return policy_; }
  // Takes one request from the bucket of `key`.
  RateDecision take(std::string_view key);
  // Adds RateLimit-Policy and RateLimit (IETF draft of September 2025).
  void describe(const RateDecision& decision, HttpResponse& response) const;
  std::size_t size() const;  // buckets alive

 private:
  // A bucket's content is counted in units of 1/window_ms request: `quota` of them come back every millisecond, so
  // all arithmetic is exact.
  struct Bucket {
    std::string key;
    std::int64_t units;
    std::int64_t at_ms;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Bucket> by_use;  // last used first
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key;
  };
  static constexpr std::size_t kShards = 16;

  const RatePolicy policy_;
  const base::Clock& clock_;
  const std::size_t max_per_shard_;
  const std::int64_t window_ms_;
  const std::int64_t full_;
  std::array<Shard, kShards> shards_;
};

}  // namespace egide::api
