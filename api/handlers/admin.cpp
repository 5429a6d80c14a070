// Accounts of tools and staff. A key or token is in one answer only: the one that made it.
#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/vault/accounts.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

Document to_document(const vault::ToolView& tool) {
  Document out;
  out["id"] = tool.id;
  out["name"] = tool.name;
  out["purposes"] = tool.purposes;
  put_text(out, "recipient_class", tool.recipient_class);
  out["evaluate_any"] = tool.evaluate_any;
  out["active"] = tool.active;
  out["created_at"] = base::format_rfc3339(tool.created_at);
  return out;
}

Document to_document(const vault::AccountView& account) {
  Document out;
  out["id"] = account.id;
  out["label"] = account.label;
  out["role"] = vault::name_of(account.role);
  out["active"] = account.active;
  out["created_at"] = base::format_rfc3339(account.created_at);
  return out;
}

Answered list_tools(const RoutePorts& ports, const RequestContext&) {
  Document document;
  document["items"] = Document::array();
  for (const auto& tool : vault::Accounts(ports.services()).tools()) document["items"].push_back(to_document(tool));
  return answer(200, document);
}

Answered create_tool(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  vault::NewTool tool;
  tool.id = body.required_string("id", {1, 64});
  tool.name = body.optional_string("name", {1, 200}).value_or("");
  tool.purposes = body.required_strings("purposes");
  tool.recipient_class = body.optional_string("recipient_class", {1, 100}).value_or("");
  tool.evaluate_any = body.optional_bool("evaluate_any").value_or(false);
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  vault::Accounts accounts(ports.services());
  EGIDE_TRY(const auto key, accounts.add_tool(vault_caller(in), tool));
  EGIDE_TRY(const auto view, accounts.tool(tool.id));
  Document document = to_document(view);
  document["key"] = key;
  return answer(201, document);
}

Answered revoke_tool(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY_VOID(vault::Accounts(ports.services()).revoke_tool(vault_caller(in), in.path_value("id")));
  return HttpResponse::empty(204);
}

Answered list_users(const RoutePorts& ports, const RequestContext&) {
  Document document;
  document["items"] = Document::array();
  for (const auto& account : vault::Accounts(ports.services()).accounts())
    document["items"].push_back(to_document(account));
  return answer(200, document);
}

Answered create_user(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  const auto label = body.required_string("label", {1, 100});
  const auto role = vault::parse_role(body.required_choice("role", {"coordinator", "dpo", "auditor", "admin"}));
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  if (!role) return base::invalid_field("/role", "must be one of coordinator, dpo, auditor, admin");
  EGIDE_TRY(const auto added, vault::Accounts(ports.services()).add_account(vault_caller(in), label, *role));
  Document document;
  document["id"] = added.id;
  document["label"] = label;
  document["role"] = vault::name_of(*role);
  document["token"] = added.token;
  return answer(201, document);
}

Answered disable_user(const RoutePorts& ports, const RequestContext& in) {
  const auto id = base::UserId::parse(in.path_value("id"));
  if (!id) return base::not_found("There is no such account");
  EGIDE_TRY_VOID(vault::Accounts(ports.services()).disable_account(vault_caller(in), id->str()));
  return HttpResponse::empty(204);
}

}  // namespace

void add_admin_routes(Router& router, const RoutePorts& ports) {
  router.add(route(Method::Get, "/v1/tools", "tools.list",
                   [&ports](const RequestContext& in) { return list_tools(ports, in); }));
  router.add(creating_route("/v1/tools", "tools.create",
                            [&ports](const RequestContext& in) { return create_tool(ports, in); }));
  router.add(route(Method::Delete, "/v1/tools/{id}", "tools.revoke",
                   [&ports](const RequestContext& in) { return revoke_tool(ports, in); }));
  router.add(route(Method::Get, "/v1/users", "users.list",
                   [&ports](const RequestContext& in) { return list_users(ports, in); }));
  router.add(creating_route("/v1/users", "users.create",
                            [&ports](const RequestContext& in) { return create_user(ports, in); }));
  router.add(route(Method::Delete, "/v1/users/{id}", "users.disable",
                   [&ports](const RequestContext& in) { return disable_user(ports, in); }));
}

}  // namespace egide::api
