// Calendar dates, RFC 3339 times and ISO 8601 durations.
//
// Thread safety: free functions without state.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "egide/base/clock.h"

namespace egide::base {

using Date = std::chrono::year_month_day;

// "2026-11-24T10:15:00.412Z"; the fraction is left out when it is zero.
std::string format_rfc3339(Timestamp t);
// RFC 3339 with any offset and up to nine decimals (rounded down to milliseconds).
std::optional<Timestamp> parse_rfc3339(std::string_view text);

std::string format_date(Date date);                            // "2026-11-24"
std::optional<Date> parse_date(std::string_view text);         // "2026-11-24"
std::optional<Date> parse_french_date(std::string_view text);  // "24/11/2026"

// Days shift to the month's last day where it is shorter: 31 January + 1 month = 28 or 29 February.
Date add_months(Date date, int months);
// Full years between; a person born on 29 February comes of age on 1 March in common years.
int full_years_between(Date birth, Date on);

// The civil date in the European Union's time zone rule for Central European Time (UTC+1, summer UTC+2
// from the last Sunday of March to the last Sunday of October, 01:00 UTC).
Date central_european_date(Timestamp t);

// ISO 8601 durations as the policy packs write them: P1Y, P6M, P30D, PT72H, PT15M, P1Y6M.
struct Duration {
  int months = 0;
  int days = 0;
  std::chrono::seconds time{0};
  bool operator==(const Duration&) const = default;
};
std::optional<Duration> parse_duration(std::string_view text);
// Calendar addition: months first, then days, then time, as XML Schema 1.1 appendix E does.
Timestamp add(Timestamp t, const Duration& duration);

}  // namespace egide::base
