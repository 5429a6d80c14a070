#include "erase_subject.h"

#include <thread>

#include "egide/base/log.h"
#include "egide/crypto/random.h"
#include "egide/storage/decision_repository.h"
#include "egide/storage/subject_repository.h"
#include "request_chain.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

constexpr int kPurgeTries = 64;

class ErasureChange final : public LoggedChange {
 public:
  ErasureChange(Services& services, const Caller& caller, const base::SubjectId& subject)
      : LoggedChange(services), caller_(caller), subject_(subject) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto state, services_.living(subject_));
    EGIDE_TRY(const auto kaudit, crypto::unwrap_kaudit(services_.epoch_keys, state->id, state->keys));
    EGIDE_TRY(index_, erase_in(services_, context, caller_, *state, kaudit.expose_secret()));
    tombstone_ = tombstone_of(*state);
    return {};
  }
  audit::LeafIndex index() const noexcept { return index_; }

 private:
  void publish() noexcept override { publish_tombstone(services_, tombstone_); }
  const Caller& caller_;
  base::SubjectId subject_;
  audit::LeafIndex index_ = 0;
  SubjectStatePtr tombstone_;
};

}  // namespace

base::Result<audit::LeafIndex> append_unlinked(storage::ChangeContext& context, base::ByteView kaudit,
                                               const UnlinkedEntry& entry) {
  storage::EntryDraft draft;
  draft.leaf.event = entry.event;
  if (entry.caller != nullptr && entry.caller->subject)
    draft.leaf.actor_is_self = true;
  else if (entry.caller != nullptr)
    draft.leaf.actor = entry.caller->actor;
  draft.leaf.request = crypto::random_array<16>();
  if (entry.with_fingerprint) draft.leaf.fingerprint = audit::erasure_fingerprint(kaudit);
  draft.kaudit = kaudit;
  draft.resource = entry.resource;
  return context.append(draft);
}

base::Result<void> erase_rows(Services& services, storage::Connection& connection, const SubjectState& state) {
  storage::LogStore log(connection);
  storage::DecisionRepository decisions(connection);
  EGIDE_TRY_VOID(walk_chain(log, state.id, services.subjects.last_entry(state.id),
                            [&](const storage::LogStore::Detail& detail) -> base::Result<void> {
                              EGIDE_TRY([[maybe_unused]] const auto rows, decisions.forget_subject(detail.index));
                              return log.delete_detail(detail.index);
                            }));
  EGIDE_TRY([[maybe_unused]] const auto rows, storage::SubjectRepository(connection).erase(state.id));
  return {};
}

base::Result<audit::LeafIndex> erase_in(Services& services, storage::ChangeContext& context, const Caller& caller,
                                        const SubjectState& state, base::ByteView kaudit,
                                        const std::optional<base::RecordId>& request) {
  // The connection first: entries of earlier changes are in the tables then.
  EGIDE_TRY_VOID(erase_rows(services, context.connection(), state));
  UnlinkedEntry entry;
  entry.event = audit::event::kSubjectErased;
  entry.caller = &caller;
  entry.with_fingerprint = true;
  EGIDE_TRY(const auto index, append_unlinked(context, kaudit, entry));
  EGIDE_TRY_VOID(WebhookQueue(services, context).subject_erased(state, index, request));
  return index;
}

SubjectStatePtr tombstone_of(const SubjectState& state) {
  auto tombstone = std::make_shared<SubjectState>();
  tombstone->id = state.id;
  tombstone->revision = state.revision + 1;
  tombstone->row_version = state.row_version + 1;
  tombstone->erased = true;
  return tombstone;
}

void publish_tombstone(Services& services, SubjectStatePtr tombstone) noexcept {
  const base::SubjectId id = tombstone->id;
  services.subjects.put(std::move(tombstone));
  services.subjects.set_last_entry(id, 0);
}

bool purge_after_erasure(Services& services) {
  for (int tries = 0; tries < kPurgeTries; ++tries) {
    const auto purged = services.committer->purge_history();
    if (purged) return true;
    if (purged.error().code() != base::ErrorCode::Unavailable || services.committer->failed()) break;
    // Readers finish in their own time: let them, without holding a snapshot oneself.
    std::this_thread::yield();
  }
  base::log(base::LogLevel::Warning, "erasure.history_not_purged");
  return false;
}

base::Result<EraseSubject::Erased> EraseSubject::execute(const Caller& caller, const base::SubjectId& subject) {
  if (caller.role != Role::Dpo) return base::forbidden("Only the data protection officer erases a person");
  EGIDE_TRY([[maybe_unused]] const auto state, services_.living(subject));
  ErasureChange change(services_, caller, subject);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  Erased out;
  out.history_purged = purge_after_erasure(services_);
  EGIDE_TRY(out.receipt, make_erasure_receipt(services_, change.index()));
  return out;
}

base::Result<void> EraseSubject::purge_history() { return services_.committer->purge_history(); }

}  // namespace egide::vault
