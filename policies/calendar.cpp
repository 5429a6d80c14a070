#include <algorithm>

#include "egide/policies/pack.h"

namespace egide::policies {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// Easter Sunday of the Gregorian calendar, the anonymous algorithm (Meeus, Jones, Butcher).
sys_days easter(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = b / 4;
  const int e = b % 4;
  const int f = (b + 8) / 25;
  const int g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4;
  const int k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return sys_days(std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(n / 31)) /
                  std::chrono::day(static_cast<unsigned>(n % 31 + 1)));
}

}  // namespace

bool Pack::is_working_day(base::Date day) const {
  const sys_days at(day);
  const std::chrono::weekday weekday(at);
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return false;
  const std::pair<unsigned, unsigned> month_day(static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  if (std::find(fixed_holidays_.begin(), fixed_holidays_.end(), month_day) != fixed_holidays_.end()) return false;
  const auto after_easter = (at - easter(static_cast<int>(day.year()))).count();
  return std::find(days_after_easter_.begin(), days_after_easter_.end(), after_easter) == days_after_easter_.end();
}

base::Date Pack::next_working_day(base::Date day) const {
  while (!is_working_day(day)) day = base::Date(sys_days(day) + days(1));
  return day;
}

}  // namespace egide::policies
