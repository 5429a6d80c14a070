#include "egide/vault/webhooks.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "egide/audit/webhook_event_names.h"
#include "egide/base/json.h"
#include "egide/crypto/random.h"
#include "entries.h"
#include "webhook_access.h"
#include "webhook_events.h"
#include "webhook_queue.h"
#include "webhook_signature.h"

namespace egide::vault {
namespace {

constexpr std::size_t kMaxDescription = 200;
constexpr std::chrono::hours kRotationOverlap{24};

using Row = storage::WebhookEndpointRow;
using Edit = std::function<base::Result<void>(Row&, storage::ChangeContext&)>;

bool may_subscribe(const WebhookType& type, bool is_tool) {
  switch (type.audience) {
    case WebhookAudience::ToolsOfThePurpose:
      return is_tool || type.name == "notice.published";
    case WebhookAudience::OwnTool:
      return true;
    case WebhookAudience::Association:
      return !is_tool;
    case WebhookAudience::Everybody:
      return false;  // endpoint.test comes unasked
  }
  return false;
}

base::Result<std::string> checked_types(const std::vector<std::string>& types, bool is_tool) {
  std::vector<base::FieldError> mistakes;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const WebhookType* type = find_webhook_type(types[i]);
    const std::string pointer = "/types/" + std::to_string(i);
    if (type == nullptr)
      mistakes.push_back({pointer, "is not a type of event that is sent", 0});
    else if (!may_subscribe(*type, is_tool))
      mistakes.push_back({pointer, "is not sent to the owner of this webhook", 0});
  }
  if (!mistakes.empty())
    return base::Error(base::ErrorCode::InvalidRequest, "The request is not valid", std::move(mistakes));
  return nlohmann::json(types).dump();
}

base::Result<void> check_texts(const std::string& format, const std::string& description) {
  if (format != "cloudevents" && format != "plain")
    return base::invalid_field("/format", "must be cloudevents or plain");
  if (description.size() > kMaxDescription || !base::is_valid_utf8(description))
    return base::invalid_field("/description", "must have at most 200 bytes of UTF-8");
  return {};
}

base::Result<void> check_url(const std::string& url, const outbound::Policy& policy) {
  const auto target = outbound::parse_target(url, policy);
  if (target) return {};
  return base::invalid_field("/url", target.error().message());
}

class EndpointChange final : public LoggedChange {
 public:
  // `edit` runs on the row as it stands on the committer's thread; without an id a new row is made of it.
  EndpointChange(Services& services, const Caller& caller, std::optional<base::RecordId> id, Edit edit)
      : LoggedChange(services), caller_(caller), id_(std::move(id)), edit_(std::move(edit)) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::WebhookRepository hooks(context.connection());
    if (id_) {
      EGIDE_TRY(auto found, hooks.endpoint(*id_));
      if (!found) return no_such_webhook();
      row_ = std::move(*found);
      EGIDE_TRY_VOID(edit_(row_, context));
      ++row_.version;
      EGIDE_TRY_VOID(hooks.update_endpoint(row_));
    } else {
      EGIDE_TRY_VOID(edit_(row_, context));
      EGIDE_TRY(const auto all, hooks.endpoints());
      const auto same_owner = [this](const Row& other) { return other.tool == row_.tool; };
      if (std::count_if(all.begin(), all.end(), same_owner) >= kMaxWebhooksOfOneOwner)
        return base::conflict("One owner has at most 10 webhooks");
      EGIDE_TRY_VOID(hooks.insert_endpoint(row_));
    }
    EntryFields fields;
    fields.event = audit::event::kWebhookChanged;
    fields.caller = &caller_;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }
  const Row& row() const noexcept { return row_; }

 private:
  const Caller& caller_;
  std::optional<base::RecordId> id_;
  Edit edit_;
  Row row_;
};

class RemovalChange final : public LoggedChange {
 public:
  RemovalChange(Services& services, const Caller& caller, const base::RecordId& id)
      : LoggedChange(services), caller_(caller), id_(id) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY_VOID(storage::WebhookRepository(context.connection()).remove_endpoint(id_));
    EntryFields fields;
    fields.event = audit::event::kWebhookChanged;
    fields.caller = &caller_;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }

 private:
  const Caller& caller_;
  base::RecordId id_;
};

base::Result<WebhookView> view_of(const Services& services, const Row& row) {
  WebhookView view;
  view.row = row;
  EGIDE_TRY(const base::Json types, base::parse_json(row.types));
  for (const auto& type : types) view.types.push_back(type.get<std::string>());
  if (row.asymmetric) {
    EGIDE_TRY(const auto keys, WebhookKeys::open(services, row.id, row.secret));
    EGIDE_TRY(view.public_key, keys.public_key_text());
  }
  view.row.secret.clear();
  view.row.previous_secret.clear();
  return view;
}

base::Result<void> only_admin(const Caller& caller) {
  if (caller.role != Role::Admin) return base::forbidden("Webhooks are set up by the administrator");
  return {};
}

// Back to where it has to echo a challenge before it gets events.
base::Result<void> verify_again(Row& row, storage::ChangeContext& context) {
  row.state = "unverified";
  row.reason.clear();
  row.exhausted = 0;
  row.paused_until = base::Timestamp();
  return queue_webhook_test(context.connection(), row.id, context.now());
}

}  // namespace

base::Error no_such_webhook() { return base::not_found("There is no such webhook"); }

base::Result<storage::WebhookEndpointRow> see_webhook(Services& services, const Caller& caller,
                                                      const base::RecordId& id) {
  EGIDE_TRY(const auto reads, services.reads->lease());
  EGIDE_TRY(auto row, storage::WebhookRepository(*reads).endpoint(id));
  const bool own = row && caller.role == Role::Tool && row->tool == caller.id;
  if (!row || (caller.role != Role::Admin && !own)) return no_such_webhook();
  return std::move(*row);
}

base::Result<CreatedWebhook> Webhooks::create(const Caller& caller, const NewWebhook& wanted) {
  EGIDE_TRY_VOID(only_admin(caller));
  EGIDE_TRY_VOID(check_url(wanted.url, policy_));
  EGIDE_TRY_VOID(check_texts(wanted.format, wanted.description));
  const auto tool = wanted.tool.empty() ? nullptr : services_.accounts.tool(wanted.tool);
  if (!wanted.tool.empty() && (tool == nullptr || !tool->row.active))
    return base::invalid_field("/tool", "is not an active tool");
  Row row;
  EGIDE_TRY(row.types, checked_types(wanted.types, !wanted.tool.empty()));
  row.id = base::RecordId(crypto::random_uuid());
  row.tool = wanted.tool;
  row.url = wanted.url;
  row.format = wanted.format;
  row.description = wanted.description;
  row.asymmetric = wanted.asymmetric;
  row.created_at = services_.clock->now();
  const auto keys = WebhookKeys::random();
  row.secret = keys.seal(services_, row.id);
  EndpointChange change(services_, caller, std::nullopt, [&row](Row& made, storage::ChangeContext& context) {
    made = row;
    return queue_webhook_test(context.connection(), made.id, context.now());
  });
  EGIDE_TRY_VOID(services_.committer->commit(change));
  CreatedWebhook out;
  EGIDE_TRY(out.view, view_of(services_, change.row()));
  out.secret = keys.secret_text();
  return out;
}

base::Result<std::vector<WebhookView>> Webhooks::list(const Caller& caller) {
  std::vector<WebhookView> out;
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(const auto rows, storage::WebhookRepository(*reads).endpoints());
  for (const auto& row : rows) {
    if (caller.role != Role::Admin && !(caller.role == Role::Tool && row.tool == caller.id)) continue;
    EGIDE_TRY(auto view, view_of(services_, row));
    out.push_back(std::move(view));
  }
  return out;
}

base::Result<WebhookView> Webhooks::get(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY(const auto row, see_webhook(services_, caller, id));
  return view_of(services_, row);
}

base::Result<WebhookView> Webhooks::change(const Caller& caller, const base::RecordId& id, std::int64_t expected,
                                           const WebhookChange& wanted) {
  EGIDE_TRY_VOID(only_admin(caller));
  if (wanted.url) EGIDE_TRY_VOID(check_url(*wanted.url, policy_));
  EGIDE_TRY_VOID(check_texts(wanted.format.value_or("plain"), wanted.description.value_or("")));
  EndpointChange change(services_, caller, id, [&](Row& row, storage::ChangeContext& context) -> base::Result<void> {
    if (row.version != expected)
      return base::Error(base::ErrorCode::Precondition, "The webhook has changed meanwhile: read it again");
    if (wanted.types) {
      EGIDE_TRY(row.types, checked_types(*wanted.types, !row.tool.empty()));
    }
    if (wanted.format) row.format = *wanted.format;
    if (wanted.description) row.description = *wanted.description;
    if (wanted.asymmetric) row.asymmetric = *wanted.asymmetric;
    const bool moved = wanted.url && *wanted.url != row.url;
    if (moved) row.url = *wanted.url;
    const bool off = wanted.active ? !*wanted.active : row.state == "disabled";
    if (off) {
      if (row.state != "disabled") row.reason = "by_admin";
      row.state = "disabled";
      return {};
    }
    return moved || row.state == "disabled" ? verify_again(row, context) : base::Result<void>();
  });
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return view_of(services_, change.row());
}

base::Result<void> Webhooks::remove(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY_VOID(only_admin(caller));
  RemovalChange change(services_, caller, id);
  return services_.committer->commit(change);
}

base::Result<CreatedWebhook> Webhooks::rotate(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY_VOID(only_admin(caller));
  const auto keys = WebhookKeys::random();
  EndpointChange change(services_, caller, id, [&](Row& row, storage::ChangeContext& context) -> base::Result<void> {
    row.previous_secret = std::move(row.secret);
    row.previous_until = context.now() + kRotationOverlap;
    row.secret = keys.seal(services_, row.id);
    return {};
  });
  EGIDE_TRY_VOID(services_.committer->commit(change));
  CreatedWebhook out;
  EGIDE_TRY(out.view, view_of(services_, change.row()));
  out.secret = keys.secret_text();
  return out;
}

base::Result<void> Webhooks::test(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY_VOID(only_admin(caller));
  EndpointChange change(services_, caller, id, [](Row& row, storage::ChangeContext& context) {
    return queue_webhook_test(context.connection(), row.id, context.now());
  });
  return services_.committer->commit(change);
}

}  // namespace egide::vault
