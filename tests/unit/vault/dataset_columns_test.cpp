// What may stand in a dataset, and how a file is written.
#include "dataset_columns.h"

#include <gtest/gtest.h>

#include "dataset_file.h"
#include "dataset_plan.h"
#include "egide/crypto/hash.h"

namespace egide::vault {
namespace {

using anonymity::ColumnRole;
using nlohmann::json;
using Texts = std::vector<std::string>;

class DatasetColumnsTest : public ::testing::Test {
 protected:
  static base::Hash32 hash(base::ByteView bytes) { return crypto::sha256(bytes); }
  std::shared_ptr<const policies::Pack> pack_ = *policies::load_pack(policies::bundled_pack_files(), hash);
  const base::Date today_ = *base::parse_date("2026-11-24");

  static Texts released(const anonymity::Column& column, std::size_t level) {
    Texts out;
    for (const auto code : column.codes)
      out.push_back(column.hierarchy.levels() == 0 ? column.domain[code] : column.hierarchy.labels[level][code]);
    return out;
  }
};

TEST_F(DatasetColumnsTest, LetsNothingOutThatIdentifiesOrIsFreeText) {
  for (const char* category : {"user",
                               "user.name",
                               "user.name.first",
                               "user.contact",
                               "user.contact.email",
                               "user.contact.phone_number",
                               "user.contact.address",
                               "user.contact.address.street",
                               "user.unique_id",
                               "user.unique_id.pseudonymous",
                               "user.government_id",
                               "user.financial.bank_account",
                               "user.account.username",
                               "user.biometric",
                               "user.content.private.message",
                               "user.content.public",
                               "user.device",
                               "user.location.precise",
                               "user.criminal_history",
                               "user.payment",
                               "user.social",
                               "no.such.category",
                               ""})
    EXPECT_EQ(column_kind(category, *pack_), ColumnKind::Never) << category;
  EXPECT_EQ(column_kind("user.demographic.date_of_birth", *pack_), ColumnKind::Age);
  EXPECT_EQ(column_kind("user.contact.address.postal_code", *pack_), ColumnKind::Area);
}

TEST_F(DatasetColumnsTest, KnowsWhatOthersMayKnow) {
  for (const char* category : {"user.demographic.date_of_birth", "user.demographic.age_range",
                               "user.demographic.language", "user.contact.address.postal_code", "user.job_title"})
    EXPECT_TRUE(is_always_quasi_identifier(category)) << category;
  for (const char* category : {"user.demographic.profile.skills", "user.behavior.participation_history"})
    EXPECT_FALSE(is_always_quasi_identifier(category)) << category;
  EXPECT_TRUE(is_always_sensitive("user.health_and_medical", *pack_));
  EXPECT_TRUE(is_always_sensitive("user.demographic.religious_belief", *pack_));
  EXPECT_FALSE(is_always_sensitive("user.demographic.language", *pack_));
}

TEST_F(DatasetColumnsTest, AsksMoreOfDataOnHealth) {
  EXPECT_EQ(lowest_k(*pack_, {"user.demographic.language"}), 5U);
  EXPECT_EQ(lowest_k(*pack_, {"user.demographic.language", "user.health_and_medical"}), 11U);
}

TEST_F(DatasetColumnsTest, MakesAgesOfBirthDatesAndNothingOfOtherTexts) {
  DatasetColumn column("user.demographic.date_of_birth", ColumnKind::Age, ColumnRole::QuasiIdentifier, 1);
  for (const json& value :
       {json("1980-02-29"), json("1981-11-25"), json("not a date"), json(19800229), json("2090-01-01")})
    column.add(value, today_);
  EXPECT_EQ(column.name(), "user.demographic.age");
  const auto coded = column.to_column();
  EXPECT_EQ(released(coded, 0), (Texts{"", "46", "44", "", "", ""}));
  EXPECT_EQ(released(coded, 1), (Texts{"", "40-49", "40-49", "", "", ""}));  // 45-49 and 40-44 part the same people
}

TEST_F(DatasetColumnsTest, TakesListsAsSets) {
  DatasetColumn column("user.demographic.profile.skills", ColumnKind::List, ColumnRole::QuasiIdentifier, 0);
  column.add(json::array({"b", "a"}), today_);
  column.add(json::array({"a", "b", "a"}), today_);
  column.add(json::array({"c", "d"}), today_);
  column.add(json::array({"c"}), today_);
  column.fill(5);
  const auto coded = column.to_column();
  EXPECT_EQ(released(coded, 0), (Texts{"a; b", "a; b", "c; d", "c", ""}));
  EXPECT_EQ(released(coded, 1), (Texts{"2 of them", "2 of them", "2 of them", "1 of them", ""}));
  EXPECT_EQ(column.to_json("a; b"), json::array({"a", "b"}));
  EXPECT_EQ(column.to_json("2 of them"), "2 of them");
  EXPECT_EQ(column.to_json(""), nullptr);
}

TEST_F(DatasetColumnsTest, HidesRareItemsAndValues) {
  DatasetColumn lists("user.demographic.profile.skills", ColumnKind::List, ColumnRole::Sensitive, 0);
  for (int i = 0; i < 4; ++i) lists.add(json::array({"cooking", "driving"}), today_);
  lists.add(json::array({"cooking", "juggling"}), today_);
  lists.add(json::array({"juggling"}), today_);
  EXPECT_GE(lists.hide_rare(3), 2U);
  EXPECT_EQ(released(lists.to_column(), 0), (Texts{"cooking; driving", "cooking; driving", "cooking; driving",
                                                   "cooking; driving", "cooking", "(rare)"}));
  DatasetColumn plain("user.health_and_medical", ColumnKind::Plain, ColumnRole::Sensitive, 1);
  for (const char* value : {"a", "a", "a", "b", "c"}) plain.add(value, today_);
  EXPECT_EQ(plain.hide_rare(3), 2U);
  EXPECT_EQ(released(plain.to_column(), 0), (Texts{"", "a", "a", "a", "(rare)", "(rare)"}));
}

TEST_F(DatasetColumnsTest, CountsWhatWasDone) {
  DatasetColumn column("user.behavior.participation_history", ColumnKind::Count, ColumnRole::QuasiIdentifier, 0);
  column.add(json{{"2026-01", 3}, {"2026-02", 4}}, today_);
  column.add(json::array({"2026-01-02", "2026-03-04"}), today_);
  column.add(json(12), today_);
  column.add(json{{"2026-01", -3}}, today_);
  column.add(json{{"note", "met Somebody"}}, today_);
  column.add(json("met Somebody"), today_);
  EXPECT_EQ(released(column.to_column(), 0), (Texts{"7", "2", "12", "", "", ""}));
}

TEST_F(DatasetColumnsTest, SeesFreeText) {
  for (const json& value : {json(std::string(81, 'x')), json("two\nlines"), json("somebody@example.org"),
                            json::array({"short", std::string(81, 'x')})}) {
    DatasetColumn column("user.demographic.profile.preferences", ColumnKind::Plain, ColumnRole::Sensitive, 0);
    column.add("short", today_);
    EXPECT_FALSE(column.is_free_text());
    column.add(value, today_);
    EXPECT_TRUE(column.is_free_text()) << value;
  }
}

TEST(DatasetFileTest, WritesNoFormula) {
  const auto field = [](std::string_view text) {
    std::string out;
    append_csv_field(out, text);
    return out;
  };
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "|cmd", "%x", " =1",
                           "\xef\xbc\x9d"
                           "1"})
    EXPECT_NE(field(text).find('\''), std::string::npos) << text;
  EXPECT_EQ(field("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(field("a=1"), "a=1");
  EXPECT_EQ(field("18-29"), "18-29");
  EXPECT_EQ(field("<18"), "<18");
  EXPECT_EQ(field("*"), "*");
  EXPECT_EQ(field(""), "");
  EXPECT_EQ(field("a \"b\", c"), "\"a \"\"b\"\", c\"");
  EXPECT_EQ(field("a\r\nb"), "\"a\r\nb\"");
  std::string row;
  append_csv_row(row, {"x", "", "é"});
  EXPECT_EQ(row, "x,,é\r\n");
  std::string line;
  append_json_line(line, {"b", "a"}, {json("x\n"), json::array({1})});
  EXPECT_EQ(line, "{\"b\":\"x\\n\",\"a\":[1]}\n");
}

}  // namespace
}  // namespace egide::vault
