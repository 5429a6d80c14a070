// Idempotency-Key (IETF draft of February 2025): a POST sent twice with one key has one effect and one answer.
//
// Scope: caller, method and path. The body's SHA-256 is the fingerprint: same key with another body is 422, a key
// whose first request still runs is 409. Kept for `retention`.
// Thread safety: implementations may be called from many threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "egide/api/http_response.h"
#include "egide/api/method.h"
#include "egide/base/bytes.h"
#include "egide/base/clock.h"
#include "egide/base/result.h"

namespace egide::api {

struct IdempotencyScope {
  std::string_view caller;
  Method method = Method::Post;
  std::string_view path;
  std::string_view key;
  base::Hash32 digest() const;  // injective encoding of all four, hashed
};

// The key of a header value: quoted (RFC 8941 string) or bare, 1 to 255 visible characters, returned without quotes.
std::optional<std::string> parse_idempotency_key(std::string_view header);

class IdempotencyStore {
 public:
  enum class Outcome : std::uint8_t {
    Begun,      // first time: run, then complete() or abandon()
    Replay,     // done before: `answer` is it
    Running,    // the first request has not ended
    OtherBody,  // the key was used for another body
  };
  struct Begin {
    Outcome outcome = Outcome::Begun;
    std::optional<HttpResponse> answer;
  };
  virtual ~IdempotencyStore() = default;
  // Unavailable when it can't be written down: the request must then not run.
  virtual base::Result<Begin> begin(const base::Hash32& scope, const base::Hash32& fingerprint) = 0;
  // An answer may hold personal data: a durable store keeps it under the person's key.
  virtual base::Result<void> complete(const base::Hash32& scope, const HttpResponse& answer) = 0;
  // The request had no effect: the key may be used again.
  virtual void abandon(const base::Hash32& scope) noexcept = 0;
};

// In memory, for tests and single runs: forgets everything at the end of the process. Holds at most `max_entries`;
// a full store answers Unavailable rather than forget a promise.
class InMemoryIdempotencyStore final : public IdempotencyStore {
 public:
  InMemoryIdempotencyStore(const base::Clock& clock, std::chrono::milliseconds retention,
                           std::size_t max_entries = 10000)
      : clock_(clock), retention_(retention), max_entries_(max_entries) {}
  base::Result<Begin> begin(const base::Hash32& scope, const base::Hash32& fingerprint) override;
  base::Result<void> complete(const base::Hash32& scope, const HttpResponse& answer) override;
  void abandon(const base::Hash32& scope) noexcept override;

 private:
  struct Entry {
    base::Hash32 fingerprint;
    base::Timestamp expires;
    std::optional<HttpResponse> answer;
  };
  const base::Clock& clock_;
  const std::chrono::milliseconds retention_;
  const std::size_t max_entries_;
  std::mutex mutex_;
  std::map<base::Hash32, Entry> entries_;
};

}  // namespace egide::api
