#include "commit_queue.h"

#include <array>
#include <utility>

#include "futex.h"

namespace egide::storage {

namespace {

// What a thread blocks on. It outlives every change and every queue: a caller may leave, and even the committer be
// destroyed, between the store that answers and the wake-up. Threads that share a slot wake up in vain, no more.
struct alignas(64) Slot {
  std::atomic<std::uint32_t> wakes{0};
};

void wake(std::atomic<std::uint32_t>& wakes) noexcept {
  wakes.fetch_add(1, std::memory_order_release);
  wake_all(wakes);
}

Slot& slot_of_this_thread() noexcept {
  static std::array<Slot, 256> slots;
  static std::atomic<std::size_t> threads{0};
  static thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed);
  return slots[mine % slots.size()];
}

}  // namespace

base::Result<void> CommitQueue::submit(Change& change) {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= limit_) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return base::unavailable("Too many changes wait for the log, try again");
  }
  std::atomic<std::uint32_t>& wakes = slot_of_this_thread().wakes;
  change.wakes_ = &wakes;
  change.wakes_next_ = {};
  change.done_.store(false, std::memory_order_relaxed);

  Change* before = newest_.load(std::memory_order_relaxed);
  do {
    change.next_ = before;
  } while (!newest_.compare_exchange_weak(before, &change, std::memory_order_release, std::memory_order_relaxed));
  if (before == nullptr) {  // the committer may be asleep
    arrivals_.fetch_add(1, std::memory_order_release);
    wake_all(arrivals_);
  }

  while (true) {
    const std::uint32_t seen = wakes.load(std::memory_order_acquire);
    if (change.done_.load(std::memory_order_acquire)) break;
    sleep_while(wakes, seen);
  }
  for (auto* next : change.wakes_next_)
    if (next != nullptr) wake(*next);
  return std::move(change.result_);
}

Change* CommitQueue::take() {
  while (true) {
    const std::uint32_t seen = arrivals_.load(std::memory_order_acquire);
    Change* newest = newest_.exchange(nullptr, std::memory_order_acquire);
    if (newest != nullptr) {
      Change* oldest = nullptr;
      while (newest != nullptr) {
        Change* older = newest->next_;
        newest->next_ = oldest;
        oldest = newest;
        newest = older;
      }
      return oldest;
    }
    if (stopped_.load(std::memory_order_acquire)) return nullptr;
    sleep_while(arrivals_, seen);
  }
}

void CommitQueue::answer(Change& change, base::Result<void> result) {
  std::atomic<std::uint32_t>& wakes = *change.wakes_;
  change.result_ = std::move(result);
  change.done_.store(true, std::memory_order_release);
  wake(wakes);
}

void CommitQueue::answer_all(const std::vector<Change*>& batch, std::vector<base::Result<void>>& results) {
  if (batch.empty()) return;
  // A change may be gone as soon as it is done, so what is needed of the others is copied before.
  std::atomic<std::uint32_t>& first = *batch.front()->wakes_;
  for (std::size_t i = 0; i < batch.size(); ++i)
    for (std::size_t child = 0; child < 2; ++child) {
      const std::size_t at = 2 * i + 1 + child;
      batch[i]->wakes_next_[child] = at < batch.size() ? batch[at]->wakes_ : nullptr;
    }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i]->result_ = std::move(results[i]);
    batch[i]->done_.store(true, std::memory_order_release);
  }
  wake(first);
}

void CommitQueue::stop() noexcept {
  stopped_.store(true, std::memory_order_release);
  arrivals_.fetch_add(1, std::memory_order_release);
  wake_all(arrivals_);
}

}  // namespace egide::storage
