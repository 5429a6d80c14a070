#include "egide/policies/decide.h"

#include <gtest/gtest.h>

#include "allocations.h"
#include "facts.h"
#include "pack_fixture.h"

namespace egide::policies::testing {
namespace {

TEST(DecideTest, BeginsAsADenial) {
  EXPECT_FALSE(Decision().permit);
  EXPECT_EQ(Decision().reason, Reason::Error);
  EXPECT_FALSE(Decision().requestable);
}

TEST(DecideTest, DeniesOnFactsThatNobodyFilledIn) {
  const Decision decision = decide(DecisionRequest(), ToolFacts(), SubjectFacts(), bundled_pack(), base::Timestamp());
  EXPECT_FALSE(decision.permit);
  EXPECT_EQ(decision.reason, Reason::UnknownTool);
}

TEST(DecideTest, DeniesAPurposeBeyondThePack) {
  Facts facts = permitting(bundled_pack(), "ai.mission_matching");
  facts.request.purpose = static_cast<PurposeIndex>(bundled_pack().purposes().size());
  facts.grants[0].purpose = *facts.request.purpose;
  EXPECT_EQ(facts.decide_on(bundled_pack()).reason, Reason::PurposeNotGranted);
  facts.linked();
  EXPECT_TRUE(permitted_categories(facts.request, facts.tool, bundled_pack()).empty());
  EXPECT_TRUE(obligations_for(*facts.request.purpose, {}, bundled_pack()).empty());
}

TEST(DecideTest, DeniesAStateOutsideTheEnumeration) {
  Facts facts = permitting(bundled_pack(), "ai.mission_matching");
  facts.subject.consent.state = static_cast<ConsentState>(200);
  EXPECT_EQ(facts.decide_on(bundled_pack()).reason, Reason::ConsentMissing);
}

TEST(DecideTest, AllocatesNothing) {
  for (const Purpose& purpose : bundled_pack().purposes()) {
    Facts facts = permitting(bundled_pack(), purpose.id.str());
    facts.tool.is_tool = false;
    facts.asked = {purpose.data_categories[0]};
    facts.linked();
    int count = 0;
    Decision first;
    {
      const CountAllocations allocations;
      first = decide(facts.request, facts.tool, facts.subject, bundled_pack(), facts.now);
      facts.subject.consent.state = ConsentState::Refused;
      facts.subject.consent.refused_at = facts.now;
      const Decision second = decide(facts.request, facts.tool, facts.subject, bundled_pack(), facts.now);
      count = allocations.count() + (second.reason == Reason::Error ? 1 : 0);
    }
    EXPECT_TRUE(first.permit) << purpose.id.str() << ": " << name_of(first.reason);
    EXPECT_EQ(count, 0) << purpose.id.str();
  }
}

TEST(DecideTest, IsHeldByACounterThatCounts) {
  const CountAllocations allocations;
  const auto* text = new std::string(1000, 'x');
  const int count = allocations.count();
  delete text;
  EXPECT_EQ(count, 2);
}

TEST(DecideTest, TreatsAnUnknownAgeAsThePackSays) {
  json document = small_document();
  document["parameters"]["unknown_age"]["value"] = "minor";
  const auto pack = load(document).value();
  Facts facts = permitting(*pack, "ai.mission_matching");
  facts.subject.birth_date.reset();
  EXPECT_EQ(facts.decide_on(*pack).reason, Reason::GuardianConsentMissing);
  facts.subject.birth_date = base::Date();  // no date at all
  EXPECT_EQ(facts.decide_on(*pack).reason, Reason::GuardianConsentMissing);
}

TEST(DecideTest, NeverAsksAgainWhereThePackHasNoTimeForIt) {
  json document = small_document();
  document["parameters"]["reask_after_refusal"]["value"] = nullptr;
  const auto pack = load(document).value();
  Facts facts = permitting(*pack, "ai.mission_matching");
  facts.subject.consent.state = ConsentState::Refused;
  facts.subject.consent.refused_at = base::Timestamp();
  EXPECT_EQ(facts.decide_on(*pack).reason, Reason::ConsentMissing);
  EXPECT_FALSE(facts.decide_on(*pack).requestable);
}

TEST(DecideTest, FollowsTheAgeOfConsentOfThePack) {
  json document = small_document();
  document["parameters"]["minor_consent_age"]["value"] = 16;
  const auto pack = load(document).value();
  Facts facts = permitting(*pack, "ai.mission_matching");
  facts.subject.birth_date = base::parse_date("2011-01-01");
  EXPECT_EQ(facts.decide_on(*pack).reason, Reason::GuardianConsentMissing);
}

TEST(DecideTest, NamesEveryReasonAndReadsItBack) {
  for (int i = 0; i <= static_cast<int>(Reason::Error); ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_FALSE(name_of(reason).empty()) << i;
    EXPECT_EQ(parse_reason(name_of(reason)), reason);
  }
  EXPECT_FALSE(parse_reason("Permit"));
  EXPECT_FALSE(parse_reason(""));
}

TEST(DecideTest, KnowsWhichConsentStatesAllowProcessing) {
  int valid = 0;
  for (int i = 0; i <= static_cast<int>(ConsentState::Invalidated); ++i) {
    const auto state = static_cast<ConsentState>(i);
    if (is_valid_for_processing(state)) ++valid;
    if (state == ConsentState::None) continue;
    EXPECT_EQ(dpv_id(state).substr(0, 4), "dpv:");
    EXPECT_EQ(parse_consent_state(dpv_id(state)), state);
  }
  EXPECT_EQ(valid, 2);
  EXPECT_EQ(dpv_id(ConsentState::None), "");
  EXPECT_FALSE(parse_consent_state(""));
}

TEST(PermittedCategoriesTest, AreThoseOfThePurposeByDefault) {
  Facts facts = permitting(bundled_pack(), "newsletter.noncommercial");
  facts.linked();
  EXPECT_EQ(permitted_categories(facts.request, facts.tool, bundled_pack()),
            (std::vector<std::string>{"user.name.first", "user.contact.email"}));
}

TEST(PermittedCategoriesTest, AreTheNarrowestOfPurposeGrantAndRequest) {
  Facts facts = permitting(bundled_pack(), "membership.admin");
  facts.grants[0].categories = {"user.contact.address.postal_code", "user.contact.email", "user.health_and_medical"};
  facts.linked();
  EXPECT_EQ(permitted_categories(facts.request, facts.tool, bundled_pack()),
            (std::vector<std::string>{"user.contact.address.postal_code", "user.contact.email"}));
  facts.asked = {"user.contact.email"};
  facts.linked();
  EXPECT_EQ(permitted_categories(facts.request, facts.tool, bundled_pack()),
            (std::vector<std::string>{"user.contact.email"}));
}

TEST(PermittedCategoriesTest, AreNeverForbiddenOnes) {
  Facts facts = permitting(case_pack(), "test.carve_out");
  facts.grants[0].categories = {"user.demographic.gender", "user.demographic.language"};
  facts.asked = {"user.demographic.gender", "user.demographic.language"};
  facts.linked();
  EXPECT_EQ(permitted_categories(facts.request, facts.tool, case_pack()),
            (std::vector<std::string>{"user.demographic.language"}));
}

TEST(PermittedCategoriesTest, AreNoneWithoutAGrant) {
  Facts facts = permitting(bundled_pack(), "membership.admin");
  facts.grants.clear();
  facts.linked();
  EXPECT_TRUE(permitted_categories(facts.request, facts.tool, bundled_pack()).empty());
}

}  // namespace
}  // namespace egide::policies::testing
