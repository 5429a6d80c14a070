// Purposes and their notices: what data are used for, and the texts people are shown.
#include <nlohmann/json.hpp>

#include "egide/api/request_context.h"
#include "egide/base/time.h"
#include "egide/vault/notices.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

Document to_document(const vault::NoticeView& notice) {
  Document out;
  out["purpose"] = notice.purpose;
  out["version"] = notice.version;
  out["texts"] = notice.texts;
  out["sha256"] = notice.sha256;
  put_text(out, "summary", notice.summary);
  out["material"] = notice.material;
  out["oldest_acceptable"] = notice.oldest_acceptable;
  put_time(out, "issued_at", notice.issued_at);
  return out;
}

Document to_document(const vault::PurposeView& purpose) {
  Document out;
  out["id"] = purpose.id;
  out["label"] = purpose.label;
  out["description"] = purpose.description;
  out["is_ai"] = purpose.is_ai;
  out["legal_basis"] = purpose.legal_basis;
  if (purpose.consent) {
    out["consent"]["explicit"] = purpose.consent->explicit_consent;
    out["consent"]["double_opt_in"] = purpose.consent->double_opt_in;
  }
  out["data_subjects"] = purpose.data_subjects;
  out["data_categories"] = purpose.data_categories;
  out["forbidden_categories"] = purpose.forbidden_categories;
  out["rights"] = purpose.rights;
  out["automation"] = purpose.automation;
  out["effect"] = purpose.effect;
  out["objection"] = purpose.objection;
  out["minors"] = purpose.minors;
  out["notice"] = to_document(purpose.notice);
  return out;
}

Answered list(const RoutePorts& ports, const RequestContext&) {
  Document document;
  document["items"] = Document::array();
  for (const auto& purpose : vault::ListPurposes(ports.services()).execute())
    document["items"].push_back(to_document(purpose));
  return answer(200, document);
}

// The version of a purpose is that of its notice: everything else comes with the policy pack.
HttpResponse purpose_answer(const vault::PurposeView& purpose) {
  HttpResponse response = answer(200, to_document(purpose));
  response.with("ETag", etag_of(static_cast<std::uint64_t>(purpose.notice.version)));
  return response;
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto purpose, vault::GetPurpose(ports.services()).execute(in.path_value("id")));
  return purpose_answer(purpose);
}

vault::NewNotice read_notice(base::ObjectReader& body) {
  vault::NewNotice notice;
  if (const base::Json* texts = body.required_object("texts")) {
    base::ObjectReader languages(*texts, body.pointer_to("texts"));
    for (const auto& item : texts->items())
      notice.texts[item.key()] = languages.required_string(item.key(), {1, 20000});
    body.take(languages);
  }
  notice.summary = body.optional_string("summary").value_or("");
  notice.material = body.optional_bool("material").value_or(false);
  return notice;
}

// Takes the document of GET with another notice, or a part of it: what comes with the policy pack can't be changed
// here.
Answered put(const RoutePorts& ports, const RequestContext& in) {
  const std::string& id = in.path_value("id");
  EGIDE_TRY(const auto current, vault::GetPurpose(ports.services()).execute(id));
  EGIDE_TRY(const auto version, version_in_if_match(in));
  if (version != current.notice.version)
    return base::Error(base::ErrorCode::Precondition, "The purpose's notice has changed since it was read");
  const base::Json known = base::Json::parse(to_document(current).dump());
  base::ObjectReader body(in.json(), "");
  const base::Json* notice = body.required_object("notice");
  if (in.json().is_object())
    for (const auto& member : in.json().items()) {
      if (member.key() == "notice") continue;
      const auto same = known.find(member.key());
      if (same == known.end())
        body.mistake(member.key(), "is not a member of a purpose");
      else if (*same != member.value())
        body.mistake(member.key(), "comes with the policy pack: load another pack to change it");
    }
  vault::NewNotice next;
  if (notice != nullptr) {
    base::ObjectReader inner(*notice, "/notice");
    next = read_notice(inner);
    // Members that GET gives with a notice and egide makes itself are let through.
    inner.optional_string("purpose");
    inner.optional_integer("version", 1, 1000000);
    inner.optional_object("sha256");
    inner.optional_integer("oldest_acceptable", 1, 1000000);
    inner.optional_string("issued_at");
    inner.refuse_unknown();
    body.take(inner);
  }
  EGIDE_TRY_VOID(body.finish());
  if (next.texts == current.notice.texts) return purpose_answer(current);  // nothing new to show
  EGIDE_TRY([[maybe_unused]] const auto published,
            vault::PublishNotice(ports.services()).execute(vault_caller(in), id, next));
  EGIDE_TRY(const auto changed, vault::GetPurpose(ports.services()).execute(id));
  return purpose_answer(changed);
}

Answered notices(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto found, vault::ListNotices(ports.services()).execute(in.path_value("id")));
  Document document;
  document["items"] = Document::array();
  for (const auto& notice : found) document["items"].push_back(to_document(notice));
  return answer(200, document);
}

Answered publish(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  const vault::NewNotice notice = read_notice(body);
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  const std::string& purpose = in.path_value("id");
  EGIDE_TRY(const auto published, vault::PublishNotice(ports.services()).execute(vault_caller(in), purpose, notice));
  return answer(201, to_document(published));
}

}  // namespace

void add_purpose_routes(Router& router, const RoutePorts& ports) {
  router.add(route(Method::Get, "/v1/purposes", "purposes.list",
                   [&ports](const RequestContext& in) { return list(ports, in); }));
  router.add(route(Method::Get, "/v1/purposes/{id}", "purposes.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
  Route changing = route(Method::Put, "/v1/purposes/{id}", "purposes.put",
                         [&ports](const RequestContext& in) { return put(ports, in); });
  changing.body = BodyKind::Json;
  changing.needs_if_match = true;
  router.add(std::move(changing));
  router.add(route(Method::Get, "/v1/purposes/{id}/notices", "notices.list",
                   [&ports](const RequestContext& in) { return notices(ports, in); }));
  router.add(creating_route("/v1/purposes/{id}/notices", "notices.publish",
                            [&ports](const RequestContext& in) { return publish(ports, in); }));
}

}  // namespace egide::api
