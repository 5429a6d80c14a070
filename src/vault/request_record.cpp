#include "request_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "deadlines.h"
#include "egide/base/json.h"
#include "egide/storage/log_store.h"
#include "entries.h"
#include "request_states.h"
#include "sealing.h"

namespace egide::vault {
namespace {

FieldPlace details_place(const base::RecordId& request) { return {"request", request.str(), "sealed", 1}; }

bool knows_the_person(const Caller& caller) { return caller.subject.has_value() || caller.role == Role::Dpo; }

// The states this caller could ask for now.
std::vector<RequestState> next_states(const Caller& caller, RequestState from) {
  std::vector<RequestState> out;
  for (const TransitionRule& rule : kTransitions)
    if (rule.from == from && (rule.who & who_is(caller)) != 0) out.push_back(rule.to);
  return out;
}

base::Result<RequestTransition> to_transition(const storage::TransitionRow& row) {
  RequestTransition out;
  out.number = row.number;
  out.from = parse_request_state(row.from);
  const auto to = parse_request_state(row.to);
  if (!to) return base::integrity_violation("A stored request has an unknown state");
  out.to = *to;
  out.at = row.at;
  out.by = actor_text(row.actor);
  out.ground = row.ground;
  out.log_index = row.log_index;
  return out;
}

// The remark in the entry's detail; empty when it has none or was pruned.
base::Result<std::string> note_of(const Services& services, const storage::LogStore& log, const SubjectState& state,
                                  std::uint64_t log_index) {
  EGIDE_TRY(const auto stored, log.detail(log_index));
  if (!stored || stored->sealed.empty()) return std::string();
  EGIDE_TRY(const auto text, open_detail(services, state, stored->record, stored->sealed));
  EGIDE_TRY(const auto json, base::parse_json(text));
  const auto note = json.find("note");
  return note != json.end() && note->is_string() ? note->get<std::string>() : std::string();
}

}  // namespace

base::Bytes seal_details(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                         const base::RecordId& request, const RequestDetails& details) {
  nlohmann::json json = nlohmann::json::object();
  json["purposes"] = details.scope.purposes;
  json["categories"] = details.scope.categories;
  json["text"] = details.text;
  return seal_field(services, dek, subject, details_place(request), json.dump());
}

base::Result<RequestDetails> open_details(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                          const storage::RequestRow& row) {
  RequestDetails out;
  if (row.sealed.empty()) return out;
  EGIDE_TRY(const auto text, open_field(services, dek, subject, details_place(row.id), row.sealed));
  EGIDE_TRY(const auto json, base::parse_json(text));
  base::ObjectReader in(json, "");
  out.scope.purposes = in.required_strings("purposes");
  out.scope.categories = in.required_strings("categories");
  out.text = in.required_string("text", {.min = 0, .max = 1 << 16});
  if (!in.finish()) return base::integrity_violation("A request's stored details are damaged");
  return out;
}

base::ByteArray<16> system_actor() noexcept {
  base::ByteArray<16> out;
  out.fill(std::byte{0xff});
  return out;
}

base::ByteArray<16> actor_of(const Caller& caller) noexcept { return caller.subject ? kPersonActor : caller.actor; }

std::string actor_text(const base::ByteArray<16>& actor) {
  if (actor == kPersonActor) return "self";
  return actor == system_actor() ? "system" : "a_" + base::to_base64url(actor);
}

base::Result<RequestType> type_of(const storage::RequestRow& row) {
  const auto type = parse_request_type(row.type);
  if (!type) return base::integrity_violation("A stored request has an unknown type");
  return *type;
}

base::Result<RequestState> state_of(const storage::RequestRow& row) {
  const auto state = parse_request_state(row.state);
  if (!state) return base::integrity_violation("A stored request has an unknown state");
  return *state;
}

void take_dates(const Services& services, bool extended, RequestView& view) {
  if (extended) {
    const DueDates dates = extended_due_dates(view.received_at, *services.pack);
    view.legal_due = dates.legal;
    view.due = dates.due;
  }
  view.extended = extended;
  view.late = !is_closed(view.state) && is_past(view.due, services.clock->now());
}

base::Result<RequestView> view_of(const Services& services, const Caller& caller, const storage::RequestRow& row,
                                  const std::vector<storage::TransitionRow>& transitions) {
  RequestView view;
  view.id = row.id;
  EGIDE_TRY(view.type, type_of(row));
  EGIDE_TRY(view.state, state_of(row));
  if (knows_the_person(caller)) view.subject = row.subject;
  view.channel = row.channel;
  view.language = row.language;
  view.received_at = row.received_at;
  view.recorded_at = row.recorded_at;
  view.legal_due = row.legal_due;
  view.due = row.due;
  view.version = row.version;
  view.log_index = row.log_index;
  view.receipt_index = row.receipt_index;
  view.next = next_states(caller, view.state);
  take_dates(services,
             std::any_of(transitions.begin(), transitions.end(),
                         [](const storage::TransitionRow& t) { return t.to == name_of(RequestState::Extended); }),
             view);
  for (const auto& transition : transitions) {
    EGIDE_TRY(auto read, to_transition(transition));
    view.transitions.push_back(std::move(read));
  }
  return view;
}

base::Result<storage::RequestRow> find_request(const Caller& caller, const storage::RequestRepository& requests,
                                               const base::RecordId& id) {
  if (!knows_the_person(caller) && caller.role != Role::Auditor)
    return base::forbidden("Requests are for the person concerned, the data protection officer and auditors");
  EGIDE_TRY(auto row, requests.find(id));
  // Somebody else's request looks like none: nobody learns that it exists.
  if (!row || (caller.subject && row->subject != caller.subject)) return base::not_found("There is no such request");
  return std::move(*row);
}

base::Result<RequestView> read_whole_request(Services& services, const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY(const auto reads, services.reads->lease());
  const storage::RequestRepository requests(*reads);
  EGIDE_TRY(const auto row, find_request(caller, requests, id));
  EGIDE_TRY(const auto transitions, requests.transitions(id));
  EGIDE_TRY(auto view, view_of(services, caller, row, transitions));
  if (!view.subject) return view;
  EGIDE_TRY(const auto state, services.living(*view.subject));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, state->id, state->keys));
  EGIDE_TRY(auto details, open_details(services, dek.expose_secret(), state->id, row));
  view.scope = std::move(details.scope);
  view.details = std::move(details.text);
  const storage::LogStore log(*reads);
  for (auto& transition : view.transitions) {
    EGIDE_TRY(transition.note, note_of(services, log, *state, transition.log_index));
  }
  return view;
}

std::string request_detail(const storage::RequestRow& row, std::string_view to, const NewTransition* transition) {
  nlohmann::json json = nlohmann::json::object();
  json["request"] = row.id.str();
  json["type"] = row.type;
  json["to"] = std::string(to);
  if (transition != nullptr) {
    std::string note = transition->doubt_reason;
    if (!note.empty() && !transition->note.empty()) note += '\n';
    note += transition->note;
    if (!note.empty()) json["note"] = note;
    if (!transition->ground.empty()) json["ground"] = transition->ground;
  }
  return json.dump();
}

}  // namespace egide::vault
