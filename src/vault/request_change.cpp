#include "request_change.h"

#include <algorithm>
#include <set>

#include "deadlines.h"
#include "egide/base/json.h"
#include "erase_subject.h"
#include "request_record.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

constexpr std::size_t kMaxNote = 10000;

base::Result<void> check_texts(const NewTransition& wanted) {
  const auto is_fit = [](const std::string& text) { return text.size() <= kMaxNote && base::is_valid_utf8(text); };
  if (!is_fit(wanted.note)) return base::invalid_field("/note", "must be UTF-8 of at most 10000 bytes");
  if (!is_fit(wanted.doubt_reason)) return base::invalid_field("/doubt_reason", "must be UTF-8 of at most 10000 bytes");
  return {};
}

base::Result<void> check_need(const Services& services, const storage::RequestRow& row, RequestType type,
                              TransitionNeed need, const NewTransition& wanted) {
  switch (need) {
    case TransitionNeed::DoubtReason:
      if (wanted.doubt_reason.empty())
        return base::invalid_field("/doubt_reason", "is required: an identity is asked for on a reasonable doubt only");
      break;
    case TransitionNeed::Extension:
      if (!is_extension_ground(wanted.ground)) return base::invalid_field("/ground", "must be complex or numerous");
      if (is_past(row.due, services.clock->now()))
        return base::conflict("The due date has passed: an extension is announced before it");
      return {};
    case TransitionNeed::RefusalGround:
      if (!is_refusal_ground(wanted.ground, type))
        return base::invalid_field("/ground", "must be a ground of refusal for this type of request");
      return {};
    case TransitionNeed::Nothing:
      break;
  }
  if (!wanted.ground.empty()) return base::invalid_field("/ground", "has no place in this transition");
  return {};
}

// A fulfilled erasure can't be undone: where the association has two officers, or other staff opened the request, it
// takes two people. One is enough where the person asked themself, or where there is one officer alone.
base::Result<void> check_second_person(const Services& services, const Caller& caller,
                                       const std::vector<storage::TransitionRow>& history) {
  int officers = 0;
  std::set<base::ByteArray<16>> staff;
  for (const auto& account : services.accounts.accounts()) {
    if (account->role == Role::Dpo && account->row.active) ++officers;
    staff.insert(account->row.actor);
  }
  if (officers < 2) return {};
  for (const auto& transition : history)
    if (transition.actor == kPersonActor || (transition.actor != caller.actor && staff.count(transition.actor) > 0))
      return {};
  return base::forbidden(
      "An erasure that staff decide takes two people: somebody else has to take part in this request");
}

// Fulfilling these without a person has nothing to act on.
bool acts_on_the_person(RequestType type) {
  switch (type) {
    case RequestType::Access:
    case RequestType::Portability:
    case RequestType::Erasure:
    case RequestType::Restriction:
    case RequestType::Objection:
    case RequestType::Withdrawal:
      return true;
    case RequestType::Rectification:
    case RequestType::AutomatedDecision:
    case RequestType::Information:
      return false;
  }
  return false;
}

// The code that stands in the clear: these two states have one by themselves (Art. 12(6), 12(2)).
std::string ground_of(RequestState to, const NewTransition& wanted) {
  if (to == RequestState::IdentityRequested) return "identity_pending";
  if (to == RequestState::ClosedUnidentified) return "identity_not_established";
  return wanted.ground;
}

}  // namespace

base::Result<CheckedTransition> check_transition(const Services& services, const Caller& caller,
                                                 const storage::RequestRow& row,
                                                 const std::vector<storage::TransitionRow>& history,
                                                 const NewTransition& wanted) {
  const auto to = parse_request_state(wanted.to);
  if (!to) return base::invalid_field("/to", "is not a state of requests");
  if (row.version != wanted.expected_version)
    return base::Error(base::ErrorCode::Precondition, "The request has changed meanwhile: read it again");
  EGIDE_TRY(const RequestType type, type_of(row));
  EGIDE_TRY(const RequestState from, state_of(row));
  const TransitionRule* rule = find_transition(from, *to);
  if (rule == nullptr) return base::conflict("A request that is " + row.state + " can't become " + wanted.to);
  if ((rule->who & who_is(caller)) == 0) return base::forbidden("This step is not this caller's to take");
  EGIDE_TRY_VOID(check_texts(wanted));
  if (!row.subject && !(wanted.note.empty() && wanted.doubt_reason.empty()) &&
      rule->need != TransitionNeed::DoubtReason)
    return base::invalid_field("/note", "needs a person, whose key seals it");
  EGIDE_TRY_VOID(check_need(services, row, type, rule->need, wanted));
  if (*to == RequestState::Fulfilled && acts_on_the_person(type) && !row.subject)
    return base::Error(base::ErrorCode::Gone,
                       "The request names no person, or they have been erased: nothing is left to act on");
  if (*to == RequestState::Fulfilled && type == RequestType::Erasure)
    EGIDE_TRY_VOID(check_second_person(services, caller, history));
  return CheckedTransition{type, from, *to};
}

base::Result<void> TransitionChange::apply(storage::ChangeContext& context) {
  storage::RequestRepository requests(context.connection());
  EGIDE_TRY(row_, find_request(caller_, requests, id_));
  EGIDE_TRY(const auto history, requests.transitions(id_));
  EGIDE_TRY(const auto checked, check_transition(services_, caller_, row_, history, wanted_));
  if (row_.subject) {
    EGIDE_TRY(state_, services_.living(*row_.subject));
  }
  if (checked.to == RequestState::Fulfilled) EGIDE_TRY_VOID(take_effect(context, checked.type));

  storage::TransitionRow transition;
  transition.request = id_;
  transition.number = static_cast<int>(history.size()) + 1;
  transition.from = row_.state;
  transition.to = wanted_.to;
  transition.at = context.now();
  transition.actor = actor_of(caller_);
  transition.ground = ground_of(checked.to, wanted_);
  EGIDE_TRY(transition.log_index, append_transition_entry(context));
  EGIDE_TRY_VOID(requests.append_transition(transition));
  EGIDE_TRY_VOID(WebhookQueue(services_, context).request(row_, wanted_.to, transition.log_index));
  return requests.move(id_, wanted_.expected_version, wanted_.to, erased_at_);
}

base::Result<audit::LeafIndex> TransitionChange::append_transition_entry(storage::ChangeContext& context) {
  if (erased_at_) {
    UnlinkedEntry unlinked;
    unlinked.event = audit::event::kRequestChanged;
    unlinked.caller = &caller_;
    unlinked.resource = id_.uuid();
    return append_unlinked(context, kaudit_->expose_secret(), unlinked);
  }
  EntryFields fields;
  fields.event = audit::event::kRequestChanged;
  fields.caller = &caller_;
  if (state_ == nullptr) return append(context, fields);
  fields.resource = id_.uuid();
  EGIDE_TRY(const auto about, entry(request_detail(row_, wanted_.to, &wanted_)));
  return append(context, fields, about);
}

base::Result<SubjectEntry> TransitionChange::entry(const std::string& detail) const {
  return SubjectEntry::prepare(services_, *state_, detail);
}

void TransitionChange::publish() noexcept {
  if (erased_at_)
    publish_tombstone(services_, tombstone_of(*state_));
  else if (next_ != nullptr)
    services_.subjects.put(next_);
}

}  // namespace egide::vault
