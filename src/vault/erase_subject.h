// Erasing inside a change (GDPR Art. 17), shared by EraseSubject and by a fulfilled erasure request; and the proof of
// it.
//
// The person's entries are found through their chain, never by a scan, so erasing costs as much as the person has and
// not as much as the vault holds.
#pragma once

#include <optional>

#include "egide/storage/committer.h"
#include "egide/vault/requests.h"
#include "services.h"

namespace egide::vault {

// What `subject.erased` and the transition of an erasure share: both carry the tag of the person, whose key is
// destroyed in the same transaction, and neither has a detail: a detail row would name the person beside the entry's
// index.
struct UnlinkedEntry {
  std::string_view event;
  const Caller* caller = nullptr;
  std::optional<base::Uuid> resource;
  bool with_fingerprint = false;
};
base::Result<audit::LeafIndex> append_unlinked(storage::ChangeContext& context, base::ByteView kaudit,
                                               const UnlinkedEntry& entry);

// The rows, details and keys of `state`'s person, without an entry: when the log holds the erasure already.
base::Result<void> erase_rows(Services& services, storage::Connection& connection, const SubjectState& state);
// On the committer's thread. Removes the rows, details and keys of `state`'s person, appends subject.erased and tells
// subscribed tools (`request`: the one that is being fulfilled); gives its index. The tombstone is to be published when
// the change has been applied.
base::Result<audit::LeafIndex> erase_in(Services& services, storage::ChangeContext& context, const Caller& caller,
                                        const SubjectState& state, base::ByteView kaudit,
                                        const std::optional<base::RecordId>& request = std::nullopt);
SubjectStatePtr tombstone_of(const SubjectState& state);
// In on_applied(): puts the tombstone and forgets the chain.
void publish_tombstone(Services& services, SubjectStatePtr tombstone) noexcept;

// Drops older versions of the erased pages. False when readers held older states for as long as was tried.
bool purge_after_erasure(Services& services);

}  // namespace egide::vault
