// The committer: the one writer. Every change of state and its log entries travel in one transaction; the caller gets
// its answer only after the transaction and the checkpoint signed in it are durable.
//
//   caller thread:    commit(change) -> queued -> blocks
//   committer thread: takes all that waits -> BEGIN -> each change: [SAVEPOINT] apply, assign indexes, tags,
//   commitments,
//                     insert leaves, nodes, details -> re-read what was written, recompute the root -> sign -> insert
//                     the checkpoint -> COMMIT -> applied changes answer, in order
//
// A change that fails alone rolls back alone (savepoint) and its entry, where it asked for one, says `fail`. A failed
// COMMIT, or a root that differs on re-reading, is fatal: nothing is signed or answered, every later commit is
// Unavailable (see `failed()`), and the process is to be stopped.
//
// Order: a change sees the effects of all changes before it, in its batch too; on_applied() runs in log order. So a
// decision made in apply() can't be overtaken by a withdrawal that stands before it in the log.
//
// Thread safety: commit() may be called from many threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "egide/audit/leaf.h"
#include "egide/audit/merkle.h"
#include "egide/audit/note.h"
#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/crypto/signature.h"
#include "egide/storage/connection.h"

namespace egide::storage {

// One entry to append. The committer fills index, time, tags and commitment.
struct EntryDraft {
  audit::Leaf leaf;  // index, time, subject_tag, resource_tag, commitment left empty
  // The person concerned: per-entry tags are computed with this key (32 bytes). Empty: nobody in particular.
  base::ByteView kaudit;
  // For the detail's chain. With a subject or a sealed detail, a detail row is stored.
  std::optional<base::SubjectId> subject;
  std::uint64_t previous = 0;          // the subject's previous detail (index + 1; 0 = none)
  std::optional<base::Uuid> resource;  // the record that "res" tags; needs kaudit
  // r32 and the detail it commits to. Without a detail there is no commitment.
  base::Hash32 r32{};
  base::ByteView detail;         // hashed into the commitment
  base::ByteView sealed_detail;  // r32 || detail under the person's key; stored
  base::RecordId detail_record;  // the record id in the seal's AD
};

// What apply() writes with. Lives on the committer thread during one change.
class ChangeContext {
 public:
  virtual ~ChangeContext() = default;
  // For this change's statements; taking it opens the change's savepoint. Entries of earlier changes stand in the
  // tables then, this change's own only after apply().
  virtual Connection& connection() = 0;
  virtual base::Timestamp now() const = 0;  // the entries' time: never below the previous entry's
  // Appends an entry and returns its index. Views in the draft need to live until the call returns. InvalidRequest: the
  // draft has no canonical form, or a member is missing that another needs.
  virtual base::Result<audit::LeafIndex> append(const EntryDraft& draft) = 0;
};

class Change {
 public:
  virtual ~Change() = default;
  // On the committer thread. An error, or a library's exception, rolls this change back alone: its entries always, its
  // rows when needs_savepoint() is true.
  virtual base::Result<void> apply(ChangeContext& context) = 0;
  // After apply() and its savepoint succeeded, before the next change is applied: update projections here. A batch that
  // then fails to commit stops the process, so nothing seen here is ever answered from without being durable.
  virtual void on_applied() noexcept {}
  // False for changes that use the connection to read only, or to write after every check: saves two statements. A
  // change that never asks for the connection has no savepoint in any case.
  virtual bool needs_savepoint() const noexcept { return true; }
  // Appended as `dec: fail` when apply() failed; nullptr: no entry for a failure.
  virtual const EntryDraft* failure_entry() const noexcept { return nullptr; }

 private:
  friend class Committer;
  friend class CommitQueue;
  Change* next_ = nullptr;
  base::Result<void> result_;
  std::atomic<bool> done_{false};
  std::atomic<std::uint32_t>* wakes_ = nullptr;  // what the caller blocks on
  // What two other callers of the batch block on: whoever is woken wakes these.
  std::array<std::atomic<std::uint32_t>*, 2> wakes_next_{};
  bool is_purge_ = false;
};

struct CommitterOptions {
  std::size_t max_batch = 512;    // changes a transaction
  std::size_t max_queue = 16384;  // above it commit() is Unavailable at once
};

class Committer {
 public:
  // Reads the frontier of the stored log. Integrity when the newest checkpoint is not signed by `key` under `origin`,
  // or doesn't fit the stored entries and nodes. It reads the end of the log only: audit::verify_log reads all of it.
  static base::Result<std::unique_ptr<Committer>> start(std::unique_ptr<Connection> connection, std::string origin,
                                                        std::shared_ptr<const crypto::SigningKey> key,
                                                        std::shared_ptr<const base::Clock> clock,
                                                        const CommitterOptions& options = {});
  ~Committer();  // commits what is queued, then stops; no commit() may begin meanwhile
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Blocks until the change and its entries are durable, or gives the change's own error, or Unavailable.
  base::Result<void> commit(Change& change);

  // The newest committed checkpoint note. Never one that is not durable.
  std::shared_ptr<const std::string> checkpoint() const;
  // Runs after each COMMIT that signed a checkpoint, on the committer thread, before the callers are answered: pins,
  // witnesses. Keep it short; it may not throw, call commit() or on_commit().
  void on_commit(std::function<void(const std::string& note, std::uint64_t size)> listener);
  bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  // After erasures: truncates the WAL between two batches, after all that was queued before. Unavailable while readers
  // hold old snapshots.
  base::Result<void> purge_history();

  struct Statistics {
    std::uint64_t batches = 0, changes = 0, entries = 0, largest_batch = 0;
    std::uint64_t waiting = 0;  // changes in the queue now
  };
  Statistics statistics() const;

 private:
  Committer();
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::atomic<bool> failed_{false};
};

}  // namespace egide::storage
