// When a request is to be answered (GDPR 12(3)): a pure calculation.
//
// The period runs from the day of receipt in Central European civil time, by calendar: the same day number, or the last
// day of a shorter month. An extension runs from receipt too, not from the first date.
#pragma once

#include "egide/base/clock.h"
#include "egide/base/time.h"
#include "egide/policies/pack.h"

namespace egide::vault {

struct DueDates {
  base::Date legal{};  // by calendar
  base::Date due{};    // the next working day, where the pack rolls; the delay ends with its last hour
  bool operator==(const DueDates&) const = default;
};

DueDates due_dates(base::Timestamp received, const policies::Pack& pack);           // request_response
DueDates extended_due_dates(base::Timestamp received, const policies::Pack& pack);  // request_extension_total
bool is_past(base::Date due, base::Timestamp now);                                  // the day of `due` is over

}  // namespace egide::vault
