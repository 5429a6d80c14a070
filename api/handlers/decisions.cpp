// Algorithmic decisions: tools send them as CloudEvents; they are listed, read and explained.
#include "egide/vault/decisions.h"

#include <nlohmann/json.hpp>

#include "egide/api/media_type.h"
#include "egide/base/time.h"
#include "handlers/exchange.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

// The two CloudEvents types say what they hold; plain JSON may hold either.
base::Result<void> check_form(const RequestContext& in) {
  const auto type = in.request().header("content-type").value_or(std::string_view());
  if (is_media_type(type, "application/cloudevents-batch+json") && !in.json().is_array())
    return base::invalid_field("", "must be an array: the Content-Type says that it is a batch");
  if (is_media_type(type, "application/cloudevents+json") && !in.json().is_object())
    return base::invalid_field("", "must be an object: the Content-Type says that it is one event");
  return {};
}

Document to_document(const base::Json& event, const vault::RecordedDecision& recorded) {
  Document out;
  out["source"] = event.at("source").get<std::string>();
  out["id"] = event.at("id").get<std::string>();
  out["decision_id"] = recorded.id.str();
  out["new"] = recorded.is_new;
  if (recorded.is_new) {
    out["had_permit"] = recorded.had_permit;
    out["reason"] = policies::name_of(recorded.reason);
    out["person_known"] = recorded.person_known;
    out["log_index"] = recorded.log_index;
  }
  return out;
}

Answered record(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY_VOID(check_form(in));
  const base::Json& events = in.json();
  EGIDE_TRY(const auto recorded, vault::RecordDecisions(ports.services()).execute(vault_caller(in), events));
  std::size_t accepted = 0;
  Document list = Document::array();
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    if (recorded[i].is_new) ++accepted;
    list.push_back(to_document(events.is_array() ? events[i] : events, recorded[i]));
  }
  Document document;
  document["accepted"] = accepted;
  document["already_stored"] = recorded.size() - accepted;
  document["decisions"] = std::move(list);
  const bool created = events.is_object() && accepted == 1;
  HttpResponse response = answer(created ? 201 : 200, document);
  if (created) response.with("Location", "/v1/decisions/" + recorded.front().id.str());
  return response;
}

base::Result<Document> to_document(const vault::DecisionView& view) {
  Document out;
  out["id"] = view.id.str();
  out["source"] = view.source;
  out["event_id"] = view.event_id;
  out["type"] = view.type;
  out["tool"] = view.tool;
  out["system_id"] = view.system_id;
  put_text(out, "system_version", view.system_version);
  put_text(out, "purpose", view.purpose);
  out["occurred_at"] = base::format_rfc3339(view.occurred_at);
  out["recorded_at"] = base::format_rfc3339(view.recorded_at);
  put_text(out, "sequence", view.sequence);
  out["had_permit"] = view.had_permit;
  out["person_known"] = view.person_known;
  out["log_index"] = view.log_index;
  EGIDE_TRY(const auto clear, base::parse_json(view.clear));
  out["data"] = Document(clear);
  return out;
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  vault::DecisionQuery query;
  query.system_id = query_text(in, "system");
  std::string filter = "decisions;";
  add_to_filter(filter, "system", query.system_id);
  const Paging paging(ports, in, filter);
  EGIDE_TRY(const auto limit, in.limit(50, 500));
  query.limit = static_cast<int>(limit);
  EGIDE_TRY(query.after, paging.after());
  EGIDE_TRY(const auto page, vault::ListDecisions(ports.services()).execute(vault_caller(in), query));
  Document document;
  document["items"] = Document::array();
  for (const auto& view : page.items) {
    EGIDE_TRY(auto item, to_document(view));
    document["items"].push_back(std::move(item));
  }
  paging.put_next(document, page.next);
  return answer(200, document);
}

Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto record, vault::GetDecision(ports.services()).execute(vault_caller(in), id));
  EGIDE_TRY(auto document, to_document(record.view));
  if (record.subject) document["subject"] = record.subject->str();
  if (record.sealed) {
    EGIDE_TRY(const auto sealed, base::parse_json(*record.sealed));
    document["personal"] = Document(sealed);
  }
  return answer(200, document);
}

Document to_document(const vault::DecisionExplanation& explanation) {
  Document out;
  out["decision"] = explanation.decision.str();
  out["language"] = explanation.language;
  out["sections"] = Document::array();
  for (const auto& section : explanation.sections) {
    Document item;
    item["key"] = section.key;
    item["heading"] = section.heading;
    item["lines"] = section.lines;
    item["unverified"] = section.unverified;
    out["sections"].push_back(std::move(item));
  }
  out["missing"] = explanation.missing;
  out["recorded_at"] = base::format_rfc3339(explanation.recorded_at);
  out["log_index"] = explanation.log_index;
  out["proof"] = explanation.proof;
  return out;
}

Answered explain(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto explanation,
            vault::ExplainDecision(ports.services()).execute(vault_caller(in), id, query_text(in, "lang")));
  return answer(200, to_document(explanation));
}

}  // namespace

void add_decision_routes(Router& router, const RoutePorts& ports) {
  Route recording = creating_route("/v1/decisions", "decisions.record",
                                   [&ports](const RequestContext& in) { return record(ports, in); });
  recording.body = BodyKind::CloudEvents;
  router.add(std::move(recording));
  Route listing = route(Method::Get, "/v1/decisions", "decisions.list",
                        [&ports](const RequestContext& in) { return list(ports, in); });
  listing.query = {"limit", "cursor", "system"};
  router.add(std::move(listing));
  router.add(route(Method::Get, "/v1/decisions/{id}", "decisions.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
  Route explaining = route(Method::Get, "/v1/decisions/{id}/explanation", "decisions.explanation",
                           [&ports](const RequestContext& in) { return explain(ports, in); });
  explaining.query = {"lang"};
  router.add(std::move(explaining));
}

}  // namespace egide::api
