// Consent: record an event, list a person's states and events, read one event.
#include "egide/vault/consents.h"

#include <nlohmann/json.hpp>

#include "egide/api/media_type.h"
#include "egide/base/time.h"
#include "egide/vault/consent_records.h"
#include "handlers/consent_forms.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

Document to_document(const vault::ConsentEvent& event) {
  Document out;
  out["id"] = event.id.str();
  out["subject"] = event.subject.str();
  out["purpose"] = event.purpose;
  out["status"] = event.type == "renewed" ? "given" : event.type;
  out["event"] = event.type;
  put_text(out, "state", vault::consent_state_after(event.type));
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
  if (view.lapsed) out["lapsed"] = true;
  return out;
}

// Consent is granular and expressed (Art. 4(11) and 7): said in words of its own, not as an unknown member.
void refuse_bundles(base::ObjectReader& body) {
  const base::Json* purpose = body.find("purpose");
  if (body.find("purposes") != nullptr || (purpose != nullptr && purpose->is_array()))
    body.mistake(purpose != nullptr ? "purpose" : "purposes", "one consent is for one purpose: send one for each");
  for (const char* ticked : {"default", "preticked", "pre_ticked", "prechecked"})
    if (body.find(ticked) != nullptr)
      body.mistake(ticked, "a choice that was made beforehand is no consent: nothing may be pre-ticked");
}

base::Result<vault::NewConsent> read_consent(const base::Json& json) {
  base::ObjectReader body(json, "");
  vault::NewConsent out;
  refuse_bundles(body);
  out.purpose = body.required_string("purpose");
  out.status = body.required_choice("status", {"given", "refused", "withdrawn", "requested", "revoked", "invalidated"});
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
  std::optional<base::Timestamp> at;
  if (const auto text = in.request().query().get("at")) {
    at = base::parse_rfc3339(*text);
    if (!at) return base::invalid_field("/at", "must be a time as in RFC 3339");
  }
  EGIDE_TRY(const auto history, vault::ListConsents(ports.services()).execute(caller, subject, at));
  Document document;
  document["subject"] = subject.str();
  document["states"] = Document::array();
  for (const auto& state : history.states) document["states"].push_back(to_document(state));
  document["events"] = Document::array();
  for (const auto& event : history.events) document["events"].push_back(to_document(event));
  return answer(200, document);
}

constexpr const char* kJsonLd = "application/ld+json";
constexpr const char* kKantara = "application/vnd.kantara.consent-receipt+json";
constexpr const char* kJose = "application/jose";

HttpResponse of_type(std::string body, const char* type, const base::SubjectId& concerns) {
  HttpResponse out = HttpResponse::json_text(200, std::move(body));
  out.content_type = type;
  out.with("Vary", "Accept");
  out.concerns = concerns;
  return out;
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto id, record_in_path(in));
  if (asks_for(in.request(), kJsonLd)) {
    EGIDE_TRY(const auto record, vault::GetConsentRecord(ports.services()).execute(caller, id));
    EGIDE_TRY_VOID(require_own(caller, record.event.subject));
    return of_type(dpv_record(record, {ports.public_base_url, ports.controller}).dump(), kJsonLd, record.event.subject);
  }
  EGIDE_TRY(const auto event, vault::GetConsent(ports.services()).execute(caller, id));
  EGIDE_TRY_VOID(require_own(caller, event.subject));
  return answer(200, to_document(event));
}

// The form that Accept asks for. Other documents than egide's own carry their signature in a header.
Answered receipt(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto id, record_in_path(in));
  const bool ld = asks_for(in.request(), kJsonLd);
  const bool kantara = !ld && asks_for(in.request(), kKantara);
  const bool jose = !ld && !kantara && asks_for(in.request(), kJose);
  if (!ld && !kantara && !jose && !accepts(in.request(), "application/json"))
    return in.problem(ProblemKind::NotAcceptable);
  vault::IssueReceipt use_case(ports.services());
  EGIDE_TRY(const auto receipt, use_case.execute(caller, id));
  const auto& subject = receipt.record.event.subject;
  EGIDE_TRY_VOID(require_own(caller, subject));
  if (jose) return of_type(receipt.jws, kJose, subject);
  if (!ld && !kantara)
    return of_type("{\"receipt\":" + receipt.document + ",\"jws\":\"" + receipt.jws + "\"}", "application/json",
                   subject);
  const FormPlace place{ports.public_base_url, ports.controller};
  std::string body;
  if (ld) {
    body = dpv_receipt(receipt, place).dump();
  } else {
    EGIDE_TRY(const auto key, vault::receipt_key(ports.services()));
    const auto bytes = base::from_base64url(key.x);
    body = kantara_receipt(receipt, place, base::to_base64(*bytes)).dump();
  }
  EGIDE_TRY(auto signature, use_case.sign(body));
  HttpResponse out = of_type(std::move(body), ld ? kJsonLd : kKantara, subject);
  out.with("Egide-Signature", std::move(signature));
  return out;
}

Answered keys(const RoutePorts& ports, const RequestContext&) {
  EGIDE_TRY(const auto key, vault::receipt_key(ports.services()));
  Document one;
  one["kty"] = "OKP";
  one["crv"] = "Ed25519";
  one["x"] = key.x;
  one["kid"] = key.kid;
  one["use"] = "sig";
  one["alg"] = "EdDSA";
  one["egide_vkey"] = key.vkey;
  one["egide_certificate"] = key.certificate;
  Document document;
  document["keys"].push_back(one);
  return answer(200, document);
}

}  // namespace

void add_consent_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/v1/subjects/{id}/consents", "consents.record",
                            [&ports](const RequestContext& in) { return record(ports, in); }));
  Route listing = route(Method::Get, "/v1/subjects/{id}/consents", "consents.list",
                        [&ports](const RequestContext& in) { return list(ports, in); });
  listing.query = {"at"};
  router.add(std::move(listing));
  router.add(route(Method::Get, "/v1/consents/{id}", "consents.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
  router.add(route(Method::Get, "/v1/consents/{id}/receipt", "consents.receipt",
                   [&ports](const RequestContext& in) { return receipt(ports, in); }));
  router.add(route(Method::Get, "/.well-known/jwks.json", "receipts.keys",
                   [&ports](const RequestContext& in) { return keys(ports, in); }));
}

}  // namespace egide::api
