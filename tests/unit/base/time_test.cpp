#include "egide/base/time.h"

#include <gtest/gtest.h>

namespace egide::base {
namespace {

Date date(const char* text) { return parse_date(text).value(); }
Timestamp time_of(const char* text) { return parse_rfc3339(text).value(); }

TEST(TimeTest, ReadsAndWritesRfc3339) {
  EXPECT_EQ(format_rfc3339(time_of("2026-11-24T10:15:00.412Z")), "2026-11-24T10:15:00.412Z");
  EXPECT_EQ(format_rfc3339(time_of("2026-11-24T12:15:00+02:00")), "2026-11-24T10:15:00Z");
  EXPECT_EQ(format_rfc3339(time_of("2025-12-31T23:30:00-01:00")), "2026-01-01T00:30:00Z");
  for (const char* bad : {"2026-02-30T00:00:00Z", "2026-11-24T10:15Z", "2026-11-24 10:15:00Z", "2026-11-24T24:00:00Z",
                          "2026-11-24T10:15:00", "2026-11-24T10:15:00Zx", "2026-11-24T10:15:00.Z", ""})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(TimeTest, ReadsDatesAsFrenchExportsWriteThem) {
  EXPECT_EQ(parse_french_date("29/02/2024"), date("2024-02-29"));
  for (const char* bad : {"29/02/2023", "2/3/2024", "2024-02-29", "31/04/2024", "00/01/2024"})
    EXPECT_FALSE(parse_french_date(bad)) << bad;
}

// The table of due dates that the rights requests stand on: same day number, or the last day of a shorter month.
TEST(TimeTest, AddsCalendarMonths) {
  EXPECT_EQ(add_months(date("2026-01-31"), 1), date("2026-02-28"));
  EXPECT_EQ(add_months(date("2028-01-31"), 1), date("2028-02-29"));
  EXPECT_EQ(add_months(date("2026-01-31"), 3), date("2026-04-30"));
  EXPECT_EQ(add_months(date("2026-11-30"), 3), date("2027-02-28"));
  EXPECT_EQ(add_months(date("2026-12-31"), 1), date("2027-01-31"));
}

TEST(TimeTest, CountsFullYearsOverTheLeapDay) {
  EXPECT_EQ(full_years_between(date("2011-11-25"), date("2026-11-24")), 14);
  EXPECT_EQ(full_years_between(date("2011-11-24"), date("2026-11-24")), 15);
  EXPECT_EQ(full_years_between(date("2012-02-29"), date("2027-02-28")), 14);
  EXPECT_EQ(full_years_between(date("2012-02-29"), date("2027-03-01")), 15);
  EXPECT_EQ(full_years_between(date("2012-02-29"), date("2028-02-29")), 16);
}

TEST(TimeTest, KnowsTheCivilDateInParis) {
  EXPECT_EQ(central_european_date(time_of("2026-01-31T22:59:59Z")), date("2026-01-31"));
  EXPECT_EQ(central_european_date(time_of("2026-01-31T23:00:00Z")), date("2026-02-01"));
  EXPECT_EQ(central_european_date(time_of("2026-07-14T21:59:59Z")), date("2026-07-14"));
  EXPECT_EQ(central_european_date(time_of("2026-07-14T22:00:00Z")), date("2026-07-15"));
}

TEST(TimeTest, ReadsIso8601Durations) {
  EXPECT_EQ(parse_duration("P1Y6M")->months, 18);
  EXPECT_EQ(parse_duration("P30D")->days, 30);
  EXPECT_EQ(parse_duration("PT72H")->time, std::chrono::hours(72));
  EXPECT_EQ(parse_duration("P0D"), Duration{});
  for (const char* bad : {"", "P", "PT", "P1", "1Y", "P1M1Y", "P1H", "PT1D", "P-1D", "P1Y1Y", "P1YT"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(TimeTest, AddsADurationByTheCalendar) {
  EXPECT_EQ(add(time_of("2024-02-29T12:00:00Z"), *parse_duration("P1Y")), time_of("2025-02-28T12:00:00Z"));
  EXPECT_EQ(add(time_of("2026-11-24T12:00:00Z"), *parse_duration("PT72H")), time_of("2026-11-27T12:00:00Z"));
}

}  // namespace
}  // namespace egide::base
