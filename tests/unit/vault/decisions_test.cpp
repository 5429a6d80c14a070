#include "egide/vault/decisions.h"

#include <gtest/gtest.h>

#include "requests_fixture.h"

namespace egide::vault {
namespace {

using Json = nlohmann::json;

class DecisionsTest : public RequestsFixture {
 protected:
  Json event(const std::string& id, const std::string& person) {
    return {{"specversion", "1.0"},
            {"id", id},
            {"source", "urn:test:match"},
            {"type", "org.egide.decision.v1"},
            {"subject", "M-001"},
            {"data",
             {{"subject", person},
              {"system_id", "appariement"},
              {"system_version", "2.0.0"},
              {"outcome", {{"value", "proposed"}, {"score", 0.6}}},
              {"inputs_used", Json::array({{{"name", "distance_km"}, {"value", "CANARY-DISTANCE"}}})},
              {"explanation_text", {{"fr", "Parce que."}, {"en", "Because."}}}}}};
  }
  base::Result<std::vector<RecordedDecision>> record(const Json& events) {
    return RecordDecisions(services()).execute(tool_, events);
  }
  void consent(const char* status) {
    NewConsent given;
    given.purpose = "ai.mission_matching";
    given.status = status;
    given.channel = "paper";
    given.evidence = "form";
    static_cast<void>(RecordConsent(services()).execute(dpo_, subject_, given));
  }
};

TEST_F(DecisionsTest, KeepsWhatWasTrueAtThatMoment) {
  consent("given");
  const auto with = record(event("e1", subject_.str()));
  ASSERT_TRUE(with) << with.error().message();
  consent("withdrawn");
  const auto without = record(event("e2", subject_.str()));
  ASSERT_TRUE(without);
  EXPECT_TRUE(with->at(0).had_permit);
  EXPECT_FALSE(without->at(0).had_permit);
  EXPECT_EQ(without->at(0).reason, policies::Reason::ConsentWithdrawn);
  const auto kept = GetDecision(services()).execute(auditor_, with->at(0).id);
  ASSERT_TRUE(kept);
  EXPECT_EQ(Json::parse(kept->view.clear).at("consent").at("state"), "dpv:ConsentGiven");
}

TEST_F(DecisionsTest, TheSameEventTwiceIsOneDecision) {
  const auto size = [&] { return log_size(); };
  const auto first = record(event("e1", subject_.str()));
  ASSERT_TRUE(first);
  const auto before = size();
  const auto again = record(event("e1", subject_.str()));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->at(0).is_new);
  EXPECT_EQ(again->at(0).id, first->at(0).id);
  EXPECT_EQ(size(), before);
  Json other = event("e1", subject_.str());
  other["data"]["outcome"]["score"] = 0.1;
  const auto conflict = record(other);
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().code(), base::ErrorCode::Conflict);
}

TEST_F(DecisionsTest, ABatchIsTakenWholeOrNotAtAll) {
  Json batch = Json::array();
  for (int i = 0; i < 5; ++i) batch.push_back(event("b" + std::to_string(i), subject_.str()));
  batch[3]["data"].erase("outcome");
  batch[4]["specversion"] = "0.3";
  const auto before = log_size();
  const auto refused = record(batch);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().fields().size(), 2U);
  EXPECT_EQ(refused.error().fields()[0].pointer, "/3/data/outcome");
  EXPECT_EQ(refused.error().fields()[1].pointer, "/4/specversion");
  EXPECT_EQ(log_size(), before);

  batch[3] = event("b0", subject_.str());  // a repeat inside the batch counts as accepted
  batch[4] = event("b4", "nobody we know");
  const auto taken = record(batch);
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(taken->at(3).id, taken->at(0).id);
  EXPECT_FALSE(taken->at(3).is_new);
  EXPECT_FALSE(taken->at(4).person_known);
  EXPECT_EQ(log_size(), before + 4);
}

TEST_F(DecisionsTest, RefusesAPersonInTheContextAttributes) {
  for (const char* text : {"zoe@example.org", "06 39 98 21 22", "+33639982122"}) {
    Json personal = event("p", subject_.str());
    personal["subject"] = text;
    const auto refused = record(personal);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().fields().at(0).pointer, "/subject");
    EXPECT_EQ(refused.error().fields().at(0).detail.find(text), std::string::npos);
  }
}

TEST_F(DecisionsTest, WhatIsSaidOfAPersonIsSealedAndShownToFew) {
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  const auto id = recorded->at(0).id;
  const auto auditor = GetDecision(services()).execute(auditor_, id);
  ASSERT_TRUE(auditor);
  EXPECT_FALSE(auditor->sealed);
  EXPECT_FALSE(auditor->subject);
  EXPECT_EQ(auditor->view.clear.find("CANARY"), std::string::npos);
  const auto dpo = GetDecision(services()).execute(dpo_, id);
  ASSERT_TRUE(dpo && dpo->sealed);
  EXPECT_NE(dpo->sealed->find("CANARY-DISTANCE"), std::string::npos);
  const auto own = GetDecision(services()).execute(person_, id);
  ASSERT_TRUE(own && own->sealed);
  const auto coordinator = GetDecision(services()).execute(coordinator_, id);
  ASSERT_FALSE(coordinator);
  EXPECT_EQ(coordinator.error().code(), base::ErrorCode::NotFound);
}

TEST_F(DecisionsTest, ExplainsInBothLanguagesWithProofOfTime) {
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  for (const char* language : {"fr", "en"}) {
    const auto told = ExplainDecision(services()).execute(person_, recorded->at(0).id, language);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->language, language);
    EXPECT_EQ(told->log_index, recorded->at(0).log_index);
    EXPECT_EQ(told->missing, (std::vector<std::string>{"contributions", "counterfactuals"}));
    for (const auto& section : told->sections) EXPECT_FALSE(section.heading.empty());
  }
}

TEST_F(DecisionsTest, ListsInPagesAndEachToolItsOwn) {
  Json batch = Json::array();
  for (int i = 0; i < 7; ++i) batch.push_back(event("l" + std::to_string(i), subject_.str()));
  ASSERT_TRUE(record(batch));
  DecisionQuery query;
  query.limit = 3;
  std::vector<base::RecordId> seen;
  for (;;) {
    const auto page = ListDecisions(services()).execute(tool_, query);
    ASSERT_TRUE(page);
    for (const auto& item : page->items) seen.push_back(item.id);
    if (!page->next) break;
    query.after = page->next;
  }
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_FALSE(ListDecisions(services()).execute(coordinator_, DecisionQuery()));
}

}  // namespace
}  // namespace egide::vault
