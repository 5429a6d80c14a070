// Answers kept for Idempotency-Key: a request sent twice with one key has one effect and one answer, across restarts.
//
// An answer that concerns a person is sealed under that person's key and dies with it; others are sealed under a key of
// the vault. Kept for the pack's idempotency_retention. A request whose process ended before finish() may run again:
// its effect and its stored answer are two transactions.
//
// Thread safety: may be called from many threads.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/secret.h"

namespace egide::vault {

class Services;

// An answer as it goes out again. Personal data possible: never logged.
struct StoredAnswer {
  int status = 200;
  std::string content_type;
  std::string cache_control;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

class DurableIdempotency {
 public:
  explicit DurableIdempotency(Services& services);

  enum class Outcome {
    Fresh,     // run the request, then finish() or abandon()
    Stored,    // `answer` is its answer
    Mismatch,  // the key was used for another body
    Running,   // the first request has not ended
  };
  struct Begin {
    Outcome outcome = Outcome::Fresh;
    std::optional<StoredAnswer> answer;
  };
  // `scope`: hash of caller, method, path and key; `fingerprint`: hash of the body. Unavailable: can't be read, or too
  // many requests run; the request must then not run.
  base::Result<Begin> begin(const base::Hash32& scope, const base::Hash32& fingerprint);
  // Ends the running request and keeps its answer, durably. `subject`: the person whom the answer concerns; of a person
  // who was erased meanwhile nothing is kept. An error leaves the key free.
  base::Result<void> finish(const base::Hash32& scope, const StoredAnswer& answer,
                            const std::optional<base::SubjectId>& subject = std::nullopt);
  // Ends the running request, which had no effect: the key may be used again.
  void abandon(const base::Hash32& scope) noexcept;

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, base::Hash32> running;  // scope -> fingerprint
  };
  Shard& shard(const base::Hash32& scope) noexcept;
  base::Result<Begin> look_up(const base::Hash32& scope, const base::Hash32& fingerprint) const;

  static constexpr std::size_t kMaxRunningInShard = 4096;
  Services& services_;
  crypto::SecretKey vault_key_;
  std::array<Shard, 16> shards_;
};

}  // namespace egide::vault
