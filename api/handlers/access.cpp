// AuthZEN Authorization API 1.0: Access Evaluation, Access Evaluations, metadata.
#include <nlohmann/json.hpp>
#include <vector>

#include "egide/vault/evaluate_access.h"
#include "handlers/access_answer.h"
#include "handlers/access_question.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

constexpr std::size_t kMaxItems = 1000;

using Answered = base::Result<HttpResponse>;
using AskedItem = base::Result<AskedAccess>;  // an item that can't be read is that item's error, not the call's

AnswerStyle style_of(const RoutePorts& ports, const AskedAccess& asked, std::string_view short_circuit = {}) {
  return {ports.info.pack_revision, asked.covered, short_circuit};
}

Answered evaluate(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const Entities entities, entities_of(in.json()));
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const AskedAccess asked, read_question(entities, caller.id));
  EGIDE_TRY(const auto answer, vault::EvaluateAccess(ports.services()).execute(caller, asked.question));
  std::string text;
  text.reserve(2048);
  text += '{';
  append_decision(text, answer, style_of(ports, asked));
  text += '}';
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

AskedItem read_item(const base::Json& item, const Entities& defaults, const std::string& caller_id) {
  EGIDE_TRY(const Entities own, entities_of(item));
  return read_question(with_defaults(own, defaults), caller_id);
}

int item_status(const base::Error& error) { return error.code() == base::ErrorCode::Forbidden ? 403 : 400; }

// One after the other, up to and including the item that decides. What is the item's own fault stops it alone; a log
// that can't be written stops the call.
Answered evaluate_in_order(const RoutePorts& ports, const vault::Caller& caller, const std::vector<AskedItem>& items,
                           Semantic semantic) {
  vault::EvaluateAccess access(ports.services());
  std::string text = R"({"evaluations":[)";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    const auto ends = [&](bool permit) {
      return (semantic == Semantic::DenyOnFirstDeny && !permit) ||
             (semantic == Semantic::PermitOnFirstPermit && permit);
    };
    const std::string_view denied = ends(false) ? name_of(semantic) : std::string_view();
    if (!items[i]) {
      append_item_error(text, 400, items[i].error(), denied);
      if (ends(false)) break;
      continue;
    }
    const auto answer = access.execute(caller, items[i]->question);
    if (!answer) {
      if (answer.error().code() != base::ErrorCode::Forbidden) return answer.error();
      append_item_error(text, item_status(answer.error()), answer.error(), denied);
      if (ends(false)) break;
      continue;
    }
    const bool permit = answer->decision.permit && items[i]->covered;
    text += '{';
    append_decision(text, *answer, style_of(ports, *items[i], ends(permit) ? name_of(semantic) : std::string_view()));
    text += '}';
    if (ends(permit)) break;
  }
  text += "]}";
  return HttpResponse::json_text(200, std::move(text));
}

// All in one transaction.
Answered evaluate_together(const RoutePorts& ports, const vault::Caller& caller, const std::vector<AskedItem>& items) {
  std::vector<vault::AccessQuestion> questions;
  for (const auto& item : items)
    if (item) questions.push_back(item->question);
  std::vector<vault::AccessAnswer> answers;
  if (!questions.empty()) {
    auto answered = vault::EvaluateAccess(ports.services()).execute_many(caller, questions);
    if (!answered) {
      // Some item asks for another tool: each gets its own answer, that one an error.
      if (answered.error().code() == base::ErrorCode::Forbidden)
        return evaluate_in_order(ports, caller, items, Semantic::ExecuteAll);
      return std::move(answered).error();
    }
    answers = std::move(answered).value();
  }
  std::string text = R"({"evaluations":[)";
  text.reserve(64 + 800 * items.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    if (!items[i]) {
      append_item_error(text, 400, items[i].error(), {});
      continue;
    }
    text += '{';
    append_decision(text, answers[next++], style_of(ports, *items[i]));
    text += '}';
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
  for (const auto& item : *list) items.push_back(read_item(item, defaults, caller.id));
  return semantic == Semantic::ExecuteAll ? evaluate_together(ports, caller, items)
                                          : evaluate_in_order(ports, caller, items, semantic);
}

Answered metadata(const RoutePorts& ports, const RequestContext&) {
  Document document;
  document["policy_decision_point"] = ports.public_base_url;
  document["access_evaluation_endpoint"] = ports.public_base_url + "/access/v1/evaluation";
  document["access_evaluations_endpoint"] = ports.public_base_url + "/access/v1/evaluations";
  document["supported_obligations"] = {"custom"};
  HttpResponse response = answer(200, document);
  response.cache_control = "max-age=300";
  return response;
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
                   [&ports](const RequestContext& in) { return metadata(ports, in); }));
}

}  // namespace egide::api
