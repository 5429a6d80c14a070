// What was delivered, what is sent again, and what receivers say they have done.
#include <algorithm>
#include <array>
#include <functional>

#include "egide/audit/webhook_event_names.h"
#include "egide/base/time.h"
#include "egide/vault/webhooks.h"
#include "entries.h"
#include "webhook_access.h"
#include "webhook_events.h"

namespace egide::vault {
namespace {

constexpr std::array<std::string_view, 3> kRefusals = {"legal_obligation", "legal_claims", "not_held"};

base::Error no_such_delivery() { return base::not_found("There is no such delivery"); }

// Queues again; no entry, since nothing is told that was not told before.
class RequeueChange final : public storage::Change {
 public:
  using Requeue = std::function<base::Result<std::int64_t>(storage::WebhookRepository&, base::Timestamp now)>;
  explicit RequeueChange(Requeue requeue) : requeue_(std::move(requeue)) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::WebhookRepository hooks(context.connection());
    EGIDE_TRY(count, requeue_(hooks, context.now()));
    return {};
  }
  std::int64_t count = 0;

 private:
  Requeue requeue_;
};

class AcknowledgementChange final : public LoggedChange {
 public:
  AcknowledgementChange(Services& services, const Caller& caller, const base::RecordId& delivery,
                        const WebhookAcknowledgement& answer)
      : LoggedChange(services), caller_(caller), delivery_(delivery), answer_(answer) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::WebhookRepository hooks(context.connection());
    EGIDE_TRY(const auto row, hooks.delivery(delivery_));
    if (!row) return no_such_delivery();
    if (row->ack_state == "done") return base::conflict("This was acknowledged as done before");
    EGIDE_TRY_VOID(hooks.acknowledge(delivery_, answer_.state, answer_.reason, answer_.until, context.now()));
    EntryFields fields;
    fields.event = audit::event::kWebhookAcknowledged;
    fields.caller = &caller_;
    fields.outcome = answer_.state == "done" ? audit::Outcome::Allow : audit::Outcome::Deny;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }

 private:
  const Caller& caller_;
  base::RecordId delivery_;
  const WebhookAcknowledgement& answer_;
};

// With the answers' beginnings for the administrator only.
base::Result<WebhookDeliveryView> view_of(const Caller& caller, storage::WebhookRepository& hooks,
                                          storage::WebhookDeliveryRow row) {
  WebhookDeliveryView view;
  view.event = webhook_event_id(row.id);
  EGIDE_TRY(view.attempts, hooks.attempts(row.id));
  if (caller.role != Role::Admin)
    for (auto& attempt : view.attempts) attempt.answer_start.clear();
  view.row = std::move(row);
  return view;
}

base::Result<WebhookDeliveryView> see_delivery(Services& services, const Caller& caller, const base::RecordId& id) {
  std::optional<storage::WebhookDeliveryRow> row;
  {
    EGIDE_TRY(const auto reads, services.reads->lease());
    EGIDE_TRY(row, storage::WebhookRepository(*reads).delivery(id));
  }
  if (!row) return no_such_delivery();
  if (!see_webhook(services, caller, row->endpoint)) return no_such_delivery();
  EGIDE_TRY(const auto reads, services.reads->lease());
  storage::WebhookRepository hooks(*reads);
  return view_of(caller, hooks, std::move(*row));
}

base::Result<void> check(const WebhookAcknowledgement& answer) {
  if (answer.state != "done" && answer.state != "refused")
    return base::invalid_field("/state", "must be done or refused");
  const bool refused = answer.state == "refused";
  if (refused && std::find(kRefusals.begin(), kRefusals.end(), answer.reason) == kRefusals.end())
    return base::invalid_field("/reason", "must be one of legal_obligation, legal_claims, not_held");
  if (!refused && !answer.reason.empty()) return base::invalid_field("/reason", "has no place in what is done");
  if (answer.until.empty()) return {};
  if (!refused || !base::parse_date(answer.until)) return base::invalid_field("/until", "must be a date, of a refusal");
  return {};
}

}  // namespace

std::string webhook_event_id(const base::RecordId& delivery) {
  return "evt_" + base::to_base32(delivery.uuid().bytes());
}

base::Result<WebhookDeliveries> Webhooks::deliveries(const Caller& caller,
                                                     const storage::WebhookDeliveryFilter& filter) {
  EGIDE_TRY([[maybe_unused]] const auto endpoint, see_webhook(services_, caller, filter.endpoint));
  EGIDE_TRY(const auto reads, services_.reads->lease());
  storage::WebhookRepository hooks(*reads);
  storage::WebhookDeliveryFilter one_more = filter;
  ++one_more.limit;
  EGIDE_TRY(auto rows, hooks.deliveries(one_more));
  WebhookDeliveries out;
  if (rows.size() > static_cast<std::size_t>(filter.limit)) {
    rows.pop_back();
    out.next = {rows.back().created_at, rows.back().id};
  }
  for (auto& row : rows) {
    EGIDE_TRY(auto view, view_of(caller, hooks, std::move(row)));
    out.items.push_back(std::move(view));
  }
  return out;
}

base::Result<void> Webhooks::redeliver(const Caller& caller, const base::RecordId& delivery) {
  EGIDE_TRY(const auto view, see_delivery(services_, caller, delivery));
  if (view.row.type == "endpoint.test") return base::conflict("A challenge is not sent again: ask for a new test");
  RequeueChange change([&](storage::WebhookRepository& hooks, base::Timestamp now) -> base::Result<std::int64_t> {
    EGIDE_TRY(const bool done, hooks.requeue(delivery, now));
    if (!done) return base::conflict("The event is being sent now, or is gone");
    return std::int64_t{1};
  });
  return services_.committer->commit(change);
}

base::Result<std::int64_t> Webhooks::redeliver_between(const Caller& caller, const base::RecordId& id,
                                                       base::Timestamp from, base::Timestamp to,
                                                       const std::vector<std::string>& types) {
  EGIDE_TRY([[maybe_unused]] const auto endpoint, see_webhook(services_, caller, id));
  if (to < from) return base::invalid_field("/to", "may not lie before from");
  for (std::size_t i = 0; i < types.size(); ++i)
    if (find_webhook_type(types[i]) == nullptr)
      return base::invalid_field("/types/" + std::to_string(i), "is not a type of event that is sent");
  RequeueChange change([&](storage::WebhookRepository& hooks, base::Timestamp now) {
    return hooks.requeue_between(id, from, to, types, now);
  });
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.count;
}

base::Result<WebhookDeliveryView> Webhooks::acknowledge(const Caller& caller, const base::RecordId& delivery,
                                                        const WebhookAcknowledgement& answer) {
  if (caller.role != Role::Tool) return base::forbidden("The tool that received an event acknowledges it");
  EGIDE_TRY(const auto seen, see_delivery(services_, caller, delivery));
  EGIDE_TRY_VOID(check(answer));
  const WebhookType* type = find_webhook_type(seen.row.type);
  if (type == nullptr || !type->needs_work) return base::conflict("This event asks for no work");
  AcknowledgementChange change(services_, caller, delivery, answer);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return see_delivery(services_, caller, delivery);
}

}  // namespace egide::vault
