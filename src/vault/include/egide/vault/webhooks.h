// Webhook endpoints and what was delivered to them (docs/webhooks.md). Events themselves are queued by the changes that
// cause them; WebhookWorker sends them.
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
#include "egide/outbound/target.h"
#include "egide/storage/webhook_repository.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

inline constexpr int kMaxWebhooksOfOneOwner = 10;

struct NewWebhook {
  std::string url;
  std::string tool;                // empty: the association's own
  std::vector<std::string> types;  // empty: all that its owner may get
  std::string format = "cloudevents";
  std::string description;
  bool asymmetric = false;
};

struct WebhookChange {
  std::optional<std::string> url, format, description;
  std::optional<std::vector<std::string>> types;
  std::optional<bool> asymmetric;
  std::optional<bool> active;  // false switches it off; true asks a disabled one for its challenge again
};

struct WebhookView {
  storage::WebhookEndpointRow row;  // the sealed columns emptied
  std::vector<std::string> types;
  std::string public_key;  // "whpk_...", where it signs with Ed25519
};

struct CreatedWebhook {
  WebhookView view;
  std::string secret;  // "whsec_...": shown this once
};

struct WebhookDeliveryView {
  storage::WebhookDeliveryRow row;
  std::string event;  // "evt_...": the id the receiver sees
  std::vector<storage::WebhookAttemptRow> attempts;
};

struct WebhookDeliveries {
  std::vector<WebhookDeliveryView> items;
  std::optional<std::pair<base::Timestamp, base::RecordId>> next;
};

// What a receiver has done about an event that asks for work.
struct WebhookAcknowledgement {
  std::string state;   // "done" or "refused"
  std::string reason;  // of a refusal: legal_obligation, legal_claims, not_held
  std::string until;   // of a refusal, where there is an end: a date
};

// `evt_` and the delivery's id in Crockford's base32.
std::string webhook_event_id(const base::RecordId& delivery);

// Endpoints are the administrator's; a tool sees its own. NotFound for what the caller may not see.
class Webhooks {
 public:
  Webhooks(Services& services, const outbound::Policy& policy) : services_(services), policy_(policy) {}

  // InvalidRequest for an address that may not be called (egide/outbound/target.h). The endpoint gets nothing but
  // `endpoint.test` until it has echoed a challenge.
  base::Result<CreatedWebhook> create(const Caller& caller, const NewWebhook& wanted);
  base::Result<std::vector<WebhookView>> list(const Caller& caller);
  base::Result<WebhookView> get(const Caller& caller, const base::RecordId& id);
  // Precondition when the version is no longer `expected`.
  base::Result<WebhookView> change(const Caller& caller, const base::RecordId& id, std::int64_t expected,
                                   const WebhookChange& wanted);
  base::Result<void> remove(const Caller& caller, const base::RecordId& id);  // with its deliveries
  // A new secret; the old one signs too for a day.
  base::Result<CreatedWebhook> rotate(const Caller& caller, const base::RecordId& id);
  base::Result<void> test(const Caller& caller, const base::RecordId& id);

  base::Result<WebhookDeliveries> deliveries(const Caller& caller, const storage::WebhookDeliveryFilter& filter);
  // Conflict while it is being sent. The event keeps its id.
  base::Result<void> redeliver(const Caller& caller, const base::RecordId& delivery);
  base::Result<std::int64_t> redeliver_between(const Caller& caller, const base::RecordId& id, base::Timestamp from,
                                               base::Timestamp to, const std::vector<std::string>& types);
  // By the tool that received it. Conflict for an event that asks for no work, or was acknowledged as done.
  base::Result<WebhookDeliveryView> acknowledge(const Caller& caller, const base::RecordId& delivery,
                                                const WebhookAcknowledgement& answer);

 private:
  Services& services_;
  const outbound::Policy& policy_;
};

}  // namespace egide::vault
