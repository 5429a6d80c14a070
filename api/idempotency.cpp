#include "egide/api/idempotency.h"

#include <algorithm>

#include "egide/crypto/hash.h"

namespace egide::api {

base::Hash32 IdempotencyScope::digest() const {
  return crypto::sha256(crypto::enc({base::as_bytes(caller), base::as_bytes(std::string_view(name_of(method))),
                                     base::as_bytes(path), base::as_bytes(key)}));
}

std::optional<std::string> parse_idempotency_key(std::string_view header) {
  const bool quoted = !header.empty() && header.front() == '"';
  if (quoted) {
    if (header.size() < 2 || header.back() != '"') return std::nullopt;
    header = header.substr(1, header.size() - 2);
  }
  std::string key;
  for (std::size_t i = 0; i < header.size(); ++i) {
    char c = header[i];
    if (quoted && c == '\\') {
      if (++i == header.size() || (header[i] != '"' && header[i] != '\\')) return std::nullopt;
      c = header[i];
    } else if (c == '"') {
      return std::nullopt;
    }
    if (c < (quoted ? 0x20 : 0x21) || c > 0x7e) return std::nullopt;
    key.push_back(c);
  }
  if (key.empty() || key.size() > 255) return std::nullopt;
  return key;
}

base::Result<IdempotencyStore::Begin> InMemoryIdempotencyStore::begin(const base::Hash32& scope,
                                                                      const base::Hash32& fingerprint) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  const auto found = entries_.find(scope);
  if (found != entries_.end() && found->second.expires > now) {
    const Entry& entry = found->second;
    Begin begin;
    if (entry.fingerprint != fingerprint) {
      begin.outcome = Outcome::OtherBody;
    } else if (entry.answer) {
      begin.outcome = Outcome::Replay;
      begin.answer = entry.answer;
    } else {
      begin.outcome = Outcome::Running;
    }
    return begin;
  }
  if (found == entries_.end() && entries_.size() >= max_entries_) {
    for (auto it = entries_.begin(); it != entries_.end();) it = it->second.expires <= now ? entries_.erase(it) : ++it;
    if (entries_.size() >= max_entries_)
      return base::unavailable("Too many idempotency keys are kept; try again later");
  }
  entries_.insert_or_assign(scope, Entry{fingerprint, now + retention_, std::nullopt});
  return Begin{};
}

base::Result<void> InMemoryIdempotencyStore::complete(const base::Hash32& scope, const HttpResponse& answer) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(scope);
  if (found != entries_.end()) found->second.answer = answer;
  return {};
}

void InMemoryIdempotencyStore::abandon(const base::Hash32& scope) noexcept {
  const std::lock_guard lock(mutex_);
  entries_.erase(scope);
}

}  // namespace egide::api
