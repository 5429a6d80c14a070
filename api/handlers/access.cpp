// AuthZEN Authorization API 1.0: Access Evaluation, Access Evaluations, metadata.
#include <nlohmann/json.hpp>
#include <vector>

#include "handlers/access_engine.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

constexpr std::size_t kMaxItems = 1000;

using Answered = base::Result<HttpResponse>;
using AskedItem = base::Result<AskedAccess>;  // an item that can't be read is that item's error, not the call's

Answered evaluate(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const Entities entities, entities_of(in.json()));
  EGIDE_TRY(const AskedAccess asked, read_question(ports.services(), entities, Asks::Decision));
  EGIDE_TRY(const AccessOutcome outcome, evaluate_one(ports, vault_caller(in), asked));
  std::string text;
  text.reserve(2048);
  append_outcome(text, ports, outcome);
  return HttpResponse::json_text(200, std::move(text));
}

enum class Semantic { ExecuteAll, DenyOnFirstDeny, PermitOnFirstPermit };

const char* name_of(Semantic semantic) noexcept {
  switch (semantic) {
    case Semantic::ExecuteAll:
      return "execute_all";
    case Semantic::DenyOnFirstDeny:
      return "deny_on_first_deny";
    case Semantic::PermitOnFirstPermit:
      return "permit_on_first_permit";
  }
  return "";
}

base::Result<Semantic> semantic_of(const base::Json& body) {
  const auto options = body.find("options");
  if (options == body.end() || options->is_null()) return Semantic::ExecuteAll;
  if (!options->is_object()) return base::invalid_field("/options", "must be an object");
  const auto wanted = options->find("evaluations_semantic");
  if (wanted == options->end() || wanted->is_null()) return Semantic::ExecuteAll;
  if (wanted->is_string()) {
    for (const auto semantic : {Semantic::ExecuteAll, Semantic::DenyOnFirstDeny, Semantic::PermitOnFirstPermit})
      if (wanted->get_ref<const std::string&>() == name_of(semantic)) return semantic;
  }
  return base::invalid_field("/options/evaluations_semantic",
                             "must be one of execute_all, deny_on_first_deny, permit_on_first_permit");
}

// A default of another type is wrong for every item, so for the whole call.
base::Result<void> check_defaults(const Entities& defaults) {
  const std::pair<const base::Json*, const char*> all[] = {{defaults.subject, "/subject"},
                                                           {defaults.resource, "/resource"},
                                                           {defaults.action, "/action"},
                                                           {defaults.context, "/context"}};
  for (const auto& [value, pointer] : all)
    if (value != nullptr && !value->is_object()) return base::invalid_field(pointer, "must be an object");
  return {};
}

AskedItem read_item(const RoutePorts& ports, const base::Json& item, const Entities& defaults) {
  EGIDE_TRY(const Entities own, entities_of(item));
  return read_question(ports.services(), with_defaults(own, defaults), Asks::Decision);
}

// One after the other, up to and including the item that decides. What is the item's own fault stops it alone; a log
// that can't be written stops the call.
Answered evaluate_in_order(const RoutePorts& ports, const vault::Caller& caller, std::vector<AskedItem> items,
                           Semantic semantic) {
  const bool ending = semantic == Semantic::PermitOnFirstPermit;
  std::string text = R"({"evaluations":[)";
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::vector<AskedItem> one;
    one.push_back(std::move(items[i]));
    EGIDE_TRY(const auto outcome, evaluate_all(ports, caller, one));
    const bool ends = is_permit(outcome.front()) == ending;
    if (i > 0) text += ',';
    append_outcome(text, ports, outcome.front(), ends ? name_of(semantic) : std::string_view());
    if (ends) break;
  }
  text += "]}";
  return HttpResponse::json_text(200, std::move(text));
}

Answered evaluate_together(const RoutePorts& ports, const vault::Caller& caller, const std::vector<AskedItem>& items) {
  EGIDE_TRY(const auto outcomes, evaluate_all(ports, caller, items));
  std::string text = R"({"evaluations":[)";
  text.reserve(64 + 800 * items.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (i > 0) text += ',';
    append_outcome(text, ports, outcomes[i]);
  }
  text += "]}";
  return HttpResponse::json_text(200, std::move(text));
}

Answered evaluate_many(const RoutePorts& ports, const RequestContext& in) {
  const base::Json& body = in.json();
  EGIDE_TRY(const Entities defaults, entities_of(body));
  EGIDE_TRY(const Semantic semantic, semantic_of(body));
  const auto list = body.find("evaluations");
  if (list == body.end() || list->is_null()) return evaluate(ports, in);
  if (!list->is_array()) return base::invalid_field("/evaluations", "must be an array");
  if (list->empty()) return evaluate(ports, in);
  if (list->size() > kMaxItems) return base::invalid_field("/evaluations", "must have at most 1000 items");
  EGIDE_TRY_VOID(check_defaults(defaults));

  const vault::Caller& caller = vault_caller(in);
  std::vector<AskedItem> items;
  items.reserve(list->size());
  for (const auto& item : *list) items.push_back(read_item(ports, item, defaults));
  return semantic == Semantic::ExecuteAll ? evaluate_together(ports, caller, items)
                                          : evaluate_in_order(ports, caller, std::move(items), semantic);
}

Answered metadata(const RoutePorts& ports) {
  const std::string& base = ports.public_base_url;
  Document document;
  document["policy_decision_point"] = base;
  document["access_evaluation_endpoint"] = base + "/access/v1/evaluation";
  document["access_evaluations_endpoint"] = base + "/access/v1/evaluations";
  document["search_subject_endpoint"] = base + "/access/v1/search/subject";
  document["search_resource_endpoint"] = base + "/access/v1/search/resource";
  document["search_action_endpoint"] = base + "/access/v1/search/action";
  document["access_request_endpoint"] = base + "/access/v1/requests";
  document["capabilities"] = {"urn:openid:authzen:capability:access-request"};
  document["supported_obligations"] = {"custom"};
  HttpResponse response = answer(200, document);
  response.cache_control = "max-age=300";
  return response;
}

// An identifier with a path has its metadata behind the well-known segment, which stands between host and path.
Answered metadata_of_path(const RoutePorts& ports, const RequestContext& in) {
  const auto host = ports.public_base_url.find("://");
  const auto path = host == std::string::npos ? host : ports.public_base_url.find('/', host + 3);
  if (path == std::string::npos || ports.public_base_url.substr(path + 1) != in.path_value("path"))
    return base::not_found("No decision point has this identifier here");
  return metadata(ports);
}

}  // namespace

void add_access_routes(Router& router, const RoutePorts& ports) {
  Route one = route(Method::Post, "/access/v1/evaluation", "access.evaluation",
                    [&ports](const RequestContext& in) { return evaluate(ports, in); });
  one.body = BodyKind::Json;
  router.add(std::move(one));
  Route many = route(Method::Post, "/access/v1/evaluations", "access.evaluations",
                     [&ports](const RequestContext& in) { return evaluate_many(ports, in); });
  many.body = BodyKind::Json;
  router.add(std::move(many));
  router.add(route(Method::Get, "/.well-known/authzen-configuration", "authzen.metadata",
                   [&ports](const RequestContext&) { return metadata(ports); }));
  router.add(route(Method::Get, "/.well-known/authzen-configuration/{path*}", "authzen.metadata_of_path",
                   [&ports](const RequestContext& in) { return metadata_of_path(ports, in); }));
}

}  // namespace egide::api
