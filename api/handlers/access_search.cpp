// AuthZEN Authorization API 1.0: Subject, Resource and Action Search.
#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/vault/search_access.h"
#include "handlers/access_answer.h"
#include "handlers/access_question.h"
#include "handlers/exchange.h"
#include "handlers/json_text.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;
using vault::PairKind;

// Everything that decides what is found, in one text: sorted members, and no id of what is searched.
std::string query_of(const Entities& entities, Asks asks) {
  base::Json out = base::Json::object();
  out["asks"] = static_cast<int>(asks);
  const auto put = [&out](const char* name, const base::Json* entity, bool searched) {
    if (entity == nullptr) return;
    base::Json copy = *entity;
    if (searched) copy.erase("id");
    out[name] = std::move(copy);
  };
  put("subject", entities.subject, asks == Asks::Subjects);
  put("resource", entities.resource, asks == Asks::Resources);
  if (asks != Asks::Actions) put("action", entities.action, false);
  put("context", entities.context, false);
  return out.dump();
}

base::Result<vault::PageRequest> page_of(const base::Json& body) {
  vault::PageRequest out;
  const auto page = body.find("page");
  if (page == body.end() || page->is_null()) return out;
  if (!page->is_object()) return base::invalid_field("/page", "must be an object");
  const auto member = [&](const char* name) -> const base::Json* {
    const auto found = page->find(name);
    return found == page->end() || found->is_null() ? nullptr : &*found;
  };
  if (const base::Json* token = member("token")) {
    if (!token->is_string()) return base::invalid_field("/page/token", "must be a string");
    out.token = token->get<std::string>();
  }
  if (const base::Json* limit = member("limit")) {
    if (!limit->is_number_unsigned()) return base::invalid_field("/page/limit", "must be an integer from 0 on");
    out.limit = limit->get<std::uint64_t>();
  }
  if (const base::Json* properties = member("properties"); properties != nullptr && !properties->is_object())
    return base::invalid_field("/page/properties", "must be an object");
  return out;
}

// The page comes first, so that a client can show how far it is.
std::string begin_answer(const vault::FoundPage& page, std::size_t count) {
  std::string out = R"({"page":{"next_token":)";
  append_json_string(out, page.next_token);
  out += R"(,"count":)";
  append_number(out, count);
  out += R"(,"total":)";
  append_number(out, page.total);
  out += R"(},"context":{"search_id":")" + base::to_base32(page.search.bytes()) + R"(","searched_at":")";
  out += base::format_rfc3339(page.searched_at) + R"(","policy_revision":")" + page.policy_revision;
  out += R"(","log_index":)";
  append_number(out, page.log_index);
  out += R"(},"results":[)";
  return out;
}

void append_entity(std::string& out, std::string_view type, std::string_view id) {
  out += R"({"type":)";
  append_json_string(out, type);
  out += R"(,"id":)";
  append_json_string(out, id);
}

Answered finish(std::string text) {
  text += "]}";
  return HttpResponse::json_text(200, std::move(text));
}

base::Result<vault::Found<vault::FoundUse>> search_consent(const RoutePorts& ports, const vault::Caller& caller,
                                                           const vault::AccessQuestion& question, Asks asks,
                                                           const vault::PageRequest& page) {
  vault::SearchAccess search(ports.services());
  if (asks == Asks::Resources) return search.people(caller, question, page);
  if (asks == Asks::Actions) return search.purposes(caller, question, page);
  return search.tools(caller, question, page);
}

Answered answer_consent(const RoutePorts& ports, const vault::Caller& caller, const AskedAccess& asked, Asks asks,
                        const vault::PageRequest& page) {
  EGIDE_TRY(const auto found, search_consent(ports, caller, asked.question, asks, page));
  std::string text = begin_answer(found, found.results.size());
  text.reserve(text.size() + 300 * found.results.size());
  const std::string_view type = asks == Asks::Resources ? asked.generic.resource.type : asked.generic.subject.type;
  for (std::size_t i = 0; i < found.results.size(); ++i) {
    const vault::FoundUse& use = found.results[i];
    if (i > 0) text += ',';
    if (asks == Asks::Actions) {
      text += R"({"name":"process","properties":{"purpose":)";
      append_json_string(text, use.id);
      text += '}';
    } else {
      append_entity(text, type, use.id);
    }
    append_obligations(text, use.terms, found.searched_at);
    text += '}';
  }
  return finish(std::move(text));
}

Answered answer_generic(const RoutePorts& ports, const vault::Caller& caller, const AskedAccess& asked, Asks asks,
                        const vault::PageRequest& page) {
  const auto what = asks == Asks::Subjects    ? vault::GenericSearch::Subjects
                    : asks == Asks::Resources ? vault::GenericSearch::Resources
                                              : vault::GenericSearch::Actions;
  EGIDE_TRY(const auto found, vault::SearchAccess(ports.services()).generic(caller, asked.generic, what, page));
  std::string text = begin_answer(found, found.results.size());
  for (std::size_t i = 0; i < found.results.size(); ++i) {
    if (i > 0) text += ',';
    if (asks == Asks::Actions) {
      text += R"({"name":)";
      append_json_string(text, found.results[i].id);
    } else {
      append_entity(text, found.results[i].type, found.results[i].id);
    }
    text += '}';
  }
  return finish(std::move(text));
}

Answered search(const RoutePorts& ports, const RequestContext& in, Asks asks) {
  EGIDE_TRY(const Entities entities, entities_of(in.json()));
  EGIDE_TRY(const AskedAccess asked, read_question(ports.services(), entities, asks));
  EGIDE_TRY(vault::PageRequest page, page_of(in.json()));
  page.query = query_of(entities, asks);
  const vault::Caller& caller = vault_caller(in);
  if (asked.kind == PairKind::Consent) return answer_consent(ports, caller, asked, asks, page);
  if (asked.kind == PairKind::Generic && caller.role != vault::Role::Subject)
    return answer_generic(ports, caller, asked, asks, page);
  EGIDE_TRY(const auto nothing, vault::SearchAccess(ports.services()).nothing(caller, page));
  return finish(begin_answer(nothing, 0));
}

}  // namespace

void add_search_routes(Router& router, const RoutePorts& ports) {
  const auto add = [&](const char* kind, Asks asks) {
    Route one = route(Method::Post, std::string("/access/v1/search/") + kind, std::string("access.search_") + kind,
                      [&ports, asks](const RequestContext& in) { return search(ports, in, asks); });
    one.body = BodyKind::Json;
    router.add(std::move(one));
  };
  add("subject", Asks::Subjects);
  add("resource", Asks::Resources);
  add("action", Asks::Actions);
}

}  // namespace egide::api
