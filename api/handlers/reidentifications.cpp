// From a pseudonym back to a person: opened by one, approved by another, read for a limited time.
#include "egide/vault/reidentifications.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "handlers/exchange.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;
using vault::Reidentifications;

Document to_document(const vault::ReidentificationView& view) {
  Document out;
  out["id"] = view.id.str();
  out["state"] = view.erased ? "gone" : std::string(vault::name_of(view.state));
  out["tool"] = view.tool;
  out["purpose"] = view.purpose;
  put_text(out, "pseudonym", view.pseudonym);
  put_text(out, "reason", view.reason);
  out["opened_by"] = view.opener.str();
  out["opened_at"] = base::format_rfc3339(view.opened_at);
  out["approve_until"] = base::format_rfc3339(view.approve_until);
  out["duration"] = "PT" + std::to_string(view.duration.count()) + "S";
  if (view.approver) out["approved_by"] = view.approver->str();
  put_time(out, "approved_at", view.approved_at);
  put_time(out, "read_until", view.read_until);
  if (view.subject) out["subject"] = view.subject->str();
  out["log_index"] = view.log_index;
  return out;
}

std::chrono::seconds read_duration(base::ObjectReader& body) {
  const auto text = body.optional_string("duration", {1, 20});
  if (!text) return vault::NewReidentification().duration;
  const auto duration = base::parse_duration(*text);
  if (!duration || duration->months != 0) {
    body.mistake("duration", "must be an ISO 8601 duration such as PT1H");
    return vault::NewReidentification().duration;
  }
  return duration->time + std::chrono::hours{24} * duration->days;
}

Answered open(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  vault::NewReidentification asked;
  asked.pseudonym = body.required_string("pseudonym", {1, 200});
  asked.tool = body.required_string("tool", {1, 64});
  asked.purpose = body.required_string("purpose", {1, 200});
  asked.reason = body.required_string("reason", {10, 1000});
  asked.duration = read_duration(body);
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto view, Reidentifications(ports.services()).open(vault_caller(in), asked));
  HttpResponse response = answer(201, to_document(view));
  response.with("Location", "/v1/reidentifications/" + view.id.str());
  return response;
}

Answered approve(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  base::ObjectReader body(in.json(), "");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto view, Reidentifications(ports.services()).approve(vault_caller(in), id));
  return answer(200, to_document(view));
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto view, Reidentifications(ports.services()).get(vault_caller(in), id));
  HttpResponse response = answer(200, to_document(view));
  response.concerns = view.subject;
  return response;
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  const Paging paging(ports, in, "reidentifications;");
  EGIDE_TRY(const auto limit, in.limit(50, 500));
  EGIDE_TRY(const auto after, paging.after());
  EGIDE_TRY(const auto page, Reidentifications(ports.services()).list(after, static_cast<int>(limit)));
  Document document;
  document["items"] = Document::array();
  for (const auto& view : page.items) document["items"].push_back(to_document(view));
  paging.put_next(document, page.next);
  return answer(200, document);
}

}  // namespace

void add_reidentification_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/v1/reidentifications", "reidentifications.open",
                            [&ports](const RequestContext& in) { return open(ports, in); }));
  Route listing = route(Method::Get, "/v1/reidentifications", "reidentifications.list",
                        [&ports](const RequestContext& in) { return list(ports, in); });
  listing.query = {"limit", "cursor"};
  router.add(std::move(listing));
  router.add(route(Method::Get, "/v1/reidentifications/{id}", "reidentifications.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
  Route approving = route(Method::Post, "/v1/reidentifications/{id}/approve", "reidentifications.approve",
                          [&ports](const RequestContext& in) { return approve(ports, in); });
  approving.body = BodyKind::Json;
  router.add(std::move(approving));
}

}  // namespace egide::api
