// The log entries of a dataset: one in the chain of each person whose data were taken, then one for the export.
//
// Thread safety: as storage::Change.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dataset_plan.h"
#include "egide/storage/dataset_repository.h"
#include "entries.h"

namespace egide::vault {

// People who are logged in one transaction: their keys stand in locked memory meanwhile.
inline constexpr std::size_t kPeopleAChange = 256;

struct TakenPerson {
  SubjectStatePtr state;  // the decision was made from it
  bool released = false;  // in the file; else suppressed
};

// Appends the entries of all people, some at a time. Conflict when somebody's decision is no longer a permit: the
// entries written till then stay, and tell of an export that never was.
base::Result<void> log_taken_people(Services& services, const Caller& caller, const DatasetPlan& plan,
                                    const base::RecordId& dataset, std::span<const TakenPerson> people,
                                    const std::vector<std::string>& categories);
// The last step. Checks everybody in the file once more at its place in the log, keeps the report, and appends the
// export's entry, which commits to report and file. `row.log_index` and `commitment_key` are filled. Conflict as above.
base::Result<void> log_export(Services& services, const Caller& caller, const DatasetPlan& plan,
                              std::span<const TakenPerson> people, storage::DatasetRow& row);
// One entry about nobody: a preview (allow), or an export that was refused (deny).
base::Result<void> log_dataset_event(Services& services, const Caller& caller, const DatasetPlan& plan,
                                     std::string_view event, audit::Outcome outcome);

}  // namespace egide::vault
