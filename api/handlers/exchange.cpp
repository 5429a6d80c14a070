#include "handlers/exchange.h"

#include <charconv>

#include "egide/base/check.h"
#include "egide/base/time.h"

namespace egide::api {

Route route(Method method, std::string pattern, std::string name, RouteHandler handler) {
  Route out;
  out.method = method;
  out.pattern = std::move(pattern);
  out.name = std::move(name);
  out.handler = std::move(handler);
  return out;
}

Route creating_route(std::string pattern, std::string name, RouteHandler handler) {
  Route out = route(Method::Post, std::move(pattern), std::move(name), std::move(handler));
  out.body = BodyKind::Json;
  out.idempotency = Idempotency::Optional;
  return out;
}

HttpResponse answer(int status, const Document& document) {
  return HttpResponse::json_text(status, document.dump(-1, ' ', false, Document::error_handler_t::replace));
}

const vault::Caller& vault_caller(const RequestContext& in) {
  EGIDE_CHECK(in.caller().principal != nullptr);
  return *static_cast<const vault::Caller*>(in.caller().principal.get());
}

base::Result<void> require_own(const vault::Caller& caller, const base::SubjectId& subject) {
  if (caller.role == vault::Role::Subject && caller.subject != subject)
    return base::not_found("There is no such person");
  return {};
}

base::Result<base::SubjectId> subject_in_path(const RequestContext& in) {
  const auto id = base::SubjectId::parse(in.path_value("id"));
  if (!id) return base::not_found("There is no such person");
  return *id;
}

base::Result<base::RecordId> record_in_path(const RequestContext& in) {
  const auto id = base::RecordId::parse(in.path_value("id"));
  if (!id) return base::not_found("There is nothing with this id");
  return *id;
}

base::Result<std::int64_t> version_in_if_match(const RequestContext& in) {
  const std::string_view tag = in.if_match();
  std::int64_t version = 0;
  if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') {
    const auto [end, error] = std::from_chars(tag.data() + 1, tag.data() + tag.size() - 1, version);
    if (error == std::errc() && end == tag.data() + tag.size() - 1 && version > 0) return version;
  }
  return base::Error(base::ErrorCode::Precondition, "If-Match takes the ETag of the object, as it was given");
}

void put_text(Document& document, const char* key, std::string_view text) {
  if (!text.empty()) document[key] = std::string(text);
}

void put_time(Document& document, const char* key, const std::optional<base::Timestamp>& time) {
  if (time) document[key] = base::format_rfc3339(*time);
}

}  // namespace egide::api
