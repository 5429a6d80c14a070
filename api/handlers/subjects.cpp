// People: register, look up, read, correct.
#include "egide/vault/subjects.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/vault/subject_record.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

constexpr base::TextRule kShort{1, 100};
constexpr base::TextRule kLocale{2, 20};

vault::Attributes attributes_of(const base::Json* object) {
  vault::Attributes out;
  if (object == nullptr) return out;
  for (const auto& item : object->items()) out.emplace(item.key(), item.value());
  return out;
}

Answered create(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  const auto attributes = attributes_of(body.required_object("attributes"));
  const auto locale = body.optional_string("locale", kLocale).value_or(ports.info.language);
  const auto source = body.optional_string("source", kShort).value_or("api");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto id,
            vault::RegisterSubject(ports.services()).execute(vault_caller(in), attributes, locale, source));
  Document document;
  document["id"] = id.str();
  HttpResponse response = answer(201, document);
  response.with("Location", "/v1/subjects/" + id.str()).with("ETag", etag_of(1));
  response.concerns = id;
  return response;
}

Answered look_up(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  const auto email = body.optional_string("email");
  const auto reference = body.optional_string("reference");
  body.refuse_unknown();
  if (body.mistakes().empty() && email.has_value() == reference.has_value())
    body.mistake("email", "exactly one of email and reference is needed");
  EGIDE_TRY_VOID(body.finish());
  vault::LookupSubject lookup(ports.services());
  EGIDE_TRY(const auto found,
            email ? lookup.by_email(vault_caller(in), *email) : lookup.by_reference(vault_caller(in), *reference));
  if (!found) return base::not_found("Nobody has this e-mail or reference");
  Document document;
  document["id"] = found->str();
  return answer(200, document);
}

// Staff say what they look for; a person looks at what is theirs.
base::Result<std::string> stated_purpose(const RequestContext& in, const vault::Caller& caller) {
  const auto header = in.request().header("x-purpose");
  if (header && (header->size() > 200 || !base::is_valid_utf8(*header)))
    return base::invalid_request("X-Purpose takes at most 200 bytes of UTF-8");
  if (header && !header->empty()) return std::string(*header);
  if (caller.role == vault::Role::Subject) return std::string("self");
  return base::invalid_request("X-Purpose is needed: the purpose for which this person's data are read");
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto id, subject_in_path(in));
  EGIDE_TRY_VOID(require_own(caller, id));
  EGIDE_TRY(const auto purpose, stated_purpose(in, caller));
  EGIDE_TRY(const auto record, vault::GetSubject(ports.services()).execute(caller, id, purpose));
  const auto etag = etag_of(static_cast<std::uint64_t>(record.version));
  if (if_none_match(in.request(), etag)) return std::move(HttpResponse::empty(304).with("ETag", etag));
  Document document;
  document["id"] = record.id.str();
  document["version"] = record.version;
  document["locale"] = record.locale;
  document["created_at"] = base::format_rfc3339(record.created_at);
  document["restricted"] = record.restricted;
  document["attributes"] = Document::object();
  document["origins"] = Document::object();
  for (const auto& attribute : record.attributes) {
    document["attributes"][attribute.category] = Document(attribute.value);
    Document origin;
    origin["source"] = attribute.source;
    origin["updated_at"] = base::format_rfc3339(attribute.updated_at);
    document["origins"][attribute.category] = origin;
  }
  HttpResponse response = answer(200, document);
  response.with("ETag", etag);
  return response;
}

Answered patch(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto id, subject_in_path(in));
  EGIDE_TRY(const auto version, version_in_if_match(in));
  base::ObjectReader body(in.json(), "");
  const auto changes = attributes_of(body.required_object("attributes"));
  const auto source = body.optional_string("source", kShort).value_or("api");
  body.refuse_unknown();
  if (body.mistakes().empty() && changes.empty()) body.mistake("attributes", "must name at least one category");
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto next, vault::UpdateSubject(ports.services()).execute(caller, id, version, changes, source));
  Document document;
  document["id"] = id.str();
  document["version"] = next;
  HttpResponse response = answer(200, document);
  response.with("ETag", etag_of(static_cast<std::uint64_t>(next)));
  return response;
}

}  // namespace

void add_subject_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/v1/subjects", "subjects.create",
                            [&ports](const RequestContext& in) { return create(ports, in); }));
  Route lookup = route(Method::Post, "/v1/subjects/lookup", "subjects.lookup",
                       [&ports](const RequestContext& in) { return look_up(ports, in); });
  lookup.body = BodyKind::Json;
  router.add(std::move(lookup));
  router.add(route(Method::Get, "/v1/subjects/{id}", "subjects.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
  Route patching = route(Method::Patch, "/v1/subjects/{id}", "subjects.patch",
                         [&ports](const RequestContext& in) { return patch(ports, in); });
  patching.body = BodyKind::MergePatch;
  patching.needs_if_match = true;
  router.add(std::move(patching));
}

}  // namespace egide::api
