// Webhooks: endpoints, what was delivered to them, and what their receivers say they have done.
#include "egide/vault/webhooks.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "handlers/exchange.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

constexpr std::size_t kMaxTypes = 50;

vault::Webhooks webhooks(const RoutePorts& ports) { return {ports.services(), ports.outbound}; }

Document to_document(const vault::WebhookView& view) {
  Document out;
  out["id"] = view.row.id.str();
  out["version"] = view.row.version;
  put_text(out, "tool", view.row.tool);
  out["url"] = view.row.url;
  put_text(out, "description", view.row.description);
  out["types"] = view.types;
  out["format"] = view.row.format;
  out["asymmetric"] = view.row.asymmetric;
  put_text(out, "public_key", view.public_key);
  out["state"] = view.row.state;
  put_text(out, "reason", view.row.reason);
  if (view.row.previous_until != base::Timestamp())
    out["previous_secret_until"] = base::format_rfc3339(view.row.previous_until);
  if (view.row.paused_until != base::Timestamp()) out["paused_until"] = base::format_rfc3339(view.row.paused_until);
  out["created_at"] = base::format_rfc3339(view.row.created_at);
  return out;
}

HttpResponse answer_with(int status, const vault::WebhookView& view, const Document& document) {
  HttpResponse response = answer(status, document);
  response.with("ETag", etag_of(static_cast<std::uint64_t>(view.row.version)));
  return response;
}

Document to_document(const vault::CreatedWebhook& created) {
  Document out = to_document(created.view);
  out["secret"] = created.secret;
  return out;
}

Answered create(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  vault::NewWebhook wanted;
  wanted.url = body.required_string("url", {1, 2000});
  wanted.tool = body.optional_string("tool", {1, 64}).value_or("");
  wanted.types = body.optional_strings("types", kMaxTypes).value_or(std::vector<std::string>());
  wanted.format = body.optional_string("format", {1, 20}).value_or(wanted.format);
  wanted.description = body.optional_string("description", {0, 200}).value_or("");
  wanted.asymmetric = body.optional_bool("asymmetric").value_or(false);
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto created, webhooks(ports).create(vault_caller(in), wanted));
  HttpResponse response = answer_with(201, created.view, to_document(created));
  response.with("Location", "/v1/webhooks/" + created.view.row.id.str());
  return response;
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto views, webhooks(ports).list(vault_caller(in)));
  Document document;
  document["items"] = Document::array();
  for (const auto& view : views) document["items"].push_back(to_document(view));
  return answer(200, document);
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto view, webhooks(ports).get(vault_caller(in), id));
  const auto etag = etag_of(static_cast<std::uint64_t>(view.row.version));
  if (if_none_match(in.request(), etag)) return std::move(HttpResponse::empty(304).with("ETag", etag));
  return answer_with(200, view, to_document(view));
}

Answered patch(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto version, version_in_if_match(in));
  base::ObjectReader body(in.json(), "");
  vault::WebhookChange wanted;
  wanted.url = body.optional_string("url", {1, 2000});
  wanted.types = body.optional_strings("types", kMaxTypes);
  wanted.format = body.optional_string("format", {1, 20});
  wanted.description = body.optional_string("description", {0, 200});
  wanted.asymmetric = body.optional_bool("asymmetric");
  wanted.active = body.optional_bool("active");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto view, webhooks(ports).change(vault_caller(in), id, version, wanted));
  return answer_with(200, view, to_document(view));
}

Answered remove(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY_VOID(webhooks(ports).remove(vault_caller(in), id));
  return HttpResponse::empty(204);
}

base::Result<void> nothing_in(const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  body.refuse_unknown();
  return body.finish();
}

Answered rotate(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY_VOID(nothing_in(in));
  EGIDE_TRY(const auto created, webhooks(ports).rotate(vault_caller(in), id));
  return answer_with(200, created.view, to_document(created));
}

Answered test(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY_VOID(nothing_in(in));
  EGIDE_TRY_VOID(webhooks(ports).test(vault_caller(in), id));
  return answer(202, Document::object());
}

Document to_document(const vault::WebhookDeliveryView& view) {
  Document out;
  out["id"] = view.row.id.str();
  out["event"] = view.event;
  out["webhook"] = view.row.endpoint.str();
  out["type"] = view.row.type;
  out["created_at"] = base::format_rfc3339(view.row.created_at);
  out["state"] = view.row.state;
  put_time(out, "next_attempt_at", view.row.next_at);
  out["attempts"] = Document::array();
  for (const auto& attempt : view.attempts) {
    Document item;
    item["number"] = attempt.number;
    item["at"] = base::format_rfc3339(attempt.at);
    item["duration_ms"] = attempt.duration_ms;
    if (attempt.status != 0) item["status"] = attempt.status;
    put_text(item, "error", attempt.error);
    item["answer_bytes"] = attempt.answer_size;
    put_text(item, "answer_start", attempt.answer_start);
    out["attempts"].push_back(std::move(item));
  }
  if (view.row.ack_state.empty()) return out;
  Document acknowledged;
  acknowledged["state"] = view.row.ack_state;
  put_text(acknowledged, "reason", view.row.ack_reason);
  put_text(acknowledged, "until", view.row.ack_until);
  acknowledged["at"] = base::format_rfc3339(view.row.acked_at);
  out["acknowledged"] = std::move(acknowledged);
  return out;
}

Answered deliveries(const RoutePorts& ports, const RequestContext& in) {
  storage::WebhookDeliveryFilter wanted;
  EGIDE_TRY(wanted.endpoint, record_in_path(in));
  wanted.state = query_text(in, "state");
  if (!wanted.state.empty() && wanted.state != "pending" && wanted.state != "delivered" && wanted.state != "failed")
    return base::invalid_request("state must be pending, delivered or failed");
  std::string filter = "webhook_deliveries;";
  add_to_filter(filter, "webhook", wanted.endpoint.str());
  add_to_filter(filter, "state", wanted.state);
  const Paging paging(ports, in, filter);
  EGIDE_TRY(const auto limit, in.limit(50, 200));
  wanted.limit = static_cast<int>(limit);
  EGIDE_TRY(wanted.after, paging.after());
  EGIDE_TRY(const auto page, webhooks(ports).deliveries(vault_caller(in), wanted));
  Document document;
  document["items"] = Document::array();
  for (const auto& view : page.items) document["items"].push_back(to_document(view));
  paging.put_next(document, page.next);
  return answer(200, document);
}

Answered redeliver(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY_VOID(nothing_in(in));
  EGIDE_TRY_VOID(webhooks(ports).redeliver(vault_caller(in), id));
  return answer(202, Document::object());
}

base::Timestamp time_in(base::ObjectReader& body, const char* key) {
  const auto text = body.required_string(key, {1, 40});
  const auto time = base::parse_rfc3339(text);
  if (!time && !text.empty()) body.mistake(key, "must be a time (RFC 3339)");
  return time.value_or(base::Timestamp());
}

Answered redeliver_many(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  base::ObjectReader body(in.json(), "");
  const auto from = time_in(body, "from");
  const auto to = time_in(body, "to");
  const auto types = body.optional_strings("types", kMaxTypes).value_or(std::vector<std::string>());
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto count, webhooks(ports).redeliver_between(vault_caller(in), id, from, to, types));
  Document document;
  document["queued"] = count;
  return answer(202, document);
}

Answered acknowledge(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  base::ObjectReader body(in.json(), "");
  vault::WebhookAcknowledgement wanted;
  wanted.state = body.required_string("state", {1, 20});
  wanted.reason = body.optional_string("reason", {1, 40}).value_or("");
  wanted.until = body.optional_string("until", {1, 10}).value_or("");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto view, webhooks(ports).acknowledge(vault_caller(in), id, wanted));
  return answer(200, to_document(view));
}

using Handler = Answered (*)(const RoutePorts&, const RequestContext&);

void add(Router& router, const RoutePorts& ports, Method method, const char* pattern, const char* name,
         Handler handler) {
  Route one = route(method, pattern, name, [&ports, handler](const RequestContext& in) { return handler(ports, in); });
  if (method == Method::Post) one.body = BodyKind::Json;
  router.add(std::move(one));
}

}  // namespace

void add_webhook_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/v1/webhooks", "webhooks.create",
                            [&ports](const RequestContext& in) { return create(ports, in); }));
  add(router, ports, Method::Get, "/v1/webhooks", "webhooks.list", list);
  add(router, ports, Method::Get, "/v1/webhooks/{id}", "webhooks.get", get);
  Route patching = route(Method::Patch, "/v1/webhooks/{id}", "webhooks.patch",
                         [&ports](const RequestContext& in) { return patch(ports, in); });
  patching.body = BodyKind::MergePatch;
  patching.needs_if_match = true;
  router.add(std::move(patching));
  add(router, ports, Method::Delete, "/v1/webhooks/{id}", "webhooks.delete", remove);
  add(router, ports, Method::Post, "/v1/webhooks/{id}/rotate", "webhooks.rotate", rotate);
  add(router, ports, Method::Post, "/v1/webhooks/{id}/test", "webhooks.test", test);
  Route listing = route(Method::Get, "/v1/webhooks/{id}/deliveries", "webhooks.deliveries",
                        [&ports](const RequestContext& in) { return deliveries(ports, in); });
  listing.query = {"limit", "cursor", "state"};
  router.add(std::move(listing));
  add(router, ports, Method::Post, "/v1/webhooks/{id}/redeliver", "webhooks.redeliver_many", redeliver_many);
  add(router, ports, Method::Post, "/v1/webhooks/deliveries/{id}/redeliver", "webhooks.redeliver", redeliver);
  add(router, ports, Method::Post, "/v1/webhooks/deliveries/{id}/ack", "webhooks.acknowledge", acknowledge);
}

}  // namespace egide::api
