// Consent: record an event, list a person's states and events, read one event.
#include "egide/vault/consents.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

// The state that an event leads to; each type leads to one, whatever stood before.
std::string_view state_after(std::string_view event) {
  for (int i = 0; i <= static_cast<int>(policies::ConsentState::Invalidated); ++i) {
    const auto state = vault::next_consent_state(static_cast<policies::ConsentState>(i), event);
    if (state) return policies::dpv_id(*state);
  }
  return {};
}

Document to_document(const vault::ConsentEvent& event) {
  Document out;
  out["id"] = event.id.str();
  out["subject"] = event.subject.str();
  out["purpose"] = event.purpose;
  out["status"] = event.type == "renewed" ? "given" : event.type;
  out["event"] = event.type;
  put_text(out, "state", state_after(event.type));
  out["by"] = event.by;
  out["channel"] = event.channel;
  put_text(out, "method", event.method);
  put_text(out, "evidence", event.evidence);
  out["at"] = base::format_rfc3339(event.at);
  out["recorded_at"] = base::format_rfc3339(event.recorded_at);
  Document notice;
  notice["version"] = event.notice_version;
  notice["language"] = event.notice_language;
  notice["sha256"] = event.notice_hash;
  out["notice"] = notice;
  put_time(out, "valid_until", event.valid_until);
  out["recorded_by"] = event.recorded_by.empty() ? "self" : event.recorded_by;
  out["log_index"] = event.log_index;
  return out;
}

Document to_document(const vault::ConsentStateView& view) {
  Document out;
  out["purpose"] = view.purpose;
  out["by"] = view.by;
  out["state"] = policies::dpv_id(view.state);
  out["valid"] = policies::is_valid_for_processing(view.state);
  put_time(out, "valid_until", view.valid_until);
  out["notice_version"] = view.notice_version;
  out["record"] = view.record.str();
  return out;
}

base::Result<vault::NewConsent> read_consent(const base::Json& json) {
  base::ObjectReader body(json, "");
  vault::NewConsent out;
  out.purpose = body.required_string("purpose");
  out.status = body.required_choice("status", {"given", "refused", "withdrawn"});
  out.channel = body.required_string("channel");
  out.by = body.optional_choice("by", {"data_subject", "guardian"}).value_or("data_subject");
  out.method = body.optional_string("method").value_or("");
  out.evidence = body.optional_string("evidence").value_or("");
  if (const auto at = body.optional_string("at")) {
    out.at = base::parse_rfc3339(*at);
    if (!out.at) body.mistake("at", "must be a time as in RFC 3339");
  }
  if (const auto version = body.optional_integer("notice_version", 1, 1000000))
    out.notice_version = static_cast<int>(*version);
  out.language = body.optional_string("language", {2, 20}).value_or("");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  return out;
}

Answered record(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto subject, subject_in_path(in));
  EGIDE_TRY_VOID(require_own(caller, subject));
  EGIDE_TRY(const auto consent, read_consent(in.json()));
  EGIDE_TRY(const auto event, vault::RecordConsent(ports.services()).execute(caller, subject, consent));
  HttpResponse response = answer(201, to_document(event));
  response.with("Location", "/v1/consents/" + event.id.str());
  response.concerns = subject;
  return response;
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto subject, subject_in_path(in));
  EGIDE_TRY_VOID(require_own(caller, subject));
  EGIDE_TRY(const auto history, vault::ListConsents(ports.services()).execute(caller, subject));
  Document document;
  document["subject"] = subject.str();
  document["states"] = Document::array();
  for (const auto& state : history.states) document["states"].push_back(to_document(state));
  document["events"] = Document::array();
  for (const auto& event : history.events) document["events"].push_back(to_document(event));
  return answer(200, document);
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto event, vault::GetConsent(ports.services()).execute(caller, id));
  EGIDE_TRY_VOID(require_own(caller, event.subject));
  return answer(200, to_document(event));
}

}  // namespace

void add_consent_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/v1/subjects/{id}/consents", "consents.record",
                            [&ports](const RequestContext& in) { return record(ports, in); }));
  router.add(route(Method::Get, "/v1/subjects/{id}/consents", "consents.list",
                   [&ports](const RequestContext& in) { return list(ports, in); }));
  router.add(route(Method::Get, "/v1/consents/{id}", "consents.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
}

}  // namespace egide::api
