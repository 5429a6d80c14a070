// A person's own log entries, newest first, and the entry of a look at what is theirs.
//
// Thread safety: as the connection given; the changes as storage::Change.
#pragma once

#include <functional>
#include <string>

#include "egide/storage/log_store.h"
#include "entries.h"

namespace egide::vault {

// Calls `visit` for each entry of the chain that ends at `head` (index + 1; 0: nothing), newest first. The chain ends
// early where older details were pruned. Integrity when it is damaged; the first error of `visit`.
base::Result<void> walk_chain(const storage::LogStore& log, const base::SubjectId& subject, std::uint64_t head,
                              const std::function<base::Result<void>(const storage::LogStore::Detail&)>& visit);

// Waits until everything that this process has applied so far is durable, and gives the head of the person's chain as
// it is then: a snapshot taken afterwards holds the whole chain. No entry of its own. Gone when erased.
base::Result<std::uint64_t> durable_chain_head(Services& services, const base::SubjectId& subject);

// Appends one entry about a living person (allow): a read. Gone when they have been erased meanwhile.
base::Result<void> log_person_read(Services& services, const Caller& caller, const SubjectState& state,
                                   std::string_view event, const base::Uuid& resource, std::string_view detail);
// The same about nobody in particular.
base::Result<void> log_plain_read(Services& services, const Caller& caller, std::string_view event);

}  // namespace egide::vault
