#include "egide/base/time.h"

#include <cstdio>

namespace egide::base {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

// Reads exactly `count` digits at `pos` and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& pos, std::size_t count) {
  if (pos + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[pos + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  pos += count;
  return value;
}

bool skip(std::string_view text, std::size_t& pos, char c) {
  if (pos >= text.size() || text[pos] != c) return false;
  ++pos;
  return true;
}

std::optional<Date> date_at(std::string_view text, std::size_t& pos) {
  const auto y = digits(text, pos, 4);
  if (!y || !skip(text, pos, '-')) return std::nullopt;
  const auto m = digits(text, pos, 2);
  if (!m || !skip(text, pos, '-')) return std::nullopt;
  const auto d = digits(text, pos, 2);
  if (!d) return std::nullopt;
  const Date date{std::chrono::year(*y), std::chrono::month(static_cast<unsigned>(*m)),
                  std::chrono::day(static_cast<unsigned>(*d))};
  return date.ok() ? std::optional<Date>(date) : std::nullopt;
}

// Minutes east of UTC.
std::optional<int> offset_at(std::string_view text, std::size_t& pos) {
  if (pos >= text.size()) return std::nullopt;
  const char sign = text[pos++];
  if (sign == 'Z' || sign == 'z') return 0;
  if (sign != '+' && sign != '-') return std::nullopt;
  const auto h = digits(text, pos, 2);
  if (!h || *h > 23 || !skip(text, pos, ':')) return std::nullopt;
  const auto m = digits(text, pos, 2);
  if (!m || *m > 59) return std::nullopt;
  return (sign == '-' ? -1 : 1) * (*h * 60 + *m);
}

std::optional<milliseconds> fraction_at(std::string_view text, std::size_t& pos) {
  if (!skip(text, pos, '.')) return milliseconds(0);
  int value = 0;
  std::size_t n = 0;
  while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
    if (n < 3) value = value * 10 + (text[pos] - '0');
    ++n;
    ++pos;
  }
  if (n == 0 || n > 9) return std::nullopt;
  for (; n < 3; ++n) value *= 10;
  return milliseconds(value);
}

sys_days last_sunday(std::chrono::year year, std::chrono::month month) {
  return sys_days(year / month / std::chrono::Sunday[std::chrono::last]);
}

}  // namespace

std::string format_date(Date date) {
  char out[16];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return out;
}

std::string format_rfc3339(Timestamp t) {
  const auto day = std::chrono::floor<days>(t);
  const std::chrono::hh_mm_ss time(t - day);
  char out[32];
  const auto h = static_cast<int>(time.hours().count());
  const auto m = static_cast<int>(time.minutes().count());
  const auto s = static_cast<int>(time.seconds().count());
  const auto ms = static_cast<int>(time.subseconds().count());
  if (ms == 0)
    std::snprintf(out, sizeof out, "T%02d:%02d:%02dZ", h, m, s);
  else
    std::snprintf(out, sizeof out, "T%02d:%02d:%02d.%03dZ", h, m, s, ms);
  return format_date(Date(day)) + out;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  std::size_t pos = 0;
  const auto date = date_at(text, pos);
  if (!date || pos >= text.size() || (text[pos] != 'T' && text[pos] != 't')) return std::nullopt;
  ++pos;
  const auto h = digits(text, pos, 2);
  if (!h || *h > 23 || !skip(text, pos, ':')) return std::nullopt;
  const auto m = digits(text, pos, 2);
  if (!m || *m > 59 || !skip(text, pos, ':')) return std::nullopt;
  const auto s = digits(text, pos, 2);
  if (!s || *s > 60) return std::nullopt;
  const auto fraction = fraction_at(text, pos);
  if (!fraction) return std::nullopt;
  const auto offset = offset_at(text, pos);
  if (!offset || pos != text.size()) return std::nullopt;
  return Timestamp(sys_days(*date)) + hours(*h) + minutes(*m - *offset) + seconds(*s) + *fraction;
}

std::optional<Date> parse_date(std::string_view text) {
  std::size_t pos = 0;
  const auto date = date_at(text, pos);
  return pos == text.size() ? date : std::nullopt;
}

std::optional<Date> parse_french_date(std::string_view text) {
  if (text.size() != 10 || text[2] != '/' || text[5] != '/') return std::nullopt;
  std::string iso(text.substr(6, 4));
  iso.append("-").append(text.substr(3, 2)).append("-").append(text.substr(0, 2));
  return parse_date(iso);
}

Date add_months(Date date, int months) {
  Date moved = date + std::chrono::months(months);
  if (!moved.ok()) moved = moved.year() / moved.month() / std::chrono::last;
  return moved;
}

int full_years_between(Date birth, Date on) {
  int years = static_cast<int>(on.year()) - static_cast<int>(birth.year());
  if (on.month() < birth.month() || (on.month() == birth.month() && on.day() < birth.day())) --years;
  return years;
}

Date central_european_date(Timestamp t) {
  const auto year = Date(std::chrono::floor<days>(t)).year();
  const auto summer_begins = Timestamp(last_sunday(year, std::chrono::March)) + hours(1);
  const auto summer_ends = Timestamp(last_sunday(year, std::chrono::October)) + hours(1);
  const hours offset((t >= summer_begins && t < summer_ends) ? 2 : 1);
  return Date(std::chrono::floor<days>(t + offset));
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.size() < 3 || text[0] != 'P') return std::nullopt;
  Duration out;
  bool in_time = false;
  bool any = false;
  std::size_t pos = 1;
  int rank = 0;  // units must come in falling order, each at most once
  while (pos < text.size()) {
    if (text[pos] == 'T') {
      if (in_time || pos + 1 == text.size()) return std::nullopt;
      in_time = true;
      rank = 4;
      ++pos;
      continue;
    }
    std::int64_t value = 0;
    std::size_t n = 0;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, ++n)
      value = value * 10 + (text[pos] - '0');
    if (n == 0 || n > 6 || pos >= text.size()) return std::nullopt;
    const char unit = text[pos++];
    int unit_rank = 0;
    if (!in_time && unit == 'Y') {
      unit_rank = 1;
      out.months += static_cast<int>(value * 12);
    } else if (!in_time && unit == 'M') {
      unit_rank = 2;
      out.months += static_cast<int>(value);
    } else if (!in_time && (unit == 'W' || unit == 'D')) {
      unit_rank = 3;
      out.days += static_cast<int>(unit == 'W' ? value * 7 : value);
    } else if (in_time && unit == 'H') {
      unit_rank = 5;
      out.time += hours(value);
    } else if (in_time && unit == 'M') {
      unit_rank = 6;
      out.time += minutes(value);
    } else if (in_time && unit == 'S') {
      unit_rank = 7;
      out.time += seconds(value);
    }
    if (unit_rank == 0 || unit_rank <= rank) return std::nullopt;
    rank = unit_rank;
    any = true;
  }
  return any ? std::optional<Duration>(out) : std::nullopt;
}

Timestamp add(Timestamp t, const Duration& duration) {
  const auto day = std::chrono::floor<days>(t);
  const auto moved = add_months(Date(day), duration.months);
  return Timestamp(sys_days(moved)) + days(duration.days) + (t - day) + duration.time;
}

}  // namespace egide::base
