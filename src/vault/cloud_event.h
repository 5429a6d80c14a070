// One decision as a CloudEvents 1.0 event, checked and taken apart: what may stand in clear, what only the person's key
// may open, whom it is about (docs/formats/decision-record.md).
//
// Thread safety: plain values and free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decision_json.h"
#include "egide/base/clock.h"
#include "egide/base/json.h"
#include "egide/base/result.h"
#include "egide/policies/pack.h"

namespace egide::vault {

// Points into the event it was read from: keep that alive.
struct DecisionEvent {
  std::string source, id, type, sequence;
  base::Timestamp time{};
  std::string person;  // as the tool knows them; dropped once resolved
  std::string system_id, system_version;
  std::string purpose;  // empty: what the tool is granted
  std::optional<policies::Automation> automation;
  std::optional<policies::Effect> effect;
  std::vector<JsonMember> clear;   // class C
  std::vector<JsonMember> sealed;  // class E and P, and every member that is not known
};

// Mistakes are placed below `pointer` ("" for one event, "/12" in a batch) and added to `mistakes`; what is returned
// then is not to be used.
DecisionEvent read_decision_event(const base::Json& event, const std::string& pointer, base::Timestamp now,
                                  std::vector<base::FieldError>& mistakes);

// An e-mail address or a telephone number stands somewhere in `text`.
bool holds_email(std::string_view text) noexcept;
bool holds_phone(std::string_view text) noexcept;

}  // namespace egide::vault
