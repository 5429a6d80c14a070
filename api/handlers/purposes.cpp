// Purposes and their notices: what data are used for, and the texts people are shown.
#include <nlohmann/json.hpp>

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

Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto purpose, vault::GetPurpose(ports.services()).execute(in.path_value("id")));
  return answer(200, to_document(purpose));
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
  vault::NewNotice notice;
  if (const base::Json* texts = body.required_object("texts")) {
    base::ObjectReader languages(*texts, "/texts");
    for (const auto& item : texts->items())
      notice.texts[item.key()] = languages.required_string(item.key(), {1, 20000});
    body.take(languages);
  }
  notice.summary = body.optional_string("summary").value_or("");
  notice.material = body.optional_bool("material").value_or(false);
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
  router.add(route(Method::Get, "/v1/purposes/{id}/notices", "notices.list",
                   [&ports](const RequestContext& in) { return notices(ports, in); }));
  router.add(creating_route("/v1/purposes/{id}/notices", "notices.publish",
                            [&ports](const RequestContext& in) { return publish(ports, in); }));
}

}  // namespace egide::api
