#include "egide/vault/csv.h"

#include <gtest/gtest.h>

namespace egide::vault {
namespace {

std::vector<CsvRecord> read(std::string_view text) {
  auto records = read_csv(text, ';');
  EXPECT_TRUE(records) << records.error().message();
  return records ? std::move(*records) : std::vector<CsvRecord>();
}

TEST(CsvTest, ReadsQuotedSeparatorsQuotesAndLineBreaks) {
  const auto records = read("\xef\xbb\xbfNom;Notes\r\nA;\"un; deux\r\n\"\"trois\"\"\"\r\nB;fin\r\n");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].fields, (std::vector<std::string>{"Nom", "Notes"}));
  EXPECT_EQ(records[1].fields, (std::vector<std::string>{"A", "un; deux\n\"trois\""}));
  EXPECT_EQ(records[1].line, 2);
  EXPECT_EQ(records[2].line, 4);  // the quoted field took two lines
}

TEST(CsvTest, TakesAnEmptyLastFieldAndAMissingLastLineBreak) {
  const auto records = read("a;b\n1;\n;2");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[1].fields, (std::vector<std::string>{"1", ""}));
  EXPECT_EQ(records[2].fields, (std::vector<std::string>{"", "2"}));
}

TEST(CsvTest, MarksUnreadableRecordsAndGoesOn) {
  const auto records = read("a;b\nMa\xeblle;1\n\"x\"y;1\nz\"z;1\ngood;1\n");
  ASSERT_EQ(records.size(), 5U);
  EXPECT_EQ(records[1].mistake, "the text is not UTF-8 (another encoding was mixed in)");
  EXPECT_EQ(records[2].mistake, "characters follow a closing quote");
  EXPECT_EQ(records[3].mistake, "a quote stands inside an unquoted field");
  EXPECT_TRUE(records[4].mistake.empty());
}

TEST(CsvTest, RefusesAQuotedFieldThatNeverEnds) {
  const auto records = read_csv("a\n\"open\nfor ever", ';');
  ASSERT_FALSE(records);
  EXPECT_NE(records.error().message().find("line 2"), std::string::npos);
}

TEST(CsvTest, NeverQuotesContentInAMistake) {
  const auto records = read("a\nsecret\xff\n");
  EXPECT_EQ(records.at(1).mistake.find("secret"), std::string::npos);
}

TEST(CsvTest, SkipsBlankLinesAndLimitsFields) {
  EXPECT_EQ(read("a\n\n\nb\n").size(), 2U);
  CsvLimits limits;
  limits.max_fields = 2;
  limits.max_field = 3;
  const auto records = read_csv("a;b;c\nlong;b\n", ';', limits);
  ASSERT_TRUE(records);
  EXPECT_EQ(records->at(0).mistake, "there are more fields than allowed");
  EXPECT_EQ(records->at(1).mistake, "a field is longer than allowed");
}

}  // namespace
}  // namespace egide::vault
