// The report of a dataset, as JSON (docs/datasets.md, "The report"). It holds numbers about classes, and nothing about
// anybody.
//
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "dataset_people.h"
#include "dataset_plan.h"
#include "egide/anonymity/anonymise.h"

namespace egide::vault {

struct DatasetFileFacts {
  std::string format;  // "csv", "jsonl"
  std::string sha256;  // hex
  std::size_t bytes = 0;
  std::size_t rows = 0;
};

nlohmann::ordered_json make_report(const Services& services, const DatasetPlan& plan, const DatasetPeople& people,
                                   const anonymity::Table& table, const anonymity::Anonymised& result,
                                   base::Timestamp now);
void add_file(nlohmann::ordered_json& report, const std::string& id, const DatasetFileFacts& file);

}  // namespace egide::vault
