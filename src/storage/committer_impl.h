// The committer thread and its state. Private to the committer.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "batch_entries.h"
#include "commit_queue.h"
#include "egide/storage/committer.h"

namespace egide::storage {

struct Committer::Impl {
  Impl(std::unique_ptr<Connection> connection, std::string origin, std::shared_ptr<const crypto::SigningKey> key,
       std::shared_ptr<const base::Clock> clock, const CommitterOptions& options, std::atomic<bool>& failed);
  ~Impl();  // answers what is queued, then joins

  // Reads the stored log's end; Integrity when it doesn't fit the newest checkpoint.
  base::Result<void> restore();
  void start() {
    thread_ = std::thread([this] { run(); });
  }

  CommitQueue queue_;
  // Under its own lock, since readers must not wait for a batch.
  mutable std::mutex note_mutex_;
  std::shared_ptr<const std::string> note_;

  using Listener = std::function<void(const std::string&, std::uint64_t)>;
  std::mutex listeners_mutex_;
  std::vector<Listener> listeners_;

  std::atomic<std::uint64_t> batches_{0}, changes_{0}, entries_{0}, largest_batch_{0};

 private:
  class Context;

  // Takes what waits, batch after batch, until stopped.
  void run();
  // The changes of one batch, from `first`; the first change that is not in it.
  Change* gather(Change* first);
  void answer_batch(const std::optional<base::Error>& refusal);

  // An error refuses every change of the batch. `started` says that changes were applied, so the error is fatal.
  base::Result<void> commit_batch(bool& started);
  // An error is the batch's: the change's own goes into its result.
  base::Result<void> apply(Change& change);
  base::Result<void> roll_back(Context& context, Change& change);
  // Steps 2 to 5 of docs/audit-log.md, "Write path": insert, read back, recompute, compare, sign.
  base::Result<void> seal_batch();
  void publish();
  void stop_for_good(const base::Error& reason);

  std::unique_ptr<Connection> connection_;
  LogStore store_;
  const std::string origin_;
  const std::shared_ptr<const crypto::SigningKey> key_;
  const std::shared_ptr<const base::Clock> clock_;
  const CommitterOptions options_;
  std::atomic<bool>& failed_;

  // The log as committed.
  audit::Frontier frontier_;
  base::Hash32 signed_root_ = audit::empty_root();
  base::Timestamp last_time_{};

  // The batch in work; buffers are kept.
  std::vector<Change*> batch_;
  std::vector<base::Result<void>> results_;
  BatchEntries entries_in_batch_;
  audit::Frontier next_frontier_;
  std::string next_note_;

  std::thread thread_;
};

}  // namespace egide::storage
