#include <algorithm>
#include <future>

#include "egide/base/log.h"
#include "egide/storage/epoch_repository.h"
#include "egide/storage/file_stream.h"
#include "egide/storage/files.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/accounts.h"
#include "egide/vault/epochs.h"
#include "entries.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

// One batch of people whose keys were wrapped anew on the caller's thread.
class WrapChange final : public storage::Change {
 public:
  explicit WrapChange(Services& services) : services_(services) {}

  // A person who is gone, or whose keys don't open, is an error of the whole turn only in the second case.
  base::Result<void> add(const base::SubjectId& id, crypto::Epoch epoch) {
    const auto state = services_.subjects.find(id);
    if (state == nullptr || state->erased || state->keys.epoch == epoch) return {};
    EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, id, state->keys));
    EGIDE_TRY(const auto kaudit, crypto::unwrap_kaudit(services_.epoch_keys, id, state->keys));
    batch_.push_back({id, state->keys.dek,
                      crypto::wrap_subject_keys(services_.epoch_keys, epoch, id, dek, kaudit, state->keys.version)});
    return {};
  }
  bool empty() const noexcept { return batch_.empty(); }

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::SubjectRepository people(context.connection());
    for (const Wrapped& one : batch_) {
      // Erased or wrapped by somebody else since it was prepared: what stands is newer.
      const auto state = services_.subjects.find(one.id);
      if (state == nullptr || state->erased || state->keys.dek != one.old_dek) continue;
      EGIDE_TRY_VOID(people.set_keys(one.id, one.keys));
      auto next = std::make_shared<SubjectState>(*state);
      next->keys = one.keys;
      states_.push_back(std::move(next));
    }
    return {};
  }
  void on_applied() noexcept override {
    for (auto& state : states_) services_.subjects.put(std::move(state));
  }
  std::size_t wrapped() const noexcept { return states_.size(); }

 private:
  struct Wrapped {
    base::SubjectId id;
    base::Bytes old_dek;
    crypto::WrappedSubjectKeys keys;
  };
  Services& services_;
  std::vector<Wrapped> batch_;
  std::vector<SubjectStatePtr> states_;
};

// The entry of a turn, and the last look before keys die: on the committer's thread, behind every registration so far.
class TurnChange final : public LoggedChange {
 public:
  TurnChange(Services& services, const Caller& caller) : LoggedChange(services), caller_(caller) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(in_use_, storage::EpochRepository(context.connection()).in_use());
    EntryFields fields;
    fields.event = audit::event::kKeyRotated;
    fields.caller = &caller_;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }
  bool somebody_needs_before(crypto::Epoch kept) const noexcept { return in_use_ && in_use_->oldest < kept; }

 private:
  const Caller& caller_;
  std::optional<storage::EpochRepository::Range> in_use_;
};

class Turn {
 public:
  Turn(Services& services, const EpochOptions& options) : services_(services), options_(options) {}

  base::Result<EpochTurn> run() {
    EGIDE_TRY_VOID(add_todays_key());
    EGIDE_TRY_VOID(wrap_everybody());
    EGIDE_TRY(const auto oldest, services_.epoch_keys.oldest());
    const crypto::Epoch kept = out_.epoch - options_.keep_days;
    if (!out_.added && out_.wrapped == 0 && oldest >= kept) return out_;
    EGIDE_TRY_VOID(before(EpochStep::Log));
    const Caller caller = Accounts::operator_of_the_machine(services_);
    TurnChange logged(services_, caller);
    EGIDE_TRY_VOID(services_.committer->commit(logged));
    if (out_.wrapped > 0) drop_old_wraps();
    if (oldest < kept) {
      if (logged.somebody_needs_before(kept))
        return base::integrity_violation("A living person's keys are still under an old epoch key: none is destroyed");
      EGIDE_TRY_VOID(destroy_before(kept));
    }
    return out_;
  }

 private:
  base::Result<void> before(EpochStep step) const {
    return options_.before_step ? options_.before_step(step) : base::Result<void>();
  }

  // In the file, and in the mirror, before anything is wrapped under it.
  base::Result<void> add_todays_key() {
    EGIDE_TRY(out_.epoch, services_.epoch_keys.current());
    const auto today = static_cast<crypto::Epoch>(
        std::chrono::floor<std::chrono::days>(services_.clock->now()).time_since_epoch().count());
    if (today <= out_.epoch) return write_mirror(EpochStep::MirrorNewKey);  // a clock set back adds nothing
    EGIDE_TRY(auto next, services_.epoch_keys.copy());
    EGIDE_TRY_VOID(next.add(today));
    EGIDE_TRY_VOID(before(EpochStep::WriteNewKey));
    EGIDE_TRY_VOID(write(next));
    EGIDE_TRY_VOID(write_mirror(EpochStep::MirrorNewKey));
    services_.epoch_keys.take(std::move(next));
    out_.epoch = today;
    out_.added = true;
    return {};
  }

  base::Result<void> wrap_everybody() {
    std::vector<base::SubjectId> people;
    {
      EGIDE_TRY(const auto reads, services_.reads->lease());
      EGIDE_TRY(people, storage::EpochRepository(*reads).not_under(out_.epoch));
    }
    // The next batch is wrapped while the committer writes this one.
    const std::size_t batch = std::max<std::size_t>(options_.batch, 1);
    const auto prepare = [&](std::size_t at) { return prepared(people, at, std::min(people.size(), at + batch)); };
    const auto policy = std::launch::async | std::launch::deferred;  // no thread to be had: in turn
    auto next = std::async(policy, prepare, 0);
    for (std::size_t at = 0; at < people.size(); at += batch) {
      EGIDE_TRY(const auto change, next.get());
      if (at + batch < people.size()) next = std::async(policy, prepare, at + batch);
      EGIDE_TRY_VOID(before(EpochStep::WrapBatch));
      if (change->empty()) continue;
      EGIDE_TRY_VOID(services_.committer->commit(*change));
      out_.wrapped += change->wrapped();
    }
    return {};
  }

  base::Result<std::unique_ptr<WrapChange>> prepared(const std::vector<base::SubjectId>& people, std::size_t begin,
                                                     std::size_t end) const {
    auto change = std::make_unique<WrapChange>(services_);
    for (std::size_t i = begin; i < end; ++i) EGIDE_TRY_VOID(change->add(people[i], out_.epoch));
    return change;
  }

  // The old wraps in the write-ahead log die with their epoch key in any case: a reader's snapshot may delay this.
  void drop_old_wraps() {
    if (!services_.committer->purge_history()) base::log(base::LogLevel::Info, "epoch.history_not_purged");
  }

  base::Result<void> destroy_before(crypto::Epoch kept) {
    EGIDE_TRY(auto next, services_.epoch_keys.copy());
    const std::size_t had = next.size();
    next.destroy_before(kept);
    EGIDE_TRY_VOID(before(EpochStep::WriteDestroyed));
    EGIDE_TRY_VOID(write(next));
    out_.destroyed = had - next.size();
    services_.epoch_keys.take(std::move(next));
    return write_mirror(EpochStep::MirrorDestroyed);
  }

  base::Result<void> write(const crypto::EpochKeys& keys) const {
    return storage::write_file_durably(in_vault(services_.directory, kEpochKeysFile), keys.to_json(services_.root));
  }

  // A byte-for-byte copy, so that a mirror that was out of reach is seen to be behind and caught up with.
  base::Result<void> write_mirror(EpochStep step) const {
    if (options_.mirror.empty()) return {};
    auto written = mirror_wraps();
    if (!written) return written;
    EGIDE_TRY(const auto text, storage::read_file(in_vault(services_.directory, kEpochKeysFile)));
    const std::string path = in_vault(options_.mirror, kEpochKeysFile);
    storage::remove_leftovers(options_.mirror, kEpochKeysFile);  // a copy that no turn would destroy
    const auto held = storage::read_file(path);
    if (held && *held == text) return {};
    EGIDE_TRY_VOID(before(step));
    return storage::write_file_durably(path, text) ? base::Result<void>() : mirror_not_written();
  }

  // What opens the epoch keys today: after a rotation, a backup from before can only be restored with these.
  base::Result<void> mirror_wraps() const {
    if (!storage::make_private_directory(options_.mirror)) return mirror_not_written();
    for (const char* name : {kUnsealFile, kDerivationKeyFile, kLogKeyFile}) {
      storage::remove_leftovers(options_.mirror, name);
      EGIDE_TRY(const auto text, storage::read_file(in_vault(services_.directory, name)));
      const auto held = storage::read_file(in_vault(options_.mirror, name));
      if (held && *held == text) continue;
      if (!storage::write_file_durably(in_vault(options_.mirror, name), text)) return mirror_not_written();
    }
    return {};
  }

  base::Error mirror_not_written() const {
    return base::unavailable("The mirror of the epoch keys can't be written: " + options_.mirror);
  }

  Services& services_;
  const EpochOptions& options_;
  EpochTurn out_;
};

}  // namespace

base::Result<EpochTurn> turn_epoch(Vault& vault, const EpochOptions& options) {
  if (options.keep_days < 1 || options.keep_days > kMostEpochKeepDays)
    return base::invalid_request("Epoch keys are kept between 1 and 1000 days");
  return Turn(vault.services(), options).run();
}

}  // namespace egide::vault
