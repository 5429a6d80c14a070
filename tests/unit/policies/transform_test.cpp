#include "egide/policies/transform.h"

#include <gtest/gtest.h>

#include "egide/policies/transform_result.h"
#include "facts.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

using Attributes = std::map<std::string, json>;

class TransformTest : public ::testing::Test {
 protected:
  TransformTest() {
    context_.today = base::parse_date("2026-11-24").value();
    context_.pseudonym = "p_7Q2K9V4M1X";
    context_.keyed_hash = [](std::string_view category, std::string_view value) {
      return "h(" + std::string(category) + "|" + std::string(value) + ")";
    };
    context_.people_in_area = [](std::string_view area) { return area == "69" ? 5 : 4; };
  }

  TransformResult run(const Pack& pack, std::string_view purpose, const Attributes& attributes) {
    const Purpose& p = *pack.find(purpose);
    return transform_fields(p, attributes, p.data_categories, pack, context_);
  }

  // The small pack with one core purpose that takes `categories` under `transforms`.
  TransformResult run_with(const json& transforms, std::vector<std::string> categories, const Attributes& attributes,
                           std::vector<std::string> forbidden = {}) {
    json document = small_document();
    json& purpose = purpose_in(document, "membership.admin");
    purpose["data_categories"] = categories;
    purpose["forbidden_categories"] = forbidden;
    purpose["transforms"] = transforms;
    custom_ = load(document).value();
    return run(*custom_, "membership.admin", attributes);
  }

  TransformContext context_;
  std::shared_ptr<const Pack> custom_;
};

// "category=value transform" of a field, "category: reason" of what is withheld; empty when neither.
std::string about(const TransformResult& result, const std::string& category) {
  for (const auto& field : result.fields)
    if (field.category == category)
      return field.value.dump(-1, ' ', false) + (field.transform.empty() ? "" : " " + field.transform);
  for (const auto& withheld : result.withheld)
    if (withheld.category == category) return "withheld: " + withheld.reason;
  return {};
}

json lines(std::initializer_list<std::pair<const char*, const char*>> list) {
  json out = json::array();
  for (const auto& [category, apply] : list) out.push_back({{"categories", {category}}, {"apply", apply}});
  return out;
}

TEST_F(TransformTest, GivesAToolForMatchingOnlyWhatItNeeds) {
  const auto got = run(bundled_pack(), "ai.mission_matching",
                       {{"user.name", "Zoé Martin"},
                        {"user.contact.email", "zoe@example.org"},
                        {"user.contact.address.postal_code", "69003"},
                        {"user.demographic.profile.skills", {"cuisine", "anglais"}},
                        {"user.demographic.profile.availability", "mardi soir (après la dialyse), jeudi"},
                        {"user.health_and_medical", "dialyse"}});
  EXPECT_EQ(about(got, "user.unique_id.pseudonymous"), "\"p_7Q2K9V4M1X\" pseudonym_per_tool");
  EXPECT_EQ(about(got, "user.contact.address.postal_code"), "\"69\" generalise_area");
  EXPECT_EQ(about(got, "user.demographic.profile.skills"), "[\"cuisine\",\"anglais\"]");
  EXPECT_EQ(about(got, "user.demographic.profile.availability"), "[\"mardi soir\",\"jeudi\"] minimise_slots");
  EXPECT_EQ(about(got, "user.demographic.language"), "withheld: not_held");
  // Outside the purpose: neither passed nor mentioned.
  for (const char* other : {"user.name", "user.contact.email", "user.health_and_medical"})
    EXPECT_EQ(about(got, other), "");
  EXPECT_EQ(got.fields.size(), 4U);
}

TEST_F(TransformTest, NeverPassesWhatIsNotPermittedInAnyPurpose) {
  Attributes all;
  for (const Purpose& purpose : bundled_pack().purposes())
    for (const std::string& category : purpose.data_categories) all[category] = "secret of " + category;
  all["user.health_and_medical"] = "secret";
  for (const Purpose& purpose : bundled_pack().purposes()) {
    const auto got = run(bundled_pack(), purpose.id.str(), all);
    for (const auto& field : got.fields) {
      const auto covers = [&](const std::string& key) { return category_covers(key, field.category); };
      const auto& taken = purpose.data_categories;
      EXPECT_TRUE(std::any_of(taken.begin(), taken.end(), covers)) << purpose.id.str() << " " << field.category;
    }
    EXPECT_TRUE(transform_fields(purpose, all, {}, bundled_pack(), context_).fields.empty());
  }
}

TEST_F(TransformTest, NeverPassesWhatIsForbiddenEvenWhenPermitted) {
  const Purpose& purpose = *bundled_pack().find("ai.mission_matching");
  const auto got = transform_fields(purpose, {{"user.government_id.passport_number", "12AB34567"}},
                                    {"user.government_id", "user"}, bundled_pack(), context_);
  EXPECT_EQ(about(got, "user.government_id.passport_number"), "");
}

TEST_F(TransformTest, PassesNoWholeNameWhereOnlyTheFirstIsPermitted) {
  const auto got = run(bundled_pack(), "newsletter.noncommercial",
                       {{"user.name", "Zoé Martin"}, {"user.contact.email", "zoe@example.org"}});
  EXPECT_EQ(about(got, "user.name"), "");
  EXPECT_EQ(about(got, "user.name.first"), "withheld: not_held");
  EXPECT_EQ(about(got, "user.contact.email"), "\"zoe@example.org\"");
}

TEST_F(TransformTest, LetsTheMostSpecificCategoryWin) {
  const auto got = run_with(lines({{"user.contact", "drop"}, {"user.contact.address.postal_code", "generalise_area"}}),
                            {"user.contact"},
                            {{"user.contact.email", "zoe@example.org"}, {"user.contact.address.postal_code", "69003"}});
  EXPECT_EQ(about(got, "user.contact.email"), "withheld: drop");
  EXPECT_EQ(about(got, "user.contact.address.postal_code"), "\"69\" generalise_area");
}

TEST_F(TransformTest, WithholdsAWholeThatHoldsAProtectedPart) {
  auto got = run_with(lines({{"user.contact.address.postal_code", "generalise_area"}}), {"user.contact.address"},
                      {{"user.contact.address", {{"street", "1 rue Haute"}, {"postal_code", "69003"}}},
                       {"user.contact.address.city", "Lyon"}});
  EXPECT_EQ(about(got, "user.contact.address"), "withheld: generalise_area");
  EXPECT_EQ(about(got, "user.contact.address.city"), "\"Lyon\"");
  got = run_with(json::array(), {"user.contact.address"}, {{"user.contact.address", "1 rue Haute, 69003 Lyon"}},
                 {"user.contact.address.street"});
  EXPECT_EQ(about(got, "user.contact.address"), "withheld: forbidden");
}

TEST_F(TransformTest, MakesThePseudonymAndNeverReadsIt) {
  auto got = run_with(json::array(), {"user.unique_id.pseudonymous"}, {{"user.unique_id.pseudonymous", "raw"}});
  EXPECT_EQ(about(got, "user.unique_id.pseudonymous"), "\"p_7Q2K9V4M1X\" pseudonym_per_tool");
  context_.pseudonym.clear();
  got = run_with(json::array(), {"user.unique_id.pseudonymous"}, {{"user.unique_id.pseudonymous", "raw"}});
  EXPECT_EQ(about(got, "user.unique_id.pseudonymous"), "withheld: not_held");
  got = run_with(lines({{"user.unique_id", "drop"}}), {"user.unique_id.pseudonymous"}, {});
  EXPECT_EQ(about(got, "user.unique_id.pseudonymous"), "withheld: drop");
}

TEST_F(TransformTest, HashesUnderTheToolsKey) {
  const auto rule = lines({{"user.contact", "keyed_hash"}});
  EXPECT_EQ(
      about(run_with(rule, {"user.contact.email"}, {{"user.contact.email", "zoe@example.org"}}), "user.contact.email"),
      "\"h(user.contact.email|zoe@example.org)\" keyed_hash");
  EXPECT_EQ(about(run_with(rule, {"user.contact.email"}, {{"user.contact.email", {"a", "b"}}}), "user.contact.email"),
            "[\"h(user.contact.email|a)\",\"h(user.contact.email|b)\"] keyed_hash");
  EXPECT_EQ(about(run_with(rule, {"user.contact.email"}, {{"user.contact.email", 7}}), "user.contact.email"),
            "\"h(user.contact.email|7)\" keyed_hash");
  context_.keyed_hash = nullptr;
  EXPECT_EQ(about(run_with(rule, {"user.contact.email"}, {{"user.contact.email", "z"}}), "user.contact.email"),
            "withheld: keyed_hash");
}

TEST_F(TransformTest, TurnsABirthDateIntoABand) {
  const auto rule = lines({{"user.demographic.date_of_birth", "generalise_age_band"}});
  const std::string birth = "user.demographic.date_of_birth";
  EXPECT_EQ(about(run_with(rule, {birth}, {{birth, "1990-05-01"}}), birth), "\"30-44\" generalise_age_band");
  for (const json& bad : {json("mai 1990"), json(1990), json("2030-01-01"), json(nullptr)})
    EXPECT_EQ(about(run_with(rule, {birth}, {{birth, bad}}), birth), "withheld: generalise_age_band") << bad;
}

TEST_F(TransformTest, MakesTheAgeRangeFromABirthDateThatStaysOutside) {
  auto got = run(bundled_pack(), "ai.audience_segmentation", {{"user.demographic.date_of_birth", "1990-05-01"}});
  EXPECT_EQ(about(got, "user.demographic.age_range"), "\"30-44\" generalise_age_band");
  EXPECT_EQ(about(got, "user.demographic.date_of_birth"), "");
  got = run(bundled_pack(), "ai.audience_segmentation", {{"user.demographic.date_of_birth", "unknown"}});
  EXPECT_EQ(about(got, "user.demographic.age_range"), "withheld: generalise_age_band");
  got = run(bundled_pack(), "ai.audience_segmentation",
            {{"user.demographic.date_of_birth", "1990-05-01"}, {"user.demographic.age_range", "30-40"}});
  EXPECT_EQ(about(got, "user.demographic.age_range"), "\"30-40\"");
}

TEST_F(TransformTest, WidensAnAreaUntilItHoldsEnoughPeople) {
  const std::string code = "user.contact.address.postal_code";
  const auto rule = lines({{"user.contact.address.postal_code", "generalise_area"}});
  EXPECT_EQ(about(run_with(rule, {code}, {{code, "69003"}}), code), "\"69\" generalise_area");
  EXPECT_EQ(about(run_with(rule, {code}, {{code, "23000"}}), code), "\"FR\" generalise_area");
  for (const json& bad : {json("Lyon"), json(69003), json("")})
    EXPECT_EQ(about(run_with(rule, {code}, {{code, bad}}), code), "withheld: generalise_area") << bad;
  context_.people_in_area = nullptr;
  EXPECT_EQ(about(run_with(rule, {code}, {{code, "69003"}}), code), "\"FR\" generalise_area");
}

TEST_F(TransformTest, KeepsSlotsAndLosesTheRest) {
  const std::string slots = "user.demographic.profile.availability";
  const auto rule = lines({{"user.demographic.profile.availability", "minimise_slots"}});
  EXPECT_EQ(about(run_with(rule, {slots}, {{slots, {"lundi soir", "garde de Léo mardi matin"}}}), slots),
            "[\"lundi soir\",\"mardi matin\"] minimise_slots");
  for (const json& bad : {json("jamais"), json(5), json::array({1}), json::object({{"lundi", "soir"}})})
    EXPECT_EQ(about(run_with(rule, {slots}, {{slots, bad}}), slots), "withheld: minimise_slots") << bad;
}

TEST_F(TransformTest, CountsByMonth) {
  const std::string clicks = "user.behavior.message_engagement";
  const auto rule = lines({{"user.behavior.message_engagement", "minimise_counts"}});
  EXPECT_EQ(about(run_with(rule, {clicks}, {{clicks, {"2026-01-03", "2026-01-04T10:00:00Z", "2026-02-01"}}}), clicks),
            "{\"2026-01\":2,\"2026-02\":1} minimise_counts");
  EXPECT_EQ(about(run_with(rule, {clicks}, {{clicks, {{{"at", "2026-01-03"}, {"link", "/don"}}}}}), clicks),
            "{\"2026-01\":1} minimise_counts");
  EXPECT_EQ(about(run_with(rule, {clicks}, {{clicks, json::object({{"2026-01", 4}, {"last", "/don"}})}}), clicks),
            "{\"2026-01\":4} minimise_counts");
  EXPECT_EQ(about(run_with(rule, {clicks}, {{clicks, 12}}), clicks), "12 minimise_counts");
  for (const json& bad : {json("often"), json::array({"yesterday"}), json::object({{"last", "/don"}})})
    EXPECT_EQ(about(run_with(rule, {clicks}, {{clicks, bad}}), clicks), "withheld: minimise_counts") << bad;
}

TEST_F(TransformTest, RedactsThePersonsOwnNamesAndThoseGiven) {
  context_.known_names = {"Léa Petit"};
  const auto got = run(bundled_pack(), "ai.text_need_detection",
                       {{"user.name", "Zoé Martin"},
                        {"user.content.private.help_request", "Je suis Zoe, voir avec Lea au 06 39 98 60 59"},
                        {"user.content.private.message", {"Martin", 5}}});
  EXPECT_EQ(about(got, "user.content.private.help_request"),
            "\"Je suis [nom], voir avec [nom] au [téléphone]\" redact_free_text");
  EXPECT_EQ(about(got, "user.content.private.message"), "withheld: redact_free_text");
}

TEST_F(TransformTest, SaysWhatItReadsWithoutPassingItOn) {
  const auto aside = [](const char* purpose) {
    const Purpose& p = *bundled_pack().find(purpose);
    return categories_read_aside(p, p.data_categories);
  };
  EXPECT_EQ(aside("ai.text_need_detection"), std::vector<std::string>{"user.name"});
  EXPECT_EQ(aside("ai.audience_segmentation"), std::vector<std::string>{"user.demographic.date_of_birth"});
  EXPECT_TRUE(aside("ai.mission_matching").empty());
  EXPECT_TRUE(aside("membership.admin").empty());
  EXPECT_TRUE(categories_read_aside(*bundled_pack().find("ai.text_need_detection"), {"user.unique_id"}).empty());
}

TEST_F(TransformTest, PassesWhatThePersonGave) {
  const auto got = run(bundled_pack(), "ai.prospect_identification", {{"user.social", "@zoe"}});
  EXPECT_EQ(about(got, "user.social"), "\"@zoe\" drop_unless_provided");
}

TEST_F(TransformTest, GivesASingleReaderNothingOfTotalsAndRelays) {
  EXPECT_EQ(about(run(bundled_pack(), "ai.demand_forecast", {{"user.behavior.participation_history", {"2026-01-03"}}}),
                  "user.behavior.participation_history"),
            "withheld: aggregate_k");
  EXPECT_EQ(about(run(bundled_pack(), "ai.timed_feedback", {{"user.contact.email", "zoe@example.org"}}),
                  "user.contact.email"),
            "withheld: relay_address");
  EXPECT_EQ(about(run(bundled_pack(), "ai.individual_impact_report", {{"user.name.first", "Zoé"}}), "user.name.first"),
            "withheld: merge_after_generation");
  EXPECT_EQ(about(run_with(lines({{"user.behavior", "delay_publication"}}), {"user.behavior"},
                           {{"user.behavior.participation_history", 3}}),
                  "user.behavior.participation_history"),
            "withheld: delay_publication");
}

TEST_F(TransformTest, TakesTheStricterOfTwoLinesAboutOneCategory) {
  const auto got = run(bundled_pack(), "ai.vulnerable_area_analysis", {{"user.contact.address.postal_code", "69003"}});
  EXPECT_EQ(about(got, "user.contact.address.postal_code"), "withheld: aggregate_k");
}

TEST_F(TransformTest, HasANameForEachKindAndReadsItBack) {
  int kinds = 0;
  for (int i = 0; i <= static_cast<int>(TransformKind::DelayPublication); ++i, ++kinds)
    EXPECT_EQ(parse_transform(name_of(static_cast<TransformKind>(i))), static_cast<TransformKind>(i));
  EXPECT_EQ(kinds, 13);
  EXPECT_FALSE(parse_transform("blur"));
}

}  // namespace
}  // namespace egide::policies::testing
