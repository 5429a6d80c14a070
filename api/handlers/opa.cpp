// What Open Policy Agent's Data API would answer for a policy of consent: for gateways that already speak to OPA.
//
// Two documents are defined, egide/consent/allow and egide/consent/decision. Every other path is undefined, which OPA's
// clients read as a denial. Same engine, log, rights and credentials as AuthZEN's endpoints.
#include <nlohmann/json.hpp>

#include "handlers/access_engine.h"
#include "handlers/exchange.h"
#include "handlers/json_text.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

enum class Rule { Allow, Decision, Undefined };

Rule rule_of(std::string_view path) {
  if (path == "egide/consent/allow") return Rule::Allow;
  return path == "egide/consent/decision" ? Rule::Decision : Rule::Undefined;
}

bool is_text(const base::Json& input, const char* key) {
  const auto found = input.find(key);
  return found != input.end() && found->is_string();
}

// {"tool", "purpose", "person", "categories"?} as the evaluation it stands for.
base::Json expanded(const RoutePorts& ports, const base::Json& input) {
  if (!input.is_object() || input.contains("subject") || !is_text(input, "tool")) return input;
  base::Json out = base::Json::object();
  const auto member = [&](const char* key) { return input.contains(key) ? input.at(key) : base::Json(); };
  const auto [tool_type, person_type] = vault::consent_types(ports.services());
  out["subject"] = {{"type", tool_type}, {"id", member("tool")}};
  out["resource"] = {{"type", person_type}, {"id", member("person")}};
  out["action"] = {{"name", "process"}, {"properties", {{"purpose", member("purpose")}}}};
  if (input.contains("categories")) out["resource"]["properties"] = {{"categories", input.at("categories")}};
  return out;
}

base::Result<AccessOutcome> evaluate_input(const RoutePorts& ports, const RequestContext& in, const base::Json& input) {
  const base::Json evaluation = expanded(ports, input);
  EGIDE_TRY(const Entities entities, entities_of(evaluation));
  EGIDE_TRY(const AskedAccess asked, read_question(ports.services(), entities, Asks::Decision));
  return evaluate_one(ports, vault_caller(in), asked);
}

std::string result_text(const RoutePorts& ports, const AccessOutcome& outcome, Rule rule) {
  if (rule == Rule::Allow) return is_permit(outcome) ? "true" : "false";
  std::string decision;
  append_outcome(decision, ports, outcome);
  // The context's members beside the decision, as a policy document would hold them.
  const base::Json parsed = base::Json::parse(decision);
  base::Json flat = parsed.at("context");
  flat["decision"] = parsed.at("decision");
  return flat.dump(-1, ' ', false, base::Json::error_handler_t::replace);
}

// An input that is no evaluation is a mistake of the request, here as under /access.
Answered refused(const RequestContext& in, const base::Error& error) {
  if (error.code() != base::ErrorCode::InvalidRequest) return error;
  return in.problems().make(ProblemKind::InvalidRequest, in.problem_context(), error.message(), error.fields(), 400);
}

// OPA itself does not ask for a Content-Type. No body is no input.
base::Result<std::optional<base::Json>> body_of(const RequestContext& in) {
  if (in.request().body().empty()) return std::optional<base::Json>();
  EGIDE_TRY(auto parsed, base::parse_json(in.request().body()));
  return std::optional<base::Json>(std::move(parsed));
}

HttpResponse invalid_json(const RequestContext& in, const base::Error& error) {
  return in.problems().make(ProblemKind::InvalidJson, in.problem_context(), {}, error.fields());
}

Answered data(const RoutePorts& ports, const RequestContext& in) {
  const auto body = body_of(in);
  if (!body) return invalid_json(in, body.error());
  const Rule rule = rule_of(in.path_value("path"));
  if (body->has_value() && !(*body)->is_object())
    return refused(in, base::invalid_field("", "must be an object with the member input"));
  const bool has_input = body->has_value() && (*body)->contains("input");
  if (rule == Rule::Undefined || !has_input) return HttpResponse::json_text(200, "{}");
  const auto outcome = evaluate_input(ports, in, (*body)->at("input"));
  if (!outcome) return refused(in, outcome.error());
  return HttpResponse::json_text(200, R"({"result":)" + result_text(ports, *outcome, rule) + R"(,"decision_id":")" +
                                          evaluation_id(*outcome) + "\"}");
}

// Version 0: the input is the body, the result the answer, and what is undefined is not found.
Answered data_v0(const RoutePorts& ports, const RequestContext& in) {
  const auto body = body_of(in);
  if (!body) return invalid_json(in, body.error());
  const Rule rule = rule_of(in.path_value("path"));
  if (rule == Rule::Undefined || !body->has_value()) return base::not_found("The document is undefined");
  const auto outcome = evaluate_input(ports, in, **body);
  if (!outcome) return refused(in, outcome.error());
  return HttpResponse::json_text(200, result_text(ports, *outcome, rule));
}

void add(Router& router, std::string pattern, std::string name, RouteHandler handler) {
  Route one = route(Method::Post, std::move(pattern), std::move(name), std::move(handler));
  one.body = BodyKind::Raw;
  one.query = {"pretty", "metrics", "provenance", "explain", "instrument"};  // accepted, without effect
  router.add(std::move(one));
}

}  // namespace

void add_opa_routes(Router& router, const RoutePorts& ports) {
  add(router, "/v1/data/{path*}", "opa.data", [&ports](const RequestContext& in) { return data(ports, in); });
  add(router, "/v0/data/{path*}", "opa.data_v0", [&ports](const RequestContext& in) { return data_v0(ports, in); });
}

}  // namespace egide::api
