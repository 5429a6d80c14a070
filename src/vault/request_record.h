// A request as it is stored: its sealed details, its transitions, and what callers are shown of it.
//
// Thread safety: as the connection given.
#pragma once

#include <string>
#include <vector>

#include "egide/storage/request_repository.h"
#include "egide/vault/requests.h"
#include "services.h"

namespace egide::vault {

// The column `sealed`: what the person wrote, and what it is about.
struct RequestDetails {
  RequestScope scope;
  std::string text;
};
base::Bytes seal_details(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                         const base::RecordId& request, const RequestDetails& details);
base::Result<RequestDetails> open_details(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                          const storage::RequestRow& row);

// Who made a transition, in the column `actor`: a pseudonym, or one of two values that no random pseudonym has.
base::ByteArray<16> actor_of(const Caller& caller) noexcept;
inline constexpr base::ByteArray<16> kPersonActor{};
base::ByteArray<16> system_actor() noexcept;
std::string actor_text(const base::ByteArray<16>& actor);  // "a_...", "self", "system"

base::Result<RequestType> type_of(const storage::RequestRow& row);
base::Result<RequestState> state_of(const storage::RequestRow& row);

// The columns and transitions, without anything sealed; for staff that may not know the person, without them.
base::Result<RequestView> view_of(const Services& services, const Caller& caller, const storage::RequestRow& row,
                                  const std::vector<storage::TransitionRow>& transitions);
// The dates that hold now: after an extension, the extended ones.
void take_dates(const Services& services, bool extended, RequestView& view);

// Reads the row for this caller. NotFound: none, or somebody else's. Forbidden: a role without a part in requests.
base::Result<storage::RequestRow> find_request(const Caller& caller, const storage::RequestRepository& requests,
                                               const base::RecordId& id);
// The view with its sealed parts, read from one snapshot. The look is the caller's to log before.
base::Result<RequestView> read_whole_request(Services& services, const Caller& caller, const base::RecordId& id);

// {"request":"...","type":"..."} and more: the sealed detail of a request's entries.
std::string request_detail(const storage::RequestRow& row, std::string_view to, const NewTransition* transition);

}  // namespace egide::vault
