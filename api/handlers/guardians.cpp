// Guardians of children, and the outbox.
#include "egide/vault/guardians.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/vault/mail.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

Document to_document(const vault::Guardianship& one) {
  Document out;
  out["id"] = one.id.str();
  out["child"] = one.child.str();
  out["guardian"] = one.guardian.str();
  out["active"] = one.active;
  out["since"] = base::format_rfc3339(one.since);
  put_time(out, "ended_at", one.ended_at);
  put_text(out, "lapses_on", one.lapses_on.value_or(""));
  out["verified_by"] = one.verified_by;
  put_text(out, "evidence", one.evidence);
  put_text(out, "recorded_by", one.recorded_by);
  out["log_index"] = one.log_index;
  return out;
}

Answered add(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto child, subject_in_path(in));
  base::ObjectReader body(in.json(), "");
  vault::NewGuardian guardian;
  const auto id = base::SubjectId::parse(body.required_string("guardian"));
  if (!id) body.mistake("guardian", "must be the id of a person");
  guardian.guardian = id.value_or(base::SubjectId());
  guardian.verified_by = body.required_choice("verified_by", {"known", "document_seen", "shared_address"});
  guardian.evidence = body.required_string("evidence");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto added, vault::AddGuardian(ports.services()).execute(vault_caller(in), child, guardian));
  HttpResponse response = answer(201, to_document(added));
  response.concerns = child;
  return response;
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto child, subject_in_path(in));
  EGIDE_TRY_VOID(require_own(vault_caller(in), child));
  EGIDE_TRY(const auto found, vault::ListGuardians(ports.services()).execute(vault_caller(in), child));
  Document document;
  document["items"] = Document::array();
  for (const auto& one : found) document["items"].push_back(to_document(one));
  return answer(200, document);
}

Answered end(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  base::ObjectReader body(in.json(), "");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto ended, vault::EndGuardianship(ports.services()).execute(vault_caller(in), id));
  return answer(200, to_document(ended));
}

Answered outbox(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto limit, in.limit(50, 200));
  const vault::MailOutbox mails(ports.services(), ports.public_base_url);
  EGIDE_TRY(const auto newest, mails.newest(static_cast<int>(limit), ports.readable_outbox));
  Document document;
  document["items"] = Document::array();
  for (const auto& mail : newest) {
    Document one;
    one["id"] = mail.id.str();
    one["kind"] = mail.kind;
    one["state"] = mail.state;
    one["created_at"] = base::format_rfc3339(mail.created_at);
    if (mail.state == "waiting") one["next_attempt_at"] = base::format_rfc3339(mail.next_attempt_at);
    one["attempts"] = mail.attempts;
    put_text(one, "problem", mail.problem);
    put_text(one, "text", mail.text);
    document["items"].push_back(std::move(one));
  }
  return answer(200, document);
}

}  // namespace

void add_guardian_routes(Router& router, const RoutePorts& ports) {
  router.add(creating_route("/v1/subjects/{id}/guardians", "guardians.add",
                            [&ports](const RequestContext& in) { return add(ports, in); }));
  router.add(route(Method::Get, "/v1/subjects/{id}/guardians", "guardians.list",
                   [&ports](const RequestContext& in) { return list(ports, in); }));
  Route ending = route(Method::Post, "/v1/guardianships/{id}/end", "guardians.end",
                       [&ports](const RequestContext& in) { return end(ports, in); });
  ending.body = BodyKind::Json;
  router.add(std::move(ending));
  Route mails =
      route(Method::Get, "/v1/mail", "mail.list", [&ports](const RequestContext& in) { return outbox(ports, in); });
  mails.query = {"limit"};
  router.add(std::move(mails));
}

}  // namespace egide::api
