#include <condition_variable>
#include <mutex>
#include <thread>

#include "egide/audit/note.h"
#include "egide/base/log.h"
#include "egide/vault/epochs.h"
#include "log_tail.h"
#include "services.h"

namespace egide::vault {
namespace {

// How soon midnight, a clock that was set, or a mirror that is back are noticed.
constexpr std::chrono::seconds kLook{30};
// Longer than any backup that still opens, so that the tail reaches back to each of them.
constexpr int kTailDaysMore = 2;

// The tail beside the mirrored keys. The committer's listener outlives the keeper, so it holds a share of this, and
// writes nothing more once it is closed.
struct Tail {
  std::unique_ptr<TailJournal> journal;
  std::mutex mutex;
  bool closed = false;
  bool failing = false;

  void close() {
    const std::lock_guard lock(mutex);
    closed = true;
  }

  void follow(const std::string& note, std::uint64_t size) {
    const std::lock_guard lock(mutex);
    if (closed) return;
    const auto written = journal->catch_up(note, size);
    if (!written && !failing)
      base::log(base::LogLevel::Error, "mirror.tail_failed", {{"reason", written.error().message()}});
    failing = !written;
  }
};

}  // namespace

struct EpochKeeper::Impl {
  Vault& vault;
  const EpochOptions options;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  bool failing = false;
  std::shared_ptr<Tail> tail;  // nullptr without a mirror
  std::thread thread;

  Impl(Vault& v, EpochOptions o) : vault(v), options(std::move(o)) {}

  void run() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, kLook, [this] { return stopping; })) {
      lock.unlock();
      turn();
      lock.lock();
    }
  }

  // Before the first turn: an old copy of the vault is recognised here, and must not sign.
  base::Result<void> open_tail() {
    if (options.mirror.empty()) return {};
    Services& services = vault.services();
    tail = std::make_shared<Tail>();
    EGIDE_TRY(tail->journal, TailJournal::open(options.mirror, services.origin, *services.database));
    EGIDE_TRY_VOID(catch_up());
    services.committer->on_commit(
        [shared = tail](const std::string& note, std::uint64_t size) { shared->follow(note, size); });
    return {};
  }

  base::Result<void> catch_up() const {
    const auto note = vault.services().committer->checkpoint();
    if (tail == nullptr || note == nullptr) return {};
    EGIDE_TRY(const auto checkpoint, audit::read_unverified_checkpoint(*note));
    return tail->journal->catch_up(*note, checkpoint.size);
  }

  base::Result<EpochTurn> turn_once() {
    EGIDE_TRY(const auto turned, turn_epoch(vault, options));
    EGIDE_TRY_VOID(catch_up());
    if (turned.added && tail != nullptr)
      EGIDE_TRY_VOID(tail->journal->begin_new_file(vault.services().clock->now() -
                                                   std::chrono::hours(24 * (options.keep_days + kTailDaysMore))));
    return turned;
  }

  void turn() {
    if (vault.failed()) return;
    const auto turned = turn_once();
    if (!turned) {
      // Said once, not every half minute; the age of the newest key is a metric.
      if (!failing) base::log(base::LogLevel::Error, "epoch.turn_failed", {{"reason", turned.error().message()}});
      failing = true;
      return;
    }
    failing = false;
    report(*turned);
  }

  static void report(const EpochTurn& turned) {
    if (!turned.added && turned.wrapped == 0 && turned.destroyed == 0) return;
    base::log(base::LogLevel::Info, "epoch.turned",
              {{"epoch", turned.epoch}, {"wrapped", turned.wrapped}, {"destroyed", turned.destroyed}});
  }
};

EpochKeeper::EpochKeeper() = default;

base::Result<std::unique_ptr<EpochKeeper>> EpochKeeper::start(Vault& vault, EpochOptions options) {
  std::unique_ptr<EpochKeeper> keeper(new EpochKeeper());
  keeper->impl_ = std::make_unique<Impl>(vault, std::move(options));
  EGIDE_TRY_VOID(keeper->impl_->open_tail());
  EGIDE_TRY(const auto turned, keeper->impl_->turn_once());
  Impl::report(turned);
  keeper->impl_->thread = std::thread([impl = keeper->impl_.get()] { impl->run(); });
  return keeper;
}

EpochKeeper::~EpochKeeper() {
  if (impl_ == nullptr) return;
  if (impl_->tail != nullptr) impl_->tail->close();
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace egide::vault
