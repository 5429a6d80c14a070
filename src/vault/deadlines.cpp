#include "deadlines.h"

namespace egide::vault {
namespace {

DueDates after(base::Timestamp received, const base::Duration& period, const policies::Pack& pack) {
  // Civil days, so that a change of summer time moves nothing.
  const auto from = std::chrono::sys_days(base::central_european_date(received));
  const auto end = std::chrono::floor<std::chrono::days>(base::add(base::Timestamp(from), period));
  DueDates out;
  out.legal = base::Date(end);
  out.due = pack.integer("request_roll_to_working_day").value_or(0) != 0 ? pack.next_working_day(out.legal) : out.legal;
  return out;
}

}  // namespace

DueDates due_dates(base::Timestamp received, const policies::Pack& pack) {
  return after(received, pack.duration("request_response"), pack);
}

DueDates extended_due_dates(base::Timestamp received, const policies::Pack& pack) {
  return after(received, pack.duration("request_extension_total"), pack);
}

bool is_past(base::Date due, base::Timestamp now) { return base::central_european_date(now) > due; }

}  // namespace egide::vault
