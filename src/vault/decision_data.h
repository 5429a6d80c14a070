// The `data` of a decision event: every member of docs/formats/decision-record.md with its exact type and its class.
#pragma once

#include "cloud_event.h"
#include "decision_place.h"

namespace egide::vault {

void read_decision_data(const base::Json& data, const Place& place, DecisionEvent& out);

}  // namespace egide::vault
