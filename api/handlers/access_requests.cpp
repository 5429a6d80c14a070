// AuthZEN Access Request and Approval profile, draft 1: asking for the consent that a denial said is missing.
#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/vault/access_requests.h"
#include "handlers/access_question.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;
using vault::AccessRequestProblem;

struct ProblemStyle {
  int status;
  const char *code, *title;
};

ProblemStyle style_of(AccessRequestProblem problem) noexcept {
  switch (problem) {
    case AccessRequestProblem::NotRequestable:
      return {400, "not_requestable", "This access can't be asked for"};
    case AccessRequestProblem::ExpiredDenial:
      return {410, "expired_denial", "The denial is too old: evaluate again"};
    case AccessRequestProblem::InvalidBinding:
      return {400, "invalid_denial_binding", "The denial is not of this subject, resource and action"};
    case AccessRequestProblem::Duplicate:
      return {409, "duplicate_request", "The same has been asked for and is pending"};
    case AccessRequestProblem::UnknownTask:
      break;
  }
  return {404, "unknown_task", "There is no such task"};
}

HttpResponse problem_of(const RequestContext& in, AccessRequestProblem problem) {
  const ProblemStyle style = style_of(problem);
  Document document;
  document["type"] = std::string("urn:openid:authzen:access-request:error:") + style.code;
  document["title"] = style.title;
  document["status"] = style.status;
  document["code"] = style.code;
  document["request_id"] = std::string(in.request().request_id());
  HttpResponse out = answer(style.status, document);
  out.content_type = "application/problem+json";
  return out;
}

HttpResponse task_answer(const RoutePorts& ports, int status, const vault::AccessTask& task) {
  Document document;
  Document& out = document["task"];
  out["id"] = task.id;
  out["status"] = vault::name_of(task.status);
  out["status_endpoint"] = ports.public_base_url + "/access/v1/requests/" + task.id;
  out["expires_at"] = base::format_rfc3339(task.expires_at);
  if (task.approval) {
    Document& result = out["result"];
    result["mode"] = "reevaluate";
    result["approval"]["id"] = task.approval->id;
    result["approval"]["approved_at"] = base::format_rfc3339(task.approval->approved_at);
    result["approval"]["approved_until"] = base::format_rfc3339(task.approval->approved_until);
  }
  HttpResponse response = answer(status, document);
  if (task.status == vault::TaskStatus::Pending) response.with("Retry-After", "30");
  return response;
}

base::Result<vault::NewAccessRequest> read_request(const RoutePorts& ports, const base::Json& body) {
  if (body.is_object() && body.contains("items")) return base::invalid_field("/items", "one access a request");
  EGIDE_TRY(const Entities entities, entities_of(body));
  EGIDE_TRY(AskedAccess asked, read_question(ports.services(), entities, Asks::Decision));
  base::ObjectReader in(body, "");
  vault::NewAccessRequest out;
  if (const base::Json* denial = in.required_object("denial")) {
    base::ObjectReader members(*denial, "/denial");
    out.evaluation_id = members.required_string("evaluation_id");
    const auto expires = base::parse_rfc3339(members.required_string("expires_at"));
    if (!expires && members.mistakes().empty()) members.mistake("expires_at", "must be the denial's expires_at");
    if (expires) out.expires_at = *expires;
    in.take(members);
  }
  EGIDE_TRY_VOID(in.finish());
  // Only consent can be asked for. Any other question has no denial that could be bound.
  if (asked.kind == vault::PairKind::Consent) out.question = std::move(asked.question);
  return out;
}

Answered open(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto request, read_request(ports, in.json()));
  if (request.question.tool.empty()) return problem_of(in, AccessRequestProblem::NotRequestable);
  EGIDE_TRY(const auto opened, vault::AccessRequests(ports.services()).open(vault_caller(in), request));
  if (const auto* problem = std::get_if<AccessRequestProblem>(&opened)) return problem_of(in, *problem);
  return task_answer(ports, 201, std::get<vault::AccessTask>(opened));
}

Answered status(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto found, vault::AccessRequests(ports.services()).status(vault_caller(in), in.path_value("id")));
  if (const auto* problem = std::get_if<AccessRequestProblem>(&found)) return problem_of(in, *problem);
  return task_answer(ports, 200, std::get<vault::AccessTask>(found));
}

}  // namespace

void add_access_request_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/access/v1/requests", "access.request",
                            [&ports](const RequestContext& in) { return open(ports, in); }));
  router.add(route(Method::Get, "/access/v1/requests/{id}", "access.request_status",
                   [&ports](const RequestContext& in) { return status(ports, in); }));
}

}  // namespace egide::api
