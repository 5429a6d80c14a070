#include "egide/storage/committer.h"

#include "committer_impl.h"

namespace egide::storage {

using base::Result;

namespace {

// Runs between two batches, in the queue's order.
class PurgeRequest final : public Change {
 public:
  Result<void> apply(ChangeContext&) override { return {}; }
};

}  // namespace

Committer::Committer() = default;
Committer::~Committer() = default;

Result<std::unique_ptr<Committer>> Committer::start(std::unique_ptr<Connection> connection, std::string origin,
                                                    std::shared_ptr<const crypto::SigningKey> key,
                                                    std::shared_ptr<const base::Clock> clock,
                                                    const CommitterOptions& options) {
  std::unique_ptr<Committer> committer(new Committer());
  committer->impl_ = std::make_unique<Impl>(std::move(connection), std::move(origin), std::move(key), std::move(clock),
                                            options, committer->failed_);
  EGIDE_TRY_VOID(committer->impl_->restore());
  committer->impl_->start();
  return committer;
}

Result<void> Committer::commit(Change& change) { return impl_->queue_.submit(change); }

Result<void> Committer::purge_history() {
  PurgeRequest request;
  request.is_purge_ = true;
  return impl_->queue_.submit(request);
}

std::shared_ptr<const std::string> Committer::checkpoint() const {
  const std::lock_guard lock(impl_->note_mutex_);
  return impl_->note_;
}

void Committer::on_commit(std::function<void(const std::string& note, std::uint64_t size)> listener) {
  const std::lock_guard lock(impl_->listeners_mutex_);
  impl_->listeners_.push_back(std::move(listener));
}

Committer::Statistics Committer::statistics() const {
  Statistics statistics;
  statistics.batches = impl_->batches_.load(std::memory_order_relaxed);
  statistics.changes = impl_->changes_.load(std::memory_order_relaxed);
  statistics.entries = impl_->entries_.load(std::memory_order_relaxed);
  statistics.largest_batch = impl_->largest_batch_.load(std::memory_order_relaxed);
  statistics.waiting = impl_->queue_.waiting();
  return statistics;
}

}  // namespace egide::storage
