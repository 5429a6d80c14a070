#include <gtest/gtest.h>

#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

base::Date day(const char* text) { return base::parse_date(text).value(); }

TEST(CalendarTest, KnowsTheMovableHolidays) {
  // Easter Mondays, Ascension Thursdays and Whit Mondays of published calendars.
  for (const char* holiday : {"2024-04-01", "2025-04-21", "2026-04-06", "2027-03-29", "2028-04-17", "2038-04-26",
                              "2024-05-09", "2026-05-14", "2026-05-25", "2027-05-06", "2027-05-17", "2285-03-23"})
    EXPECT_FALSE(bundled_pack().is_working_day(day(holiday))) << holiday;
  EXPECT_TRUE(bundled_pack().is_working_day(day("2026-04-03")));  // Good Friday is one in Alsace-Moselle only
  EXPECT_TRUE(bundled_pack().is_working_day(day("2026-04-07")));
}

TEST(CalendarTest, KnowsTheFixedHolidaysAndWeekends) {
  for (const char* holiday : {"2026-01-01", "2026-05-01", "2026-05-08", "2026-07-14", "2026-11-11", "2026-12-25"})
    EXPECT_FALSE(bundled_pack().is_working_day(day(holiday))) << holiday;
  EXPECT_FALSE(bundled_pack().is_working_day(day("2026-11-28")));
  EXPECT_FALSE(bundled_pack().is_working_day(day("2026-11-29")));
  EXPECT_TRUE(bundled_pack().is_working_day(day("2026-11-30")));
}

// Received, one month and three months later, rolled to a working day: the table of the clocks of rights requests.
TEST(CalendarTest, RollsTheClocksOfRightsRequests) {
  const char* rows[][3] = {{"2026-01-31", "2026-03-02", "2026-04-30"}, {"2028-01-31", "2028-02-29", "2028-05-02"},
                           {"2026-03-05", "2026-04-07", "2026-06-05"}, {"2026-04-08", "2026-05-11", "2026-07-08"},
                           {"2026-08-31", "2026-09-30", "2026-11-30"}, {"2026-11-30", "2026-12-30", "2027-03-01"},
                           {"2026-12-31", "2027-02-01", "2027-03-31"}};
  const Pack& pack = bundled_pack();
  for (const auto& row : rows) {
    const auto one = base::add_months(day(row[0]), pack.duration("request_response").months);
    const auto three = base::add_months(day(row[0]), pack.duration("request_extension_total").months);
    EXPECT_EQ(base::format_date(pack.next_working_day(one)), row[1]) << row[0];
    EXPECT_EQ(base::format_date(pack.next_working_day(three)), row[2]) << row[0];
  }
}

TEST(CalendarTest, LeavesAWorkingDayWhereItIs) {
  EXPECT_EQ(bundled_pack().next_working_day(day("2026-11-24")), day("2026-11-24"));
  EXPECT_EQ(bundled_pack().next_working_day(day("2027-12-31")), day("2027-12-31"));
  EXPECT_EQ(bundled_pack().next_working_day(day("2028-01-01")), day("2028-01-03"));
}

}  // namespace
}  // namespace egide::policies::testing
