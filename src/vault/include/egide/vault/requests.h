// Rights requests, GDPR Articles 15 to 22: open, follow, decide; what a fulfilled one does; what it proves.
// States and transitions: docs/formats/requests.md. Packages and receipts: docs/formats/access-package.md.
//
// Who may: a person for themself (Caller::subject); the data protection officer for all; a coordinator opens a request
// for a person; an auditor sees requests without the person and without details. Everybody else: Forbidden.
//
// Thread safety: may be called from many threads.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/base/time.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

enum class RequestType {
  Access,             // Art. 15
  Rectification,      // 16
  Erasure,            // 17
  Restriction,        // 18
  Portability,        // 20
  Objection,          // 21
  AutomatedDecision,  // 22
  Withdrawal,         // 7(3)
  Information
};
std::string_view name_of(RequestType type) noexcept;  // "automated_decision"
std::optional<RequestType> parse_request_type(std::string_view name) noexcept;

enum class RequestState {
  Received,
  Acknowledged,
  IdentityRequested,
  ClosedUnidentified,
  InProgress,
  Extended,
  AwaitingRecipients,
  Fulfilled,
  PartiallyFulfilled,
  Refused,
  Withdrawn,
  Delivered,
  Reopened
};
std::string_view name_of(RequestState state) noexcept;  // "identity_requested"
std::optional<RequestState> parse_request_state(std::string_view name) noexcept;

// What the request is about; empty: all.
struct RequestScope {
  std::vector<std::string> purposes;    // of the policy pack
  std::vector<std::string> categories;  // fideslang keys
};

struct NewRequest {
  std::string type;
  std::optional<base::SubjectId> subject;  // a person who asks for themself may leave it out
  std::string channel;                     // portal, email, post, in_person, phone, agent, opendsr, api; empty: portal
                                           // for a person, api for staff
  std::string language;                    // "fr", "en"; empty: the person's, else the association's
  std::optional<base::Timestamp> received_at;  // by the association, on any channel; not in the future; nothing: now
  RequestScope scope;
  std::string details;  // free text; sealed under the person's key, refused without a person
};

struct RequestTransition {
  int number = 1;
  std::optional<RequestState> from;  // nothing for the first
  RequestState to = RequestState::Received;
  base::Timestamp at{};
  std::string by;      // actor pseudonym "a_...", "self" (the person), "system"
  std::string ground;  // code: of a refusal, or why it was extended
  std::string note;    // sealed part: doubt about the identity, remarks. Only GetRequest gives it
  std::uint64_t log_index = 0;
};

struct RequestView {
  base::RecordId id;
  RequestType type = RequestType::Information;
  RequestState state = RequestState::Received;
  std::optional<base::SubjectId> subject;  // nothing: without an account, erased since, or not for this caller
  std::string channel, language;
  base::Timestamp received_at{}, recorded_at{};
  base::Date legal_due{};  // by calendar: the date the person is shown
  base::Date due{};        // rolled to a working day; both after an extension where there is one
  bool extended = false;
  bool late = false;  // unanswered after `due`
  std::int64_t version = 1;
  std::uint64_t log_index = 0;                 // of request.opened
  std::optional<std::uint64_t> receipt_index;  // of subject.erased
  std::vector<RequestState> next;              // the states that this caller may move it to now
  // Only from OpenRequest, GetRequest and TransitionRequest:
  RequestScope scope;
  std::string details;
  std::vector<RequestTransition> transitions;
};

class OpenRequest {
 public:
  explicit OpenRequest(Services& services) : services_(services) {}
  // Opened and acknowledged by the system in one transaction: request.opened, request.changed. InvalidRequest with
  // pointers; NotFound, Gone: no such living person; Forbidden.
  base::Result<RequestView> execute(const Caller& caller, const NewRequest& request);

 private:
  Services& services_;
};

class GetRequest {
 public:
  explicit GetRequest(Services& services) : services_(services) {}
  // Logged as a read (record.read). NotFound too for somebody else's request.
  base::Result<RequestView> execute(const Caller& caller, const base::RecordId& id);

 private:
  Services& services_;
};

struct RequestQuery {
  std::optional<base::SubjectId> subject;
  std::string state, type;                                          // empty: all
  std::optional<std::pair<base::Timestamp, base::RecordId>> after;  // (received_at, id) of the last item seen
  int limit = 50;                                                   // 1 to 200
};

struct RequestPage {
  std::vector<RequestView> items;                                  // by receipt, oldest first
  std::optional<std::pair<base::Timestamp, base::RecordId>> next;  // nothing: that was all
};

class ListRequests {
 public:
  explicit ListRequests(Services& services) : services_(services) {}
  // A person sees their own only, whatever the query says. One log entry a page.
  base::Result<RequestPage> execute(const Caller& caller, const RequestQuery& query);

 private:
  Services& services_;
};

// The proof that a person was erased: holds nothing about them.
struct ErasureReceipt {
  std::uint64_t log_index = 0;
  base::Timestamp erased_at{};
  std::string entry;         // the leaf, with its line feed
  std::string proof;         // c2sp.org/tlog-proof@v1, against the newest checkpoint
  std::string verifier_key;  // of this log
};
// Can be made again at any time. NotFound: the entry at this index is no erasure.
base::Result<ErasureReceipt> make_erasure_receipt(Services& services, std::uint64_t log_index);
// format "egide.erasure-receipt/1"
std::string to_json(const ErasureReceipt& receipt);

struct NewTransition {
  std::string to;
  std::int64_t expected_version = 0;
  std::string ground;        // code; needed for refused and partially_fulfilled, "complex" or "numerous" for extended
  std::string doubt_reason;  // needed for identity_requested
  std::string note;          // free text; sealed
};

struct TransitionResult {
  RequestView request;
  std::optional<ErasureReceipt> receipt;  // of an erasure
  bool history_purged = true;             // see EraseSubject::Erased
};

class TransitionRequest {
 public:
  explicit TransitionRequest(Services& services) : services_(services) {}
  // The transition, its effect and both their entries, in one transaction. Precondition: another version stands.
  // Conflict: the table has no such transition, or the effect is impossible. Forbidden: not this caller's to make.
  // InvalidRequest: what the transition needs is missing. Gone: the effect needs a person who is erased.
  base::Result<TransitionResult> execute(const Caller& caller, const base::RecordId& id,
                                         const NewTransition& transition);

 private:
  Services& services_;
};

struct ErasurePreview {
  struct Rows {
    std::string table;
    std::int64_t rows = 0;
  };
  std::vector<Rows> erased;             // by table, those with rows only
  std::vector<std::string> categories;  // of the attributes that go
  std::int64_t decisions = 0;           // that forget the person: their sealed part goes, the rest stays without a name
  std::int64_t log_details = 0;         // details of log entries that go
  std::int64_t log_entries_kept = 0;    // entries that stay and that nobody can link to a person any more
};

class PreviewErasure {
 public:
  explicit PreviewErasure(Services& services) : services_(services) {}
  // Changes nothing but its own entry (record.read). For the data protection officer and the person.
  base::Result<ErasurePreview> execute(const Caller& caller, const base::SubjectId& subject);

 private:
  Services& services_;
};

class EraseSubject {
 public:
  explicit EraseSubject(Services& services) : services_(services) {}
  struct Erased {
    ErasureReceipt receipt;
    // False: readers held older states of the database for too long, and its write-ahead log still holds overwritten
    // pages (encrypted, their keys destroyed in the newest state). The next erasure removes them, or purge_history().
    bool history_purged = true;
  };
  // Article 17, without a request (retention). Data protection officer only. NotFound, Gone.
  base::Result<Erased> execute(const Caller& caller, const base::SubjectId& subject);
  // Unavailable while readers hold older states.
  base::Result<void> purge_history();

 private:
  Services& services_;
};

struct PackageDocument {
  std::string media_type;  // "application/json"
  std::string filename;    // "egide-<request>.json"
  std::string body;        // personal data
  std::string sha256;      // hex, of the body
  base::Timestamp created_at{};
};

class GetPackage {
 public:
  explicit GetPackage(Services& services) : services_(services) {}
  // The package of an access or portability request, or the receipt of an erasure. package.read is durable before the
  // bytes are given. A person who fetches the answer of a fulfilled request moves it to `delivered` by that.
  // NotFound: no such request, or no package yet. Gone: the person is erased.
  base::Result<PackageDocument> execute(const Caller& caller, const base::RecordId& request);

 private:
  Services& services_;
};

}  // namespace egide::vault
