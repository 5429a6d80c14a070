// Whom a dataset is made of, and their permitted data in columns.
//
// Thread safety: free functions; each call works on its own objects.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataset_columns.h"
#include "dataset_plan.h"
#include "services.h"

namespace egide::vault {

struct DatasetPeople {
  std::vector<SubjectStatePtr> people;          // the states that the decisions were made from
  std::vector<DatasetColumn> columns;           // rows as `people`
  std::map<std::string, std::string> withheld;  // category -> why
  std::size_t rare_values = 0;                  // of sensitive columns, hidden
};

// Everybody for whom the decision is a permit now. TooLarge above kMaxDatasetPeople.
base::Result<std::vector<SubjectStatePtr>> permitted_people(const Services& services, const DatasetPlan& plan,
                                                            base::Timestamp now);
// Opens, transforms as a read for the purpose does, and codes. A person erased meanwhile: Conflict.
base::Result<DatasetPeople> read_people(Services& services, const DatasetPlan& plan,
                                        std::vector<SubjectStatePtr> people, base::Timestamp now);

}  // namespace egide::vault
