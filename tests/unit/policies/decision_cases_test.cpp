// Runs tests/policies/*.json (tests/policies/README.md says how they read).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "egide/testing/shared_data.h"
#include "facts.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

const std::string kFolder = EGIDE_SOURCE_DIR "/tests/policies/";

json read(const std::string& name) { return json::parse(egide::testing::read_file(kFolder + name)); }

std::vector<std::string> files_of_cases() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".json" && read(name).contains("cases")) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void merge(json& into, const json& from) {
  for (const auto& item : from.items()) {
    if (item.value().is_object() && into.contains(item.key()) && into[item.key()].is_object())
      merge(into[item.key()], item.value());
    else
      into[item.key()] = item.value();
  }
}

std::optional<base::Timestamp> time_of(const json& object, const char* key) {
  if (!object.contains(key) || object[key].is_null()) return std::nullopt;
  const auto parsed = base::parse_rfc3339(object[key].get<std::string>());
  if (!parsed) throw std::runtime_error("not a time: " + object[key].get<std::string>());
  return parsed;
}

ConsentFacts consent_of(const json& object) {
  ConsentFacts out;
  const auto state = object.at("state").get<std::string>();
  if (state != "none") {
    const auto parsed = parse_consent_state(state);
    if (!parsed) throw std::runtime_error("not a consent state: " + state);
    out.state = *parsed;
  }
  out.valid_until = time_of(object, "valid_until");
  out.refused_at = time_of(object, "refused_at");
  out.notice_version = object.at("notice_version").get<int>();
  return out;
}

Facts facts_of(const json& given, const Pack& pack) {
  json all = read("defaults.json");
  merge(all, given);
  Facts out;
  const auto purpose = all.at("purpose").get<std::string>();
  out.request.purpose = pack.index_of(purpose);
  out.asked = all.value("categories", std::vector<std::string>());
  if (all.contains("automation"))
    out.request.automation = parse_automation(all["automation"].get<std::string>()).value();
  if (all.contains("effect")) out.request.effect = parse_effect(all["effect"].get<std::string>()).value();
  out.request.oldest_acceptable_notice = all.at("oldest_acceptable_notice").get<int>();
  out.now = time_of(all, "now").value();

  const json& tool = all.at("tool");
  out.tool.known = tool.at("known").get<bool>();
  out.tool.active = tool.at("active").get<bool>();
  out.tool.is_tool = tool.at("is_tool").get<bool>();
  out.tool.third_country_without_safeguard = tool.at("third_country_without_safeguard").get<bool>();
  out.recipient_class = tool.at("recipient_class").get<std::string>();
  json whole = json::array();
  if (out.request.purpose) whole.push_back({{"purpose", purpose}});
  for (const json& entry : tool.value("grants", whole)) {
    ToolGrant grant;
    grant.purpose = pack.index_of(entry.at("purpose").get<std::string>()).value();
    grant.categories = entry.value("categories", std::vector<std::string>());
    out.grants.push_back(std::move(grant));
  }

  const json& subject = all.at("subject");
  out.subject.exists = subject.at("exists").get<bool>();
  out.subject.erased = subject.at("erased").get<bool>();
  out.subject.restricted = subject.at("restricted").get<bool>();
  out.subject.retention_elapsed = subject.at("retention_elapsed").get<bool>();
  out.subject.objected = subject.at("objected").get<bool>();
  out.subject.art9_condition_recorded = subject.at("art9_condition_recorded").get<bool>();
  if (!subject.at("birth_date").is_null())
    out.subject.birth_date = base::parse_date(subject["birth_date"].get<std::string>()).value();
  out.subject.consent = consent_of(subject.at("consent"));
  out.subject.guardian_consent = consent_of(subject.at("guardian_consent"));
  return out;
}

TEST(DecisionCasesTest, GiveTheReasonEachFileExpects) {
  std::size_t run = 0;
  const auto files = files_of_cases();
  for (const std::string& name : files) {
    const json file = read(name);
    for (const json& entry : file.at("cases")) {
      SCOPED_TRACE(name + ": " + entry.at("name").get<std::string>());
      const Decision got = facts_of(entry, case_pack()).decide_on(case_pack());
      const json& expect = entry.at("expect");
      EXPECT_EQ(name_of(got.reason), expect.at("reason").get<std::string>());
      EXPECT_EQ(got.permit, expect.at("decision").get<bool>());
      EXPECT_EQ(got.requestable, expect.value("requestable", false));
      EXPECT_EQ(got.permit, got.reason == Reason::Permit);
      ++run;
    }
  }
  EXPECT_EQ(files.size(), 17U);
  EXPECT_EQ(run, 154U);
}

TEST(DecisionCasesTest, HaveOneFileAReasonThatShowsItAloneAndHidden) {
  std::set<std::string> reasons;
  for (const std::string& name : files_of_cases()) {
    const json file = read(name);
    if (!file.contains("reason")) continue;
    SCOPED_TRACE(name);
    const auto reason = file["reason"].get<std::string>();
    const auto row = file["row"].get<int>();
    reasons.insert(reason);
    EXPECT_EQ(static_cast<int>(parse_reason(reason).value()) + 1, row);
    ASSERT_GE(file["cases"].size(), 2U);
    EXPECT_EQ(file["cases"][0]["expect"]["reason"], reason);
    if (row > 1) {
      EXPECT_LT(parse_reason(file["cases"][1]["expect"]["reason"].get<std::string>()).value(),
                parse_reason(reason).value());
    }
  }
  EXPECT_EQ(reasons.size(), 16U);
}

TEST(DecisionCasesTest, CoverEveryCellOfTheRightsByBasis) {
  std::set<std::pair<std::string, std::string>> cells;
  const json file = read("rights.json");
  for (const json& cell : file.at("cells")) {
    const auto basis = cell.at("basis").get<std::string>();
    const auto right = cell.at("right").get<std::string>();
    EXPECT_EQ(bundled_pack().right(parse_legal_basis(basis).value(), right), cell.at("expect").get<std::string>())
        << basis << " " << right;
    cells.emplace(basis, right);
  }
  EXPECT_EQ(cells.size(), 36U);
}

TEST(DecisionCasesTest, CoverWhichKeyCoversWhich) {
  const json file = read("categories.json");
  for (const json& entry : file.at("covers"))
    EXPECT_EQ(category_covers(entry.at("parent").get<std::string>(), entry.at("category").get<std::string>()),
              entry.at("expect").get<bool>())
        << entry;
  EXPECT_EQ(file["covers"].size(), 12U);
}

}  // namespace
}  // namespace egide::policies::testing
