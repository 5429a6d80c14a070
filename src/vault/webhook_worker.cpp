#include "egide/vault/webhook_worker.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "egide/base/log.h"
#include "egide/storage/webhook_repository.h"
#include "services.h"
#include "webhook_message.h"
#include "webhook_schedule.h"

namespace egide::vault {
namespace {

constexpr std::chrono::hours kKept{30 * 24};  // deliveries, sent or not
constexpr std::chrono::hours kPruneEvery{1};

using storage::WebhookDeliveryRow;
using storage::WebhookEndpointRow;
using storage::WebhookRepository;

// Rows of the queue; what they tell of has its entries already.
class QueueChange final : public storage::Change {
 public:
  using Work = std::function<base::Result<void>(WebhookRepository&, base::Timestamp now)>;
  explicit QueueChange(Work work) : work_(std::move(work)) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    WebhookRepository hooks(context.connection());
    return work_(hooks, context.now());
  }

 private:
  Work work_;
};

struct Job {
  WebhookEndpointRow endpoint;
  WebhookDeliveryRow delivery;
};

// What becomes of the endpoint. True where its row has to be written.
bool apply_verdict(WebhookEndpointRow& endpoint, const WebhookDeliveryRow& delivery, const WebhookVerdict& verdict,
                   base::Timestamp now) {
  const WebhookEndpointRow before = endpoint;
  const bool is_test = delivery.type == "endpoint.test";
  if (verdict.pause.count() > 0) endpoint.paused_until = std::max(endpoint.paused_until, now + verdict.pause);
  if (!is_test || verdict.next == WebhookVerdict::Next::Delivered) endpoint.exhausted = verdict.exhausted;
  if (is_test && verdict.next == WebhookVerdict::Next::Delivered && endpoint.state == "unverified") {
    endpoint.state = "active";
    endpoint.verified_once = true;
  }
  if (is_test && verdict.next == WebhookVerdict::Next::GivenUp && endpoint.state == "unverified") {
    endpoint.state = "disabled";
    endpoint.reason = "challenge_failed";
  }
  if (!verdict.disable.empty() && endpoint.state != "disabled") {
    endpoint.state = "disabled";
    endpoint.reason = verdict.disable;
  }
  return endpoint.paused_until != before.paused_until || endpoint.exhausted != before.exhausted ||
         endpoint.state != before.state;
}

}  // namespace

struct WebhookWorker::Impl {
  Impl(Services& s, outbound::Client& c, WebhookWorkerOptions o) : services(s), client(c), options(std::move(o)) {
    if (!options.random)
      options.random = [] {
        static thread_local std::mt19937 generator{std::random_device{}()};
        return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
      };
  }

  base::Result<void> commit(QueueChange::Work work) {
    QueueChange change(std::move(work));
    return services.committer->commit(change);
  }

  // Of an endpoint that nobody is sending to, which is marked as busy.
  base::Result<std::optional<Job>> take() {
    const std::lock_guard lock(mutex);
    const base::Timestamp now = services.clock->now();
    EGIDE_TRY(const auto reads, services.reads->lease());
    WebhookRepository hooks(*reads);
    EGIDE_TRY(auto endpoints, hooks.endpoints());
    // The one after the one that was served last comes first: none waits for ever behind a busy one.
    const auto last =
        std::find_if(endpoints.begin(), endpoints.end(), [this](const auto& e) { return e.id == served; });
    if (last != endpoints.end()) std::rotate(endpoints.begin(), last + 1, endpoints.end());
    for (auto& endpoint : endpoints) {
      if (busy.count(endpoint.id) > 0 || endpoint.paused_until > now) continue;
      EGIDE_TRY(auto delivery, hooks.first_due(endpoint.id, now, endpoint.state != "active"));
      if (!delivery || !may_call(endpoint.id, now)) continue;
      busy.insert(endpoint.id);
      served = endpoint.id;
      return std::optional<Job>(Job{std::move(endpoint), std::move(*delivery)});
    }
    return std::optional<Job>();
  }

  // Counts the call; under `mutex`.
  bool may_call(const base::RecordId& endpoint, base::Timestamp now) {
    Minute& minute = minutes[endpoint];
    if (now < minute.since || now >= minute.since + std::chrono::minutes(1)) minute = {now, 0};
    if (minute.calls >= options.calls_per_minute) return false;
    ++minute.calls;
    return true;
  }

  void give_back(const base::RecordId& endpoint) {
    const std::lock_guard lock(mutex);
    busy.erase(endpoint);
  }

  base::Result<void> deliver(Job& job) {
    bool claimed = false;
    EGIDE_TRY_VOID(commit([&](WebhookRepository& hooks, base::Timestamp) -> base::Result<void> {
      EGIDE_TRY(claimed, hooks.claim(job.delivery.id));
      return {};
    }));
    if (!claimed) return {};  // erased or taken off meanwhile
    const base::Timestamp now = services.clock->now();
    if (is_of_revoked_tool(job)) return drop(job, now);
    outbound::Answer answer;
    if (auto message = webhook_message(services, job.endpoint, job.delivery, options.source, now)) {
      message->timeout = options.timeout;
      message->cancelled = [this] { return stopping.load(); };
      answer = client.post(*message);
    }
    // Called off at the end of the process: still claimed, so it is due after the next start.
    if (answer.failure == outbound::Failure::Cancelled) return {};
    return settle(job, answer, now);
  }

  // A tool whose key was taken away is told that, and to erase; nothing else.
  bool is_of_revoked_tool(const Job& job) const {
    if (job.endpoint.tool.empty() || job.delivery.type == "tool.revoked" || job.delivery.type == "subject.erased")
      return false;
    const auto tool = services.accounts.tool(job.endpoint.tool);
    return tool == nullptr || !tool->row.active;
  }

  base::Result<void> drop(const Job& job, base::Timestamp now) {
    storage::WebhookAttemptRow row;
    row.delivery = job.delivery.id;
    row.number = job.delivery.attempts + 1;
    row.at = now;
    row.error = "tool_revoked";
    return commit([&](WebhookRepository& hooks, base::Timestamp) { return hooks.settle(row, "failed", std::nullopt); });
  }

  base::Result<void> settle(const Job& job, const outbound::Answer& answer, base::Timestamp sent) {
    WebhookAttempt attempt;
    attempt.number = job.delivery.round_attempts + 1;
    attempt.is_test = job.delivery.type == "endpoint.test";
    attempt.echoed = attempt.is_test && echoes_challenge(job.delivery.data, answer.body);
    attempt.failure = answer.failure;
    attempt.status = answer.status;
    attempt.retry_after = answer.retry_after;
    storage::WebhookAttemptRow row;
    row.delivery = job.delivery.id;
    row.number = job.delivery.attempts + 1;
    row.at = sent;
    row.duration_ms = answer.duration.count();
    row.status = answer.status;
    row.answer_size = static_cast<std::int64_t>(answer.body.size());
    row.answer_start = printable_start(answer.body);
    const double random = options.random();
    return commit([&](WebhookRepository& hooks, base::Timestamp now) -> base::Result<void> {
      EGIDE_TRY(auto endpoint, hooks.endpoint(job.endpoint.id));
      if (!endpoint) return {};
      attempt.exhausted_before = endpoint->exhausted;
      const WebhookVerdict verdict = judge_webhook_attempt(attempt, random);
      row.error = verdict.error;
      const bool retry = verdict.next == WebhookVerdict::Next::Retry;
      const bool delivered = verdict.next == WebhookVerdict::Next::Delivered;
      EGIDE_TRY_VOID(hooks.settle(row,
                                  delivered ? "delivered"
                                  : retry   ? "pending"
                                            : "failed",
                                  retry ? std::optional<base::Timestamp>(now + verdict.delay) : std::nullopt));
      const std::string state = endpoint->state;
      const base::Timestamp paused_until = endpoint->paused_until;
      if (!apply_verdict(*endpoint, job.delivery, verdict, now)) return {};
      if (state != endpoint->state && endpoint->state == "active") EGIDE_TRY_VOID(hooks.release(endpoint->id, now));
      if (state != endpoint->state || paused_until != endpoint->paused_until) ++endpoint->version;  // what is shown
      if (endpoint->state == "disabled" && state != "disabled")
        base::log(base::LogLevel::Warning, "webhook.disabled",
                  {{"webhook", endpoint->id.str()}, {"reason", endpoint->reason}});
      return hooks.update_endpoint(*endpoint);
    });
  }

  base::Result<bool> deliver_one() {
    EGIDE_TRY(auto job, take());
    if (!job) return false;
    const auto sent = deliver(*job);
    give_back(job->endpoint.id);
    if (!sent) return sent.error();
    return true;
  }

  void prune() {
    const base::Timestamp now = services.clock->now();
    if (now < next_prune) return;
    next_prune = now + kPruneEvery;
    const auto done = commit([](WebhookRepository& hooks, base::Timestamp at) -> base::Result<void> {
      EGIDE_TRY([[maybe_unused]] const auto removed, hooks.remove_before(at - kKept));
      return {};
    });
    if (!done) base::log(base::LogLevel::Warning, "webhook.prune_failed", {{"reason", done.error().message()}});
  }

  void run(bool prunes) {
    while (!stopping.load()) {
      if (prunes) prune();
      const auto sent = deliver_one();
      if (sent && *sent) continue;
      if (!sent && !services.committer->failed())
        base::log(base::LogLevel::Warning, "webhook.failed", {{"reason", sent.error().message()}});
      std::unique_lock lock(idle_mutex);
      idle.wait_for(lock, sent ? options.poll : options.poll * 10, [this] { return stopping.load(); });
    }
  }

  Services& services;
  outbound::Client& client;
  WebhookWorkerOptions options;
  std::atomic<bool> stopping{false};
  std::mutex mutex;  // of busy, served and minutes
  std::set<base::RecordId> busy;
  base::RecordId served;
  struct Minute {
    base::Timestamp since{};
    int calls = 0;
  };
  std::map<base::RecordId, Minute> minutes;
  base::Timestamp next_prune{};
  std::mutex idle_mutex;
  std::condition_variable idle;
  std::vector<std::thread> threads;
};

WebhookWorker::WebhookWorker(Services& services, outbound::Client& client, WebhookWorkerOptions options)
    : impl_(std::make_unique<Impl>(services, client, std::move(options))) {}

WebhookWorker::~WebhookWorker() { stop(); }

base::Result<void> WebhookWorker::start() {
  EGIDE_TRY_VOID(impl_->commit([](WebhookRepository& hooks, base::Timestamp now) -> base::Result<void> {
    EGIDE_TRY([[maybe_unused]] const auto released, hooks.release_claims(now));
    return {};
  }));
  for (int i = 0; i < impl_->options.threads; ++i) impl_->threads.emplace_back([this, i] { impl_->run(i == 0); });
  return {};
}

void WebhookWorker::stop() noexcept {
  {
    const std::lock_guard lock(impl_->idle_mutex);
    impl_->stopping.store(true);
  }
  impl_->idle.notify_all();
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

base::Result<bool> WebhookWorker::deliver_one() { return impl_->deliver_one(); }

}  // namespace egide::vault
