#include "egide/vault/idempotency.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/storage/idempotency_repository.h"
#include "sealing.h"

namespace egide::vault {
namespace {

// Bodies of stored answers are those of creations; lists and packages are never stored.
constexpr std::size_t kMaxAnswer = 1 << 20;

std::string to_text(const StoredAnswer& answer) {
  nlohmann::json headers = nlohmann::json::array();
  for (const auto& [name, value] : answer.headers) headers.push_back(nlohmann::json::array({name, value}));
  const nlohmann::json text = {{"status", answer.status},
                               {"content_type", answer.content_type},
                               {"cache_control", answer.cache_control},
                               {"headers", headers},
                               {"body", answer.body}};
  return text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<StoredAnswer> from_text(std::string_view text) {
  base::JsonLimits limits;
  limits.max_bytes = limits.max_string = 2 * kMaxAnswer;
  EGIDE_TRY(const base::Json json, base::parse_json(text, limits));
  base::ObjectReader in(json, "");
  StoredAnswer answer;
  answer.status = static_cast<int>(in.required_integer("status", 100, 599));
  answer.content_type = in.required_string("content_type", {.min = 0});
  answer.cache_control = in.required_string("cache_control", {.min = 0});
  answer.body = in.required_string("body", {.min = 0, .max = 2 * kMaxAnswer});
  if (const base::Json* headers = in.required_array("headers", 100))
    for (const auto& header : *headers)
      if (header.is_array() && header.size() == 2)
        answer.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
  if (!in.finish()) return base::integrity_violation("A stored answer is damaged");
  return answer;
}

// No log entry: the effect that the answer tells of has its own.
class KeepAnswer final : public storage::Change {
 public:
  KeepAnswer(storage::IdempotencyRow row, base::Timestamp oldest) : row_(std::move(row)), oldest_(oldest) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::IdempotencyRepository answers(context.connection());
    EGIDE_TRY([[maybe_unused]] const auto removed, answers.remove_before(oldest_));
    return answers.put(row_);
  }

 private:
  storage::IdempotencyRow row_;
  base::Timestamp oldest_;
};

FieldPlace place_of(const base::Hash32& scope) { return {"idempotency", base::to_hex(scope), "answer", 1}; }

base::Timestamp oldest_kept(const Services& services) {
  // The period holds hours, not months, so it can be counted backwards.
  const auto& period = services.pack->duration("idempotency_retention");
  return services.clock->now() - std::chrono::hours(24) * (period.days + 31 * period.months) - period.time;
}

crypto::SecretKey key_of_the_vault(const Services& services) {
  auto key = services.keys->authenticate("egide/idempotency/v1", base::as_bytes(services.tenant));
  auto secret = crypto::SecretKey::copy_of(key);
  crypto::wipe(key);
  return secret;
}

}  // namespace

DurableIdempotency::DurableIdempotency(Services& services)
    : services_(services), vault_key_(key_of_the_vault(services)) {}

DurableIdempotency::Shard& DurableIdempotency::shard(const base::Hash32& scope) noexcept {
  return shards_[std::to_integer<std::size_t>(scope[0]) % shards_.size()];
}

base::Result<DurableIdempotency::Begin> DurableIdempotency::look_up(const base::Hash32& scope,
                                                                    const base::Hash32& fingerprint) const {
  std::optional<storage::IdempotencyRow> row;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(row, storage::IdempotencyRepository(*reads).find(scope));
  }
  if (!row || row->created_at < oldest_kept(services_)) return Begin{Outcome::Fresh, std::nullopt};
  if (row->fingerprint != fingerprint) return Begin{Outcome::Mismatch, std::nullopt};
  std::string text;
  if (row->subject) {
    EGIDE_TRY(const auto state, services_.living(*row->subject));
    EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state->id, state->keys));
    EGIDE_TRY(text, open_field(services_, dek.expose_secret(), state->id, place_of(scope), row->answer));
  } else {
    EGIDE_TRY(text, open_field(services_, vault_key_.expose_secret(), base::SubjectId(), place_of(scope), row->answer));
  }
  EGIDE_TRY(auto answer, from_text(text));
  return Begin{Outcome::Stored, std::move(answer)};
}

base::Result<DurableIdempotency::Begin> DurableIdempotency::begin(const base::Hash32& scope,
                                                                  const base::Hash32& fingerprint) {
  Shard& at = shard(scope);
  const std::string key(base::as_text(scope));
  {
    const std::lock_guard lock(at.mutex);
    const auto running = at.running.find(key);
    if (running != at.running.end())
      return Begin{running->second == fingerprint ? Outcome::Running : Outcome::Mismatch, std::nullopt};
    if (at.running.size() >= kMaxRunningInShard) return base::unavailable("Too many requests run at once, try again");
    at.running.emplace(key, fingerprint);
  }
  auto found = look_up(scope, fingerprint);
  if (!found || found->outcome != Outcome::Fresh) abandon(scope);
  return found;
}

base::Result<void> DurableIdempotency::finish(const base::Hash32& scope, const StoredAnswer& answer,
                                              const std::optional<base::SubjectId>& subject) {
  storage::IdempotencyRow row;
  row.scope = scope;
  {
    Shard& at = shard(scope);
    const std::lock_guard lock(at.mutex);
    const auto running = at.running.find(std::string(base::as_text(scope)));
    if (running == at.running.end()) return base::conflict("The request does not run");
    row.fingerprint = running->second;
  }
  const auto keep = [&]() -> base::Result<void> {
    if (answer.body.size() > kMaxAnswer) return {};
    row.created_at = services_.clock->now();
    row.subject = subject;
    if (subject) {
      const auto state = services_.subjects.find(*subject);
      if (state == nullptr || state->erased) return {};
      EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state->id, state->keys));
      row.answer = seal_field(services_, dek.expose_secret(), state->id, place_of(scope), to_text(answer));
    } else {
      row.answer =
          seal_field(services_, vault_key_.expose_secret(), base::SubjectId(), place_of(scope), to_text(answer));
    }
    KeepAnswer change(std::move(row), oldest_kept(services_));
    return services_.committer->commit(change);
  };
  auto kept = keep();
  abandon(scope);
  return kept;
}

void DurableIdempotency::abandon(const base::Hash32& scope) noexcept {
  Shard& at = shard(scope);
  const std::lock_guard lock(at.mutex);
  at.running.erase(std::string(base::as_text(scope)));
}

}  // namespace egide::vault
