#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "deadlines.h"
#include "egide/base/json.h"
#include "egide/crypto/random.h"
#include "entries.h"
#include "mistake_list.h"
#include "request_record.h"
#include "request_states.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

constexpr std::array<std::string_view, 8> kChannels = {"portal", "email", "post",    "in_person",
                                                       "phone",  "agent", "opendsr", "api"};
constexpr std::size_t kMaxText = 10000;
constexpr std::size_t kMaxScope = 100;

base::Result<void> may_open(const Caller& caller, const NewRequest& request) {
  if (caller.subject) {
    if (request.subject && request.subject != caller.subject)
      return base::forbidden("A person opens requests for themself only");
    return {};
  }
  if (caller.role == Role::Dpo || caller.role == Role::Coordinator) return {};
  return base::forbidden("Requests are opened by the person, the data protection officer or a coordinator");
}

void check_scope(const policies::Pack& pack, std::optional<RequestType> type, const RequestScope& scope,
                 MistakeList& mistakes) {
  if (scope.purposes.size() > kMaxScope) mistakes.add("/scope/purposes", "must have at most 100 items");
  if (scope.categories.size() > kMaxScope) mistakes.add("/scope/categories", "must have at most 100 items");
  for (std::size_t i = 0; i < scope.purposes.size(); ++i) {
    const std::string pointer = "/scope/purposes/" + std::to_string(i);
    const policies::Purpose* purpose = pack.find(scope.purposes[i]);
    if (purpose == nullptr)
      mistakes.add(pointer, "is not a purpose of the policy pack");
    else if (type == RequestType::Withdrawal && purpose->basis != policies::LegalBasis::Consent)
      mistakes.add(pointer, "is not based on consent: object to it instead");
  }
  for (std::size_t i = 0; i < scope.categories.size(); ++i)
    if (!policies::is_category_key(scope.categories[i]))
      mistakes.add("/scope/categories/" + std::to_string(i), "is not a data category (fideslang key)");
}

base::Result<void> check(const Services& services, const NewRequest& request, bool has_person, base::Timestamp now) {
  MistakeList mistakes;
  const auto type = parse_request_type(request.type);
  if (!type)
    mistakes.add("/type",
                 "must be one of access, rectification, erasure, restriction, portability, objection, "
                 "automated_decision, withdrawal, information");
  if (!request.channel.empty() && std::find(kChannels.begin(), kChannels.end(), request.channel) == kChannels.end())
    mistakes.add("/channel", "must be one of portal, email, post, in_person, phone, agent, opendsr, api");
  if (!request.language.empty() && request.language != "fr" && request.language != "en")
    mistakes.add("/language", "must be fr or en");
  if (request.received_at && *request.received_at > now) mistakes.add("/received_at", "may not lie in the future");
  if (request.details.size() > kMaxText) mistakes.add("/details", "must have at most 10000 bytes");
  if (!base::is_valid_utf8(request.details)) mistakes.add("/details", "must be UTF-8");
  // What is not about a known person has no key to be sealed under.
  if (!has_person && !request.details.empty()) mistakes.add("/details", "needs a person, whose key seals it");
  if (!has_person && !(request.scope.purposes.empty() && request.scope.categories.empty()))
    mistakes.add("/scope", "needs a person");
  check_scope(*services.pack, type, request.scope, mistakes);
  return mistakes.finish();
}

class OpeningChange final : public LoggedChange {
 public:
  OpeningChange(Services& services, const Caller& caller, storage::RequestRow row, const RequestDetails& details)
      : LoggedChange(services), caller_(caller), row_(std::move(row)), details_(details) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::RequestRepository requests(context.connection());
    row_.recorded_at = context.now();
    if (row_.subject) EGIDE_TRY_VOID(seal());
    EGIDE_TRY(row_.log_index, write(context, audit::event::kRequestOpened, &caller_, RequestState::Received));
    EGIDE_TRY_VOID(requests.insert(row_));
    EGIDE_TRY_VOID(requests.append_transition(
        transition(1, std::nullopt, RequestState::Received, actor_of(caller_), row_.log_index)));
    // The answer to this call is the acknowledgement, so the system records it with it.
    EGIDE_TRY(const auto acknowledged,
              write(context, audit::event::kRequestChanged, nullptr, RequestState::Acknowledged));
    EGIDE_TRY_VOID(requests.append_transition(
        transition(2, RequestState::Received, RequestState::Acknowledged, system_actor(), acknowledged)));
    EGIDE_TRY_VOID(requests.move(row_.id, 1, name_of(RequestState::Acknowledged), std::nullopt));
    WebhookQueue webhooks(services_, context);
    EGIDE_TRY_VOID(webhooks.request(row_, name_of(RequestState::Received), row_.log_index));
    return webhooks.request(row_, name_of(RequestState::Acknowledged), acknowledged);
  }

 private:
  base::Result<void> seal() {
    EGIDE_TRY(const auto state, services_.living(*row_.subject));
    EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state->id, state->keys));
    row_.sealed = seal_details(services_, dek.expose_secret(), state->id, row_.id, details_);
    return {};
  }
  base::Result<audit::LeafIndex> write(storage::ChangeContext& context, std::string_view event, const Caller* by,
                                       RequestState to) {
    EntryFields fields;
    fields.event = event;
    fields.caller = by;
    if (!row_.subject) return append(context, fields);
    fields.resource = row_.id.uuid();
    EGIDE_TRY(const auto state, services_.living(*row_.subject));
    EGIDE_TRY(const auto entry, SubjectEntry::prepare(services_, *state, request_detail(row_, name_of(to), nullptr)));
    return append(context, fields, entry);
  }
  storage::TransitionRow transition(int number, std::optional<RequestState> from, RequestState to,
                                    const base::ByteArray<16>& actor, std::uint64_t log_index) const {
    storage::TransitionRow out;
    out.request = row_.id;
    out.number = number;
    if (from) out.from = name_of(*from);
    out.to = name_of(to);
    out.at = row_.recorded_at;
    out.actor = actor;
    out.log_index = log_index;
    return out;
  }
  const Caller& caller_;
  storage::RequestRow row_;
  const RequestDetails& details_;
};

std::string language_of(const Services& services, const NewRequest& request, const SubjectState* state) {
  if (!request.language.empty()) return request.language;
  if (state != nullptr && (state->locale == "fr" || state->locale == "en")) return state->locale;
  return services.language;
}

}  // namespace

base::Result<RequestView> OpenRequest::execute(const Caller& caller, const NewRequest& request) {
  EGIDE_TRY_VOID(may_open(caller, request));
  const auto subject = caller.subject ? caller.subject : request.subject;
  const base::Timestamp now = services_.clock->now();
  EGIDE_TRY_VOID(check(services_, request, subject.has_value(), now));
  SubjectStatePtr state;
  if (subject) {
    EGIDE_TRY(state, services_.living(*subject));
  }

  storage::RequestRow row;
  row.id = base::RecordId(crypto::time_uuid(now));
  row.type = request.type;
  row.state = name_of(RequestState::Received);
  row.channel = !request.channel.empty() ? request.channel : caller.subject ? "portal" : "api";
  row.language = language_of(services_, request, state.get());
  row.subject = subject;
  row.received_at = request.received_at.value_or(now);
  const DueDates dates = due_dates(row.received_at, *services_.pack);
  row.due = dates.due;
  row.legal_due = dates.legal;
  const base::RecordId id = row.id;

  const RequestDetails details{request.scope, request.details};
  OpeningChange change(services_, caller, std::move(row), details);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  // A coordinator, who reads no requests, is shown the one they just opened.
  Caller reader = caller;
  if (reader.role == Role::Coordinator) reader.role = Role::Dpo;
  EGIDE_TRY(auto view, read_whole_request(services_, reader, id));
  if (who_is(caller) == 0) view.next.clear();
  return view;
}

}  // namespace egide::vault
