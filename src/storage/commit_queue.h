// The queue before the committer thread: an intrusive list that callers push onto and block beside. Nothing is
// allocated for a change. Private to the committer.
//
// Thread safety: submit() from many threads; take() and answer() from the committer thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "egide/base/result.h"
#include "egide/storage/committer.h"

namespace egide::storage {

class CommitQueue {
 public:
  explicit CommitQueue(std::size_t limit) : limit_(limit) {}

  // Queues the change and blocks until it is answered. Unavailable at once when `limit` changes wait.
  base::Result<void> submit(Change& change);

  // Everything that waits, oldest first, linked by next(); blocks while nothing does. nullptr: stopped, and empty.
  Change* take();
  static Change* next(const Change& change) noexcept { return change.next_; }
  std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }
  // So many changes left the queue for a batch.
  void left(std::size_t count) noexcept { waiting_.fetch_sub(count, std::memory_order_relaxed); }
  // Wakes the caller; the change may be gone when this returns.
  static void answer(Change& change, base::Result<void> result);
  // Answers a whole batch, `results` in its order. Each caller woken wakes two more, so that the committer pays for one
  // wake-up a batch and not for one a change.
  static void answer_all(const std::vector<Change*>& batch, std::vector<base::Result<void>>& results);

  void stop() noexcept;

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> waiting_{0};
  alignas(64) std::atomic<Change*> newest_{nullptr};
  alignas(64) std::atomic<std::uint32_t> arrivals_{0};  // changed when the list stops being empty, and by stop()
  std::atomic<bool> stopped_{false};
};

}  // namespace egide::storage
