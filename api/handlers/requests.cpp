// Requests of the people concerned (GDPR Art. 15 to 22): open, list, read, move, preview, fetch the package.
#include "egide/vault/requests.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "handlers/exchange.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

constexpr base::TextRule kCode{1, 100};
constexpr base::TextRule kFreeText{1, 10000};

Document to_document(const vault::RequestTransition& transition) {
  Document out;
  out["number"] = transition.number;
  if (transition.from) out["from"] = vault::name_of(*transition.from);
  out["to"] = vault::name_of(transition.to);
  out["at"] = base::format_rfc3339(transition.at);
  out["by"] = transition.by;
  put_text(out, "ground", transition.ground);
  put_text(out, "note", transition.note);
  out["log_index"] = transition.log_index;
  return out;
}

// What lists have too.
Document to_summary(const vault::RequestView& request) {
  Document out;
  out["id"] = request.id.str();
  out["type"] = vault::name_of(request.type);
  out["state"] = vault::name_of(request.state);
  if (request.subject) out["subject"] = request.subject->str();
  out["due"] = base::format_date(request.due);
  out["legal_due"] = base::format_date(request.legal_due);
  out["extended"] = request.extended;
  out["late"] = request.late;
  out["channel"] = request.channel;
  put_text(out, "language", request.language);
  out["received_at"] = base::format_rfc3339(request.received_at);
  out["recorded_at"] = base::format_rfc3339(request.recorded_at);
  out["next"] = Document::array();
  for (const auto state : request.next) out["next"].push_back(vault::name_of(state));
  out["version"] = request.version;
  out["log_index"] = request.log_index;
  if (request.receipt_index) out["receipt_index"] = *request.receipt_index;
  return out;
}

Document to_document(const vault::RequestView& request) {
  Document out = to_summary(request);
  out["scope"]["purposes"] = request.scope.purposes;
  out["scope"]["categories"] = request.scope.categories;
  put_text(out, "details", request.details);
  out["transitions"] = Document::array();
  for (const auto& transition : request.transitions) out["transitions"].push_back(to_document(transition));
  return out;
}

HttpResponse answer_with(int status, const vault::RequestView& request, const Document& document) {
  HttpResponse response = answer(status, document);
  response.with("ETag", etag_of(static_cast<std::uint64_t>(request.version)));
  response.concerns = request.subject;
  return response;
}

base::Result<vault::NewRequest> read_request(const base::Json& json) {
  base::ObjectReader body(json, "");
  vault::NewRequest out;
  out.type = body.required_string("type", kCode);
  if (const auto subject = body.optional_string("subject")) {
    out.subject = base::SubjectId::parse(*subject);
    if (!out.subject) body.mistake("subject", "must be the id of a person");
  }
  out.channel = body.optional_string("channel", kCode).value_or("");
  out.language = body.optional_string("language", {2, 20}).value_or("");
  if (const auto received = body.optional_string("received_at")) {
    out.received_at = base::parse_rfc3339(*received);
    if (!out.received_at) body.mistake("received_at", "must be a time as in RFC 3339");
  }
  if (const base::Json* scope = body.optional_object("scope")) {
    base::ObjectReader in(*scope, "/scope");
    out.scope.purposes = in.optional_strings("purposes").value_or(std::vector<std::string>());
    out.scope.categories = in.optional_strings("categories").value_or(std::vector<std::string>());
    in.refuse_unknown();
    body.take(in);
  }
  out.details = body.optional_string("details", kFreeText).value_or("");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  return out;
}

Answered open(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto wanted, read_request(in.json()));
  EGIDE_TRY(const auto request, vault::OpenRequest(ports.services()).execute(vault_caller(in), wanted));
  HttpResponse response = answer_with(201, request, to_document(request));
  response.with("Location", "/v1/requests/" + request.id.str());
  return response;
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  vault::RequestQuery query;
  query.state = query_text(in, "state");
  query.type = query_text(in, "type");
  const auto subject = query_text(in, "subject");
  if (!subject.empty()) {
    query.subject = base::SubjectId::parse(subject);
    if (!query.subject) return base::invalid_request("subject must be the id of a person");
  }
  std::string filter = "requests;";
  add_to_filter(filter, "state", query.state);
  add_to_filter(filter, "type", query.type);
  add_to_filter(filter, "subject", subject);
  const Paging paging(ports, in, filter);
  EGIDE_TRY(const auto limit, in.limit(50, 200));
  query.limit = static_cast<int>(limit);
  EGIDE_TRY(query.after, paging.after());
  EGIDE_TRY(const auto page, vault::ListRequests(ports.services()).execute(vault_caller(in), query));
  Document document;
  document["items"] = Document::array();
  for (const auto& request : page.items) document["items"].push_back(to_summary(request));
  paging.put_next(document, page.next);
  return answer(200, document);
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto request, vault::GetRequest(ports.services()).execute(vault_caller(in), id));
  const auto etag = etag_of(static_cast<std::uint64_t>(request.version));
  if (if_none_match(in.request(), etag)) return std::move(HttpResponse::empty(304).with("ETag", etag));
  return answer_with(200, request, to_document(request));
}

Document to_document(const vault::ErasureReceipt& receipt) {
  Document out;
  out["log_index"] = receipt.log_index;
  out["erased_at"] = base::format_rfc3339(receipt.erased_at);
  out["entry"] = receipt.entry;
  out["proof"] = receipt.proof;
  out["verifier_key"] = receipt.verifier_key;
  return out;
}

Answered transition(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  vault::NewTransition wanted;
  EGIDE_TRY(wanted.expected_version, version_in_if_match(in));
  base::ObjectReader body(in.json(), "");
  wanted.to = body.required_string("to", kCode);
  wanted.ground = body.optional_string("ground", kCode).value_or("");
  wanted.doubt_reason = body.optional_string("doubt_reason", kFreeText).value_or("");
  wanted.note = body.optional_string("note", kFreeText).value_or("");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto result, vault::TransitionRequest(ports.services()).execute(vault_caller(in), id, wanted));
  Document document = to_document(result.request);
  if (result.receipt) {
    document["receipt"] = to_document(*result.receipt);
    document["history_purged"] = result.history_purged;
  }
  return answer_with(200, result.request, document);
}

Answered preview(const RoutePorts& ports, const RequestContext& in) {
  const vault::Caller& caller = vault_caller(in);
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto request, vault::GetRequest(ports.services()).execute(caller, id));
  if (request.type != vault::RequestType::Erasure) return base::not_found("Only an erasure has a preview");
  if (!request.subject) return base::Error(base::ErrorCode::Gone, "The person of this request is not known any more");
  EGIDE_TRY(const auto found, vault::PreviewErasure(ports.services()).execute(caller, *request.subject));
  Document document;
  document["request"] = id.str();
  document["rows"] = Document::array();
  for (const auto& rows : found.erased) {
    Document item;
    item["table"] = rows.table;
    item["rows"] = rows.rows;
    document["rows"].push_back(std::move(item));
  }
  document["categories"] = found.categories;
  document["decisions"] = found.decisions;
  document["log_details"] = found.log_details;
  document["log_entries_kept"] = found.log_entries_kept;
  return answer(200, document);
}

Answered package(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(auto package, vault::GetPackage(ports.services()).execute(vault_caller(in), id));
  HttpResponse response = HttpResponse::json_text(200, std::move(package.body));
  response.content_type = package.media_type;
  response.with("Content-Disposition", "attachment; filename=\"" + package.filename + "\"");
  if (const auto digest = base::from_hex(package.sha256))
    response.with("Repr-Digest", "sha-256=:" + base::to_base64(*digest) + ":");  // RFC 9530
  return response;
}

}  // namespace

void add_request_routes(Router& router, const RoutePorts& ports) {
  router.add(
      creating_route("/v1/requests", "requests.open", [&ports](const RequestContext& in) { return open(ports, in); }));
  Route listing = route(Method::Get, "/v1/requests", "requests.list",
                        [&ports](const RequestContext& in) { return list(ports, in); });
  listing.query = {"limit", "cursor", "state", "type", "subject"};
  router.add(std::move(listing));
  router.add(route(Method::Get, "/v1/requests/{id}", "requests.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
  Route moving = creating_route("/v1/requests/{id}/transitions", "requests.transition",
                                [&ports](const RequestContext& in) { return transition(ports, in); });
  moving.needs_if_match = true;
  router.add(std::move(moving));
  router.add(route(Method::Get, "/v1/requests/{id}/preview", "requests.preview",
                   [&ports](const RequestContext& in) { return preview(ports, in); }));
  router.add(route(Method::Get, "/v1/requests/{id}/package", "requests.package",
                   [&ports](const RequestContext& in) { return package(ports, in); }));
}

}  // namespace egide::api
