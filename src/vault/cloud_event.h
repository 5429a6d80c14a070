// One decision as a CloudEvents 1.0 event, checked and taken apart: what may stand in clear, what only the person's key
// may open, whom it is about. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/json.h"
#include "egide/base/result.h"
#include "egide/policies/pack.h"

namespace egide::vault {

struct DecisionEvent {
  std::string source, id, type, sequence;
  base::Timestamp time{};
  std::string person;  // as the tool knows them; dropped once resolved
  std::string system_id, system_version;
  std::string purpose;  // empty: what the tool is granted
  std::optional<policies::Automation> automation;
  std::string clear;                      // JSON object without the closing brace: more members are appended
  std::string sealed;                     // the same, of class E
  std::vector<std::string> sealed_names;  // members of the sealed part
};

// Mistakes are placed below `pointer` ("" for one event, "/12" in a batch) and added to `mistakes`.
DecisionEvent read_decision_event(const base::Json& event, const std::string& pointer, base::Timestamp now,
                                  std::vector<base::FieldError>& mistakes);

}  // namespace egide::vault
