#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "facts.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

// "mask user.contact.email transform=relay_address", one line an obligation.
std::vector<std::string> lines(const Pack& pack, std::string_view purpose) {
  Facts facts = permitting(pack, purpose);
  facts.linked();
  std::vector<std::string> out;
  for (const Obligation& o :
       obligations_for(*facts.request.purpose, permitted_categories(facts.request, facts.tool, pack), pack)) {
    std::string line = o.action;
    for (const auto& category : o.categories) line += " " + category;
    for (const auto& [name, value] : o.parameters) line += " " + name + "=" + value;
    out.push_back(std::move(line));
  }
  return out;
}

TEST(ObligationsTest, AreNoneForACorePurposeWithoutTransforms) {
  EXPECT_TRUE(lines(bundled_pack(), "membership.admin").empty());
}

TEST(ObligationsTest, NameEachTransformWithItsCategories) {
  EXPECT_THAT(lines(bundled_pack(), "ai.mission_matching"),
              ::testing::ElementsAre("generalise user.demographic.profile.availability transform=minimise_slots",
                                     "generalise user.contact.address.postal_code transform=generalise_area k=5",
                                     "mask user.unique_id.pseudonymous transform=pseudonym_per_tool",
                                     "record_decision purpose=ai.mission_matching",
                                     "human_review level=human_confirms coverage_min=1",
                                     "disclose_ai text_key=ai_notice.ai.mission_matching", "delete_after after=P1Y"));
}

TEST(ObligationsTest, AskForTotalsAndRelaysWhereThePackDoes) {
  EXPECT_THAT(lines(bundled_pack(), "ai.realtime_impact_indicators"),
              ::testing::Contains("aggregate user.behavior.participation_history user.content.private.help_request "
                                  "transform=aggregate_k k=5"));
  EXPECT_THAT(lines(bundled_pack(), "ai.realtime_impact_indicators"),
              ::testing::Contains("aggregate user.behavior.participation_history transform=delay_publication k=5"));
  EXPECT_THAT(lines(bundled_pack(), "ai.timed_feedback"),
              ::testing::Contains("mask user.contact.email transform=relay_address"));
  EXPECT_THAT(lines(bundled_pack(), "ai.text_need_detection"),
              ::testing::Contains(
                  "redact user.content.private.help_request user.content.private.message transform=redact_free_text"));
}

TEST(ObligationsTest, AskForNoReviewWhereNobodyReviews) {
  for (const auto& line : lines(bundled_pack(), "ai.welcome_chatbot"))
    EXPECT_EQ(line.find("human_review"), std::string::npos) << line;
  EXPECT_THAT(lines(bundled_pack(), "ai.mission_recommendation"),
              ::testing::Contains("human_review level=sampled_review coverage_min=0.05"));
}

TEST(ObligationsTest, RecordNoDecisionWhereTheToolTakesNone) {
  for (const auto& line : lines(bundled_pack(), "ai.content_verification"))
    EXPECT_EQ(line.find("record_decision"), std::string::npos) << line;
}

TEST(ObligationsTest, SpeakOfThePartsOfWhatIsPermitted) {
  json document = small_document();
  json& purpose = purpose_in(document, "membership.admin");
  purpose["transforms"] = json::parse(
      R"([{"categories": ["user.contact.address.postal_code"], "apply": "generalise_area"},
          {"categories": ["user.demographic.date_of_birth"], "apply": "generalise_age_band"}])");
  purpose["forbidden_categories"] = {"user.contact.address.street"};
  const auto pack = load(document).value();
  EXPECT_THAT(lines(*pack, "membership.admin"),
              ::testing::UnorderedElementsAre(
                  "generalise user.contact.address.postal_code transform=generalise_area k=5",
                  "generalise user.demographic.date_of_birth transform=generalise_age_band bounds=18,30,45,60",
                  "drop user.contact.address.street transform=drop"));
}

}  // namespace
}  // namespace egide::policies::testing
