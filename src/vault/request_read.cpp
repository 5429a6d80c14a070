#include "entries.h"
#include "request_chain.h"
#include "request_record.h"
#include "request_states.h"

namespace egide::vault {
namespace {

constexpr int kMaxPage = 200;

base::Result<storage::RequestFilter> filter_of(const Caller& caller, const RequestQuery& query) {
  if (query.limit < 1 || query.limit > kMaxPage) return base::invalid_field("/limit", "must be between 1 and 200");
  if (!query.state.empty() && !parse_request_state(query.state))
    return base::invalid_field("/state", "is not a state of requests");
  if (!query.type.empty() && !parse_request_type(query.type))
    return base::invalid_field("/type", "is not a type of request");
  storage::RequestFilter filter;
  filter.subject = caller.subject ? caller.subject : query.subject;
  filter.state = query.state;
  filter.type = query.type;
  filter.after = query.after;
  filter.limit = query.limit + 1;  // one more says whether there is a next page
  return filter;
}

}  // namespace

base::Result<RequestView> GetRequest::execute(const Caller& caller, const base::RecordId& id) {
  storage::RequestRow row;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(row, find_request(caller, storage::RequestRepository(*reads), id));
  }
  // An auditor sees nothing of the person: their look is no entry of the person's.
  if (row.subject && caller.role != Role::Auditor) {
    EGIDE_TRY(const auto state, services_.living(*row.subject));
    EGIDE_TRY_VOID(log_person_read(services_, caller, *state, audit::event::kRecordRead, id.uuid(),
                                   R"({"fields":["request"],"request":")" + id.str() + "\"}"));
  } else {
    EGIDE_TRY_VOID(log_plain_read(services_, caller, audit::event::kRecordRead));
  }
  return read_whole_request(services_, caller, id);
}

base::Result<RequestPage> ListRequests::execute(const Caller& caller, const RequestQuery& query) {
  if (!caller.subject && caller.role != Role::Dpo && caller.role != Role::Auditor)
    return base::forbidden("Requests are for the person concerned, the data protection officer and auditors");
  // By person, a list would tell who has asked for something.
  if (caller.role == Role::Auditor && query.subject) return base::forbidden("Auditors see requests without the person");
  EGIDE_TRY(const auto filter, filter_of(caller, query));
  if (caller.subject) EGIDE_TRY_VOID(services_.living(*caller.subject));
  EGIDE_TRY_VOID(log_plain_read(services_, caller, audit::event::kRecordRead));

  EGIDE_TRY(const auto reads, services_.reads->lease());
  const storage::RequestRepository requests(*reads);
  EGIDE_TRY(const auto rows, requests.list(filter));
  RequestPage page;
  for (const auto& row : rows) {
    if (page.items.size() == static_cast<std::size_t>(query.limit)) {
      page.next.emplace(page.items.back().received_at, page.items.back().id);
      break;
    }
    EGIDE_TRY(const auto transitions, requests.transitions(row.id));
    EGIDE_TRY(auto view, view_of(services_, caller, row, transitions));
    view.transitions.clear();
    page.items.push_back(std::move(view));
  }
  return page;
}

}  // namespace egide::vault
