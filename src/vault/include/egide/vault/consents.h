// Consent: events that are only ever appended to; the state is computed (docs/formats/consent.md). Articles 7 and 8.
//
// Thread safety: may be called from many threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/policies/decide.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

struct NewConsent {
  std::string purpose;
  // "given", "refused", "withdrawn"; of the organisation: "requested" (asks by mail), and of the data protection
  // officer, with the reason as `method`: "revoked", "invalidated".
  std::string status;
  std::string channel;              // portal, email_link, api, paper, phone, in_person, import, gpc
  std::string by = "data_subject";  // or "guardian"
  std::string method;
  std::string evidence;                // reference; needed for paper, phone, in_person and import when staff records it
  std::optional<base::Timestamp> at;   // when it was expressed; not in the future; nothing: now
  std::optional<int> notice_version;   // nothing: the current one
  std::string language;                // of the text shown; empty: the person's
  std::optional<base::Uuid> ceremony;  // set by what confirms a request
};

struct ConsentEvent {
  base::RecordId id;
  base::SubjectId subject;
  std::string purpose, type, by, channel, method, evidence;
  base::Timestamp at{}, recorded_at{};
  int notice_version = 0;
  std::string notice_language, notice_hash;  // hex
  std::optional<base::Timestamp> valid_until;
  std::optional<base::Uuid> ceremony;  // what was asked and answered together: a request and its confirmations
  std::uint64_t log_index = 0;
  std::string recorded_by;  // actor pseudonym "a_..."; empty: the person
};

struct ConsentStateView {
  std::string purpose, by;
  policies::ConsentState state = policies::ConsentState::None;
  std::optional<base::Timestamp> valid_until;
  int notice_version = 0;
  base::RecordId record;
  bool lapsed = false;  // a guardian's part, since the child is of an age to consent alone
};

class RecordConsent {
 public:
  explicit RecordConsent(Services& services) : services_(services) {}
  // InvalidRequest: unknown purpose, a purpose not based on consent, missing evidence, a time in the future, a notice
  // without text, a guardian for who consents alone. What staff says to have been given over a channel that proves
  // nothing is confirmed by mail first, where the purpose asks for it: the event is then "pending_confirmation" and
  // does not count (docs/formats/consent.md, "Double opt-in"). Conflict: the event can't follow the present state.
  // NotFound, Gone: no such living person.
  base::Result<ConsentEvent> execute(const Caller& caller, const base::SubjectId& subject, const NewConsent& consent);

 private:
  Services& services_;
};

struct ConsentHistory {
  std::vector<ConsentStateView> states;
  std::vector<ConsentEvent> events;
};

class ListConsents {
 public:
  explicit ListConsents(Services& services) : services_(services) {}
  // `at`: the states as they were at that time, and the events expressed until then; nothing: now, and all. A
  // withdrawal is not retroactive: what it ended stays given for every instant before.
  base::Result<ConsentHistory> execute(const Caller& caller, const base::SubjectId& subject,
                                       const std::optional<base::Timestamp>& at = std::nullopt);

 private:
  Services& services_;
};

class GetConsent {
 public:
  explicit GetConsent(Services& services) : services_(services) {}
  base::Result<ConsentEvent> execute(const Caller& caller, const base::RecordId& id);

 private:
  Services& services_;
};

// The state after an event of `type`, or nothing when it can't follow (docs/formats/consent.md, table of events).
std::optional<policies::ConsentState> next_consent_state(policies::ConsentState from, std::string_view type) noexcept;
// The DPV id of the state that an event leads to: each type leads to one, whatever stood before.
std::string_view consent_state_after(std::string_view type) noexcept;

}  // namespace egide::vault
