// A question for a dataset, checked against the pack and the grants: who receives it, what may be in it, with which k.
//
// Thread safety: plain values and free functions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "egide/anonymity/anonymise.h"
#include "egide/vault/datasets.h"
#include "services.h"

namespace egide::vault {

struct DatasetPlan {
  std::shared_ptr<const ToolState> tool;
  policies::PurposeIndex purpose = 0;
  std::vector<std::string> asked;       // categories of the decision; empty: all that the grant allows
  std::vector<std::string> categories;  // permitted; those that may not leave are still in it
  std::vector<std::string> sensitive;
  anonymity::Requirements requirements;
  bool l_was_asked = false;

  policies::DecisionRequest request(int oldest_notice) const;
};

// k of an export: never below the pack's k_display, nor below 5. With data of GDPR 9, never below 11: one in eleven is
// the threshold (0.09) that the European Medicines Agency took over for health data (policy 0070, 2014).
std::uint32_t lowest_k(const policies::Pack& pack, const std::vector<std::string>& categories) noexcept;

// Errors: ExportDataset::execute.
base::Result<DatasetPlan> plan_dataset(const Services& services, const Caller& caller, const DatasetAsked& asked);

// Permit, for this person and now? From the facts as they stand.
bool is_permitted(const Services& services, const DatasetPlan& plan, const SubjectState& state, base::Timestamp now);

}  // namespace egide::vault
