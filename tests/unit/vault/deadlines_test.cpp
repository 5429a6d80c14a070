// The table of Article 12(3) periods: calendar months from receipt, rolled to the next French working day.
#include "deadlines.h"

#include <gtest/gtest.h>

#include <string>

#include "egide/crypto/hash.h"

namespace egide::vault {
namespace {

std::shared_ptr<const policies::Pack> pack_with(const std::string& from, const std::string& to) {
  auto files = policies::bundled_pack_files();
  for (auto& file : files) {
    const auto at = file.text.find(from);
    if (at != std::string::npos) file.text.replace(at, from.size(), to);
  }
  const auto pack = policies::load_pack(files, [](base::ByteView text) { return crypto::sha256(text); });
  EXPECT_TRUE(pack);
  return pack ? *pack : nullptr;
}

base::Timestamp at(const char* text) { return *base::parse_rfc3339(text); }
base::Date date(const char* text) { return *base::parse_date(text); }

struct Case {
  const char *received, *month, *month_due, *three, *three_due;
};
constexpr Case kCases[] = {
    {"2026-01-31", "2026-02-28", "2026-03-02", "2026-04-30", "2026-04-30"},
    {"2028-01-31", "2028-02-29", "2028-02-29", "2028-04-30", "2028-05-02"},
    {"2026-03-05", "2026-04-05", "2026-04-07", "2026-06-05", "2026-06-05"},
    {"2026-04-08", "2026-05-08", "2026-05-11", "2026-07-08", "2026-07-08"},
    {"2026-08-31", "2026-09-30", "2026-09-30", "2026-11-30", "2026-11-30"},
    {"2026-11-30", "2026-12-30", "2026-12-30", "2027-02-28", "2027-03-01"},
    {"2026-12-31", "2027-01-31", "2027-02-01", "2027-03-31", "2027-03-31"},
};

class DeadlinesTest : public ::testing::TestWithParam<Case> {};

TEST_P(DeadlinesTest, FollowTheTable) {
  const Case& c = GetParam();
  const auto pack = pack_with("", "");
  ASSERT_NE(pack, nullptr);
  // Of the civil day: at 01:30, at noon and at 22:30 in Paris, in winter as in summer.
  for (const char* time : {"T00:30:00Z", "T11:00:00Z", "T20:30:00Z"}) {
    const auto received = at((std::string(c.received) + time).c_str());
    EXPECT_EQ(due_dates(received, *pack), (DueDates{date(c.month), date(c.month_due)})) << c.received << time;
    EXPECT_EQ(extended_due_dates(received, *pack), (DueDates{date(c.three), date(c.three_due)})) << c.received << time;
  }
}
INSTANTIATE_TEST_SUITE_P(Article12, DeadlinesTest, ::testing::ValuesIn(kCases));

TEST(DeadlinesDayTest, TheDayOfReceiptIsTheCivilDay) {
  const auto pack = pack_with("", "");
  // 23:30 UTC on 7 April is 01:30 on 8 April in Paris.
  EXPECT_EQ(due_dates(at("2026-04-07T23:30:00Z"), *pack).legal, date("2026-05-08"));
  EXPECT_EQ(due_dates(at("2026-04-07T21:30:00Z"), *pack).legal, date("2026-05-07"));
}

TEST(DeadlinesDayTest, APackMayKeepTheLegalDate) {
  const auto pack = pack_with("\"request_roll_to_working_day\": {\"value\": true",
                              "\"request_roll_to_working_day\": {\"value\": false");
  ASSERT_NE(pack, nullptr);
  ASSERT_EQ(pack->integer("request_roll_to_working_day"), 0);
  EXPECT_EQ(due_dates(at("2026-01-31T12:00:00Z"), *pack), (DueDates{date("2026-02-28"), date("2026-02-28")}));
}

TEST(DeadlinesDayTest, ThePeriodIsThePacks) {
  const auto pack = pack_with("\"request_response\": {\"value\": \"P1M\"", "\"request_response\": {\"value\": \"P8D\"");
  ASSERT_NE(pack, nullptr);
  EXPECT_EQ(due_dates(at("2026-06-01T12:00:00Z"), *pack).due, date("2026-06-09"));
}

TEST(DeadlinesDayTest, ADateIsPastWhenItsLastHourIs) {
  EXPECT_FALSE(is_past(date("2026-03-02"), at("2026-03-02T22:59:59Z")));
  EXPECT_TRUE(is_past(date("2026-03-02"), at("2026-03-02T23:00:00Z")));
}

}  // namespace
}  // namespace egide::vault
