#include "committer_impl.h"

#include <algorithm>
#include <exception>

#include "egide/base/check.h"
#include "egide/base/log.h"

namespace egide::storage {

using base::Result;

namespace {

base::Error log_not_writable() { return base::unavailable("The log can't be written, nothing was answered from it"); }

}  // namespace

// What one change writes with. Its savepoint is taken when it first asks for the connection, so a change that only
// appends entries costs none.
class Committer::Impl::Context final : public ChangeContext {
 public:
  Context(Impl& impl, const Change& change)
      : impl_(impl),
        with_savepoint_(change.needs_savepoint()),
        first_entry_(impl.entries_in_batch_.count()),
        now_(std::max(impl.clock_->now(), impl.last_time_)) {}

  Connection& connection() override {
    if (!asked_) {
      asked_ = true;
      // The entries of earlier changes belong before the savepoint, and are there for this change to see.
      opened_ = impl_.entries_in_batch_.insert(impl_.store_, first_entry_);
      if (opened_ && with_savepoint_) {
        opened_ = impl_.connection_->savepoint();
        savepoint_ = opened_.has_value();
      }
    }
    return *impl_.connection_;
  }
  base::Timestamp now() const override { return now_; }
  Result<audit::LeafIndex> append(const EntryDraft& draft) override { return append(draft, std::nullopt); }
  Result<audit::LeafIndex> append(const EntryDraft& draft, std::optional<audit::Outcome> outcome) {
    EGIDE_TRY(const auto index, impl_.entries_in_batch_.append(draft, now_, outcome));
    impl_.last_time_ = now_;
    return index;
  }

  const Result<void>& opened() const { return opened_; }
  bool has_savepoint() const { return savepoint_; }
  std::uint64_t first_entry() const { return first_entry_; }

 private:
  Impl& impl_;
  const bool with_savepoint_;
  const std::uint64_t first_entry_;
  const base::Timestamp now_;
  bool asked_ = false;
  bool savepoint_ = false;
  Result<void> opened_;
};

Committer::Impl::Impl(std::unique_ptr<Connection> connection, std::string origin,
                      std::shared_ptr<const crypto::SigningKey> key, std::shared_ptr<const base::Clock> clock,
                      const CommitterOptions& options, std::atomic<bool>& failed)
    : queue_(options.max_queue),
      connection_(std::move(connection)),
      store_(*connection_),
      origin_(std::move(origin)),
      key_(std::move(key)),
      clock_(std::move(clock)),
      options_(options),
      failed_(failed) {
  batch_.reserve(options_.max_batch);
  results_.reserve(options_.max_batch);
}

Committer::Impl::~Impl() {
  queue_.stop();
  if (thread_.joinable()) thread_.join();
}

Result<void> Committer::Impl::restore() {
  const auto damaged = [](const char* what) {
    return base::integrity_violation(std::string("The stored log does not fit its newest checkpoint: ") + what);
  };
  EGIDE_TRY(const std::uint64_t size, store_.size());
  EGIDE_TRY(const std::uint64_t nodes, store_.node_count());
  EGIDE_TRY(const auto note, store_.newest_checkpoint());
  if (!note) return size == 0 && nodes == 0 ? Result<void>() : damaged("entries without a checkpoint");

  // The signature too: going on from an unsigned end would sign what somebody else wrote.
  EGIDE_TRY(const auto checkpoint,
            audit::open_checkpoint(*note, audit::VerifierKey::make(origin_, key_->public_key())));
  if (checkpoint.size != size) return damaged("other number of entries");
  if (audit::stored_hash_count(size) != nodes) return damaged("other number of nodes");
  EGIDE_TRY(auto hashes, store_.read_nodes(audit::frontier_indexes(size)));
  EGIDE_TRY(frontier_, audit::Frontier::restore(size, std::move(hashes)));
  if (frontier_.root() != checkpoint.root) return damaged("other root");
  signed_root_ = checkpoint.root;
  if (size > 0) {
    EGIDE_TRY(const auto line, store_.leaf(size - 1));
    audit::ParsedLeaf last;
    EGIDE_TRY_VOID(audit::parse_leaf(line, last));
    last_time_ = last.leaf.time;
  }
  note_ = std::make_shared<const std::string>(*note);
  return {};
}

void Committer::Impl::run() {
  while (Change* waiting = queue_.take()) {
    while (waiting != nullptr) {
      if (waiting->is_purge_) {
        Change& purge = *waiting;
        waiting = CommitQueue::next(purge);
        queue_.left(1);
        auto purged = failed_ ? Result<void>(log_not_writable()) : connection_->purge_history();
        if (connection_->broken()) stop_for_good(log_not_writable());
        CommitQueue::answer(purge, std::move(purged));
        continue;
      }
      waiting = gather(waiting);
      if (failed_) {
        answer_batch(log_not_writable());
        continue;
      }
      bool started = false;
      Result<void> committed;
      try {
        committed = commit_batch(started);
      } catch (const std::exception&) {  // no memory for the batch
        started = true;
        committed = log_not_writable();
      }
      if (!committed) connection_->rollback();
      if (!committed && (started || committed.error().code() == base::ErrorCode::Integrity))
        stop_for_good(committed.error());
      if (committed) publish();
      // What was committed is durable; what comes next can't be.
      if (connection_->broken()) stop_for_good(log_not_writable());
      answer_batch(committed ? std::nullopt : std::optional(failed_ ? log_not_writable() : committed.error()));
    }
  }
}

Change* Committer::Impl::gather(Change* first) {
  batch_.clear();
  results_.clear();
  while (first != nullptr && !first->is_purge_ && batch_.size() < std::max<std::size_t>(options_.max_batch, 1)) {
    batch_.push_back(first);
    first = CommitQueue::next(*first);
  }
  queue_.left(batch_.size());
  return first;
}

void Committer::Impl::answer_batch(const std::optional<base::Error>& refusal) {
  if (refusal) results_.assign(batch_.size(), Result<void>(*refusal));
  CommitQueue::answer_all(batch_, results_);
}

Result<void> Committer::Impl::commit_batch(bool& started) {
  EGIDE_TRY_VOID(connection_->begin_write());
  started = true;
  entries_in_batch_.start(frontier_.size());
  for (Change* change : batch_) EGIDE_TRY_VOID(apply(*change));
  if (entries_in_batch_.count() > 0) EGIDE_TRY_VOID(seal_batch());
  return connection_->commit();
}

Result<void> Committer::Impl::apply(Change& change) {
  Context context(*this, change);
  Result<void> applied;
  try {
    applied = change.apply(context);
  } catch (const std::exception&) {
    base::log(base::LogLevel::Error, "committer.change_threw");
    applied = base::unavailable("The change could not be applied");
  }
  EGIDE_TRY_VOID(context.opened());
  // The engine gives a whole transaction up on some errors (disk full): what follows must not be written one by one.
  if (!connection_->in_transaction()) return log_not_writable();
  if (!applied) {
    EGIDE_TRY_VOID(roll_back(context, change));
  } else {
    if (context.has_savepoint()) EGIDE_TRY_VOID(connection_->release_savepoint());
    change.on_applied();
  }
  results_.push_back(std::move(applied));
  return {};
}

Result<void> Committer::Impl::roll_back(Context& context, Change& change) {
  entries_in_batch_.cut(context.first_entry());
  if (context.has_savepoint()) EGIDE_TRY_VOID(connection_->rollback_to_savepoint());
  if (const EntryDraft* draft = change.failure_entry(); draft != nullptr) {
    const auto appended = context.append(*draft, audit::Outcome::Fail);
    // The change is refused either way; that its refusal can't be logged is a defect of the caller's draft.
    if (!appended) base::log(base::LogLevel::Error, "committer.failure_entry_refused");
  }
  return {};
}

Result<void> Committer::Impl::seal_batch() {
  EGIDE_TRY_VOID(entries_in_batch_.insert(store_, entries_in_batch_.count()));
  next_frontier_ = frontier_;
  EGIDE_TRY_VOID(entries_in_batch_.insert_nodes(store_, next_frontier_));
  const base::Hash32 root = next_frontier_.root();

  // One flipped bit under a signature would end the log for good: sign only what is read back.
  EGIDE_TRY(const auto stored, store_.recompute_roots(frontier_.size(), next_frontier_.size()));
  if (stored.old_root != signed_root_) return base::integrity_violation("The log before this batch has another root");
  if (stored.new_root != root) return base::integrity_violation("The batch read back has another root");

  next_note_ = audit::sign_checkpoint({origin_, next_frontier_.size(), root}, *key_);
  return store_.insert_checkpoint(next_frontier_.size(), next_note_);
}

void Committer::Impl::publish() {
  batches_.fetch_add(1, std::memory_order_relaxed);
  changes_.fetch_add(batch_.size(), std::memory_order_relaxed);
  entries_.fetch_add(entries_in_batch_.count(), std::memory_order_relaxed);
  if (batch_.size() > largest_batch_.load(std::memory_order_relaxed))
    largest_batch_.store(batch_.size(), std::memory_order_relaxed);
  if (entries_in_batch_.count() == 0) return;

  std::swap(frontier_, next_frontier_);
  signed_root_ = frontier_.root();
  auto note = std::make_shared<const std::string>(next_note_);
  {
    const std::lock_guard lock(note_mutex_);
    note_ = note;
  }
  const std::lock_guard lock(listeners_mutex_);
  for (const Listener& listener : listeners_) listener(*note, frontier_.size());
}

void Committer::Impl::stop_for_good(const base::Error& reason) {
  // A note that was signed but not committed never leaves the process: no two roots at one size.
  next_note_.clear();
  if (failed_.exchange(true)) return;
  base::log(base::LogLevel::Error, "committer.stopped",
            {{"code", base::name_of(reason.code())}, {"size", frontier_.size()}, {"reason", reason.message()}});
}

}  // namespace egide::storage
