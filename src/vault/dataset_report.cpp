#include "dataset_report.h"

#include <cmath>

#include "egide/base/time.h"

namespace egide::vault {
namespace {

using Report = nlohmann::ordered_json;

// Six digits say enough, and keep the text the same on every machine.
double rounded(double value) { return std::round(value * 1e6) / 1e6; }

Report to_report(const anonymity::Risk& risk) {
  Report out;
  out["records"] = risk.records;
  out["classes"] = risk.classes;
  out["smallest_class"] = risk.smallest_class;
  out["unique_records"] = risk.unique_records;
  out["records_at_risk"] = risk.records_at_risk;
  out["share_at_risk"] = rounded(risk.share_at_risk);
  out["prosecutor_highest"] = rounded(risk.prosecutor_highest);
  out["journalist_highest"] = rounded(risk.journalist_highest);
  out["marketer_average"] = rounded(risk.marketer_average);
  out["class_sizes"] = Report::array();
  for (const auto& band : risk.histogram) {
    Report item;
    item["from"] = band.from;
    if (band.to != 0) item["to"] = band.to;
    item["classes"] = band.classes;
    item["records"] = band.records;
    out["class_sizes"].push_back(std::move(item));
  }
  return out;
}

Report columns_of(const anonymity::Table& table, const anonymity::Anonymised& result, const DatasetPeople& people) {
  Report out = Report::array();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    const auto& outcome = result.columns[i];
    Report item;
    item["name"] = column.name;
    item["category"] = people.columns[i].category();
    const bool sensitive = column.role == anonymity::ColumnRole::Sensitive;
    item["role"] = sensitive ? "sensitive" : "quasi_identifier";
    if (!sensitive) {
      item["generalisation"] = column.hierarchy.names[static_cast<std::size_t>(outcome.level)];
      item["level"] = outcome.level;
      item["levels"] = outcome.levels;
      item["information_loss"] = rounded(outcome.loss);
    }
    item["distinct_before"] = outcome.distinct_before;
    item["distinct_after"] = outcome.distinct_after;
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

nlohmann::ordered_json make_report(const Services& services, const DatasetPlan& plan, const DatasetPeople& people,
                                   const anonymity::Table& table, const anonymity::Anonymised& result,
                                   base::Timestamp now) {
  const policies::Purpose& purpose = services.pack->at(plan.purpose);
  Report out;
  out["format"] = "egide.dataset-report/1";
  out["created_at"] = base::format_rfc3339(now);
  out["purpose"] = purpose.id.str();
  out["legal_basis"] = policies::dpv_id(purpose.basis);
  out["tool"] = plan.tool->row.id.str();
  out["policy_revision"] = services.pack->revision_text();
  Report& asked = out["requirements"];
  asked["k"] = plan.requirements.k;
  asked["lowest_k_of_policy"] = lowest_k(*services.pack, plan.categories);
  const bool has_sensitive = result.smallest_l > 0;
  if (has_sensitive) asked["l"] = plan.requirements.distinct_l;
  if (has_sensitive && plan.requirements.entropy_l > 1) asked["entropy_l"] = plan.requirements.entropy_l;
  asked["max_suppression"] = plan.requirements.max_suppression;
  Report& counts = out["people"];
  counts["permitted"] = table.rows;
  counts["released"] = table.rows - result.suppressed;
  counts["suppressed"] = result.suppressed;
  out["columns"] = columns_of(table, result, people);
  out["withheld"] = Report::array();
  for (const auto& [category, reason] : people.withheld)
    out["withheld"].push_back(Report{{"category", category}, {"reason", reason}});
  if (has_sensitive) {
    out["smallest_l"] = result.smallest_l;
    out["rare_sensitive_values_hidden"] = people.rare_values;
  }
  out["information_loss"] = rounded(result.loss);
  out["risk"]["before"] = to_report(result.before);
  out["risk"]["after"] = to_report(result.after);
  out["search"] = Report{{"method", result.optimal ? "full_domain_optimal" : "full_domain_greedy"},
                         {"nodes", result.nodes},
                         {"evaluated", result.evaluated}};
  return out;
}

void add_file(nlohmann::ordered_json& report, const std::string& id, const DatasetFileFacts& file) {
  report["id"] = id;
  report["pseudonyms"] = "random_per_export";
  report["file"] = Report{{"format", file.format}, {"sha256", file.sha256}, {"bytes", file.bytes}, {"rows", file.rows}};
}

}  // namespace egide::vault
