// Everything the vault holds about one person, read from one snapshot and opened.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "egide/storage/request_repository.h"
#include "egide/storage/subject_repository.h"
#include "new_subject.h"
#include "services.h"

namespace egide::vault {

using PackageJson = nlohmann::ordered_json;  // members in the order they are written

struct HeldAttribute {
  storage::AttributeRow row;
  nlohmann::json value;
};

// A tool that was permitted to read something of the person.
struct ToolUse {
  std::string tool, purpose;
  std::set<std::string> categories;  // empty: all that the purpose allows
  base::Timestamp first{}, last{};
  std::int64_t times = 0;
};

struct PersonCopy {
  base::SubjectId subject;
  base::Timestamp registered_at{};
  SubjectStatePtr state;
  std::vector<HeldAttribute> attributes;
  PackageJson consents = PackageJson::array();
  PackageJson decisions = PackageJson::array();
  PackageJson requests = PackageJson::array();
  PackageJson access_log = PackageJson::array();  // newest first
  std::vector<ToolUse> uses;
  std::set<std::string> logged_purposes;  // that entries about the person name
  std::uint64_t log_index = 0;            // of the newest entry about the person
  std::uint64_t log_size = 0;             // of the log, in the same snapshot
};

// Gone when the person is erased, Integrity when something stored does not open.
base::Result<PersonCopy> copy_person(Services& services, const base::SubjectId& subject);

}  // namespace egide::vault
