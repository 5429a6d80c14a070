// Datasets for training or study. The file is the answer to the POST and is kept nowhere; the report is.
#include "egide/vault/datasets.h"

#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "handlers/exchange.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

base::Result<vault::DatasetAsked> read_question(const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  vault::DatasetAsked out;
  out.purpose = body.required_string("purpose");
  out.tool = body.optional_string("tool", {1, 64}).value_or("");
  out.fields = body.optional_strings("fields").value_or(std::vector<std::string>());
  out.sensitive = body.optional_strings("sensitive").value_or(std::vector<std::string>());
  out.k = body.optional_integer("k", 2, 100000);
  out.l = body.optional_integer("l", 2, 1000);
  out.entropy_l = body.optional_number("entropy_l");
  out.max_suppression = body.optional_number("max_suppression");
  if (body.optional_choice("format", {"csv", "jsonl"}).value_or("csv") == "jsonl")
    out.format = vault::DatasetFormat::JsonLines;
  out.preview = body.optional_bool("preview").value_or(false);
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  return out;
}

HttpResponse file_answer(const vault::DatasetAsked& asked, vault::DatasetMade made) {
  const bool csv = asked.format == vault::DatasetFormat::Csv;
  const std::string id = made.id->str();
  HttpResponse out;
  out.status = 201;
  out.content_type = csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl";
  out.body = std::move(made.file);
  out.with("Location", "/v1/datasets/" + id);
  out.with("Content-Disposition", "attachment; filename=\"dataset-" + id + (csv ? ".csv\"" : ".jsonl\""));
  out.with("Repr-Digest", "sha-256=:" + base::to_base64(made.file_hash) + ":");  // RFC 9530
  return out;
}

Answered create(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto asked, read_question(in));
  EGIDE_TRY(auto made, vault::ExportDataset(ports.services()).execute(vault_caller(in), asked));
  if (asked.preview) return HttpResponse::json_text(200, std::move(made.report));
  return file_answer(asked, std::move(made));
}

Document summary(const vault::DatasetView& view) {
  Document out;
  out["id"] = view.id.str();
  out["created_at"] = base::format_rfc3339(view.created_at);
  out["tool"] = view.tool;
  out["purpose"] = view.purpose;
  out["log_index"] = view.log_index;
  return out;
}

// The report as text, byte for byte what the log commits to; a copy that was parsed and written again might differ.
Answered get(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto id, record_in_path(in));
  EGIDE_TRY(const auto view, vault::ReadDatasets(ports.services()).get(vault_caller(in), id));
  Document document = summary(view);
  const auto report = Document::parse(view.report, nullptr, false);
  if (report.is_discarded()) return base::integrity_violation("A stored report is damaged");
  document["report"] = report;
  document["report_text"] = view.report;
  document["log"]["index"] = view.log_index;
  document["log"]["detail"] = view.log_detail;
  document["log"]["commitment_key"] = base::to_base64(view.commitment_key);
  return answer(200, document);
}

Answered list(const RoutePorts& ports, const RequestContext& in) {
  const Paging paging(ports, in, "datasets;");
  EGIDE_TRY(const auto limit, in.limit(50, 500));
  EGIDE_TRY(const auto after, paging.after());
  EGIDE_TRY(const auto page,
            vault::ReadDatasets(ports.services()).list(vault_caller(in), after, static_cast<int>(limit)));
  Document document;
  document["items"] = Document::array();
  for (const auto& view : page.items) document["items"].push_back(summary(view));
  paging.put_next(document, page.next);
  return answer(200, document);
}

}  // namespace

void add_dataset_routes(Router& router, const RoutePorts& ports) {
  // No Idempotency-Key: a stored answer would be the file, and the file is not kept.
  Route creating = route(Method::Post, "/v1/datasets", "datasets.create",
                         [&ports](const RequestContext& in) { return create(ports, in); });
  creating.body = BodyKind::Json;
  router.add(std::move(creating));
  Route listing = route(Method::Get, "/v1/datasets", "datasets.list",
                        [&ports](const RequestContext& in) { return list(ports, in); });
  listing.query = {"limit", "cursor"};
  router.add(std::move(listing));
  router.add(route(Method::Get, "/v1/datasets/{id}", "datasets.get",
                   [&ports](const RequestContext& in) { return get(ports, in); }));
}

}  // namespace egide::api
