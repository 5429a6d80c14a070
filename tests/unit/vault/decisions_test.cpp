#include "egide/vault/decisions.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

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

TEST_F(DecisionsTest, OnlyAToolRecords) {
  for (const Caller* caller : {&dpo_, &coordinator_, &auditor_, &person_}) {
    const auto refused = RecordDecisions(services()).execute(*caller, event("e1", subject_.str()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), base::ErrorCode::Forbidden);
  }
}

TEST_F(DecisionsTest, SizesAreBounded) {
  EXPECT_EQ(record(Json::array()).error().code(), base::ErrorCode::InvalidRequest);
  Json many = Json::array();
  for (int i = 0; i < 1001; ++i) many.push_back(event("m" + std::to_string(i), subject_.str()));
  EXPECT_EQ(record(many).error().code(), base::ErrorCode::TooLarge);
  many.erase(1000);
  const auto taken = record(many);
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(taken->size(), 1000U);

  Json large = event("large", subject_.str());
  large["data"]["remarks"] = std::string(256U << 10, 'x');
  const auto refused = record(large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::TooLarge);
}

TEST_F(DecisionsTest, SendingAFileAgainAddsOnlyWhatIsNew) {
  Json batch = Json::array();
  for (int i = 0; i < 20; ++i) batch.push_back(event("f" + std::to_string(i), subject_.str()));
  const auto first = record(batch);
  ASSERT_TRUE(first);
  const auto size = log_size();
  const auto again = record(batch);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(log_size(), size);

  batch.insert(batch.begin() + 10, event("between", subject_.str()));
  const auto mixed = record(batch);
  ASSERT_TRUE(mixed) << mixed.error().message();
  EXPECT_EQ(log_size(), size + 1);
  for (std::size_t i = 0; i < batch.size(); ++i) EXPECT_EQ(mixed->at(i).is_new, i == 10) << i;
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(mixed->at(i).id, first->at(i).id);
  EXPECT_EQ(mixed->at(11).id, first->at(10).id);
}

TEST_F(DecisionsTest, AConflictNamesItsEventsAndRecordsNothing) {
  ASSERT_TRUE(record(event("known", subject_.str())));
  Json batch = Json::array({event("n1", subject_.str()), event("known", subject_.str()), event("n2", subject_.str())});
  batch[1]["data"]["outcome"]["value"] = "not_proposed";
  const auto size = log_size();
  const auto refused = record(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::Conflict);
  ASSERT_EQ(refused.error().fields().size(), 1U);
  EXPECT_EQ(refused.error().fields()[0].pointer, "/1/id");
  EXPECT_EQ(log_size(), size);

  batch[1] = batch[0];
  batch[1]["data"]["outcome"]["value"] = "not_proposed";
  const auto twice = record(batch);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().fields().at(0).pointer, "/1/id");
}

TEST_F(DecisionsTest, ThePlaceOfMembersIsNoDifference) {
  ASSERT_TRUE(record(Json::parse(event("e1", subject_.str()).dump(2))));
  nlohmann::ordered_json turned = nlohmann::ordered_json::object();
  const Json one = event("e1", subject_.str());
  for (auto member = one.rbegin(); member != one.rend(); ++member) turned[member.key()] = member.value();
  const auto again = record(Json::parse(turned.dump()));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_FALSE(again->at(0).is_new);
}

TEST_F(DecisionsTest, AnotherToolLearnsNothingOfAnEvent) {
  ASSERT_TRUE(record(event("e1", subject_.str())));
  NewTool other;
  other.id = "other";
  other.purposes = {"ai.mission_matching"};
  const auto token = Accounts(services()).add_tool(dpo_, other);
  ASSERT_TRUE(token);
  const Caller caller = *Accounts(services()).authenticate(*token);
  const auto same = RecordDecisions(services()).execute(caller, event("e1", subject_.str()));
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code(), base::ErrorCode::Conflict);
  const auto mine = ListDecisions(services()).execute(caller, DecisionQuery());
  ASSERT_TRUE(mine);
  EXPECT_TRUE(mine->items.empty());
}

TEST_F(DecisionsTest, APurposeIsNamedByAToolThatHasSeveral) {
  NewTool other;
  other.id = "other";
  other.purposes = {"ai.mission_matching", "ai.mission_recommendation"};
  const Caller caller = *Accounts(services()).authenticate(*Accounts(services()).add_tool(dpo_, other));
  Json one = event("e1", subject_.str());
  const auto refused = RecordDecisions(services()).execute(caller, one);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields().at(0).pointer, "/data/purpose_id");
  one["data"]["purpose_id"] = "ai.mission_recommendation";
  const auto recorded = RecordDecisions(services()).execute(caller, one);
  ASSERT_TRUE(recorded);
  EXPECT_EQ(GetDecision(services()).execute(dpo_, recorded->at(0).id)->view.purpose, "ai.mission_recommendation");
  // Named, but never granted: recorded, without a permit.
  one["id"] = "e2";
  one["data"]["purpose_id"] = "newsletter.noncommercial";
  const auto strange = RecordDecisions(services()).execute(caller, one);
  ASSERT_TRUE(strange);
  EXPECT_EQ(strange->at(0).reason, policies::Reason::PurposeNotGranted);
}

TEST_F(DecisionsTest, PeopleAreFoundByEveryNameAToolKnows) {
  Attributes attributes;
  attributes["user.unique_id"] = "BEN-00042";
  const auto id = RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
  ASSERT_TRUE(id);
  const auto pseudonym = ListPseudonyms(services()).execute(tool_, "ai.mission_matching", {id->str()});
  ASSERT_TRUE(pseudonym);
  int number = 0;
  for (const std::string& name : {std::string("BEN-00042"), id->str(), pseudonym->at(0)}) {
    const auto recorded = record(event("n" + std::to_string(number++), name));
    ASSERT_TRUE(recorded);
    EXPECT_TRUE(recorded->at(0).person_known) << name;
    EXPECT_EQ(GetDecision(services()).execute(dpo_, recorded->at(0).id)->subject, *id);
  }
  for (const std::string& name : {std::string("BEN-00043"), std::string("ben-00042"), base::SubjectId().str(),
                                  std::string("p_AAAAAAAAAAAAAAAAAAAAAA")}) {
    const auto recorded = record(event("n" + std::to_string(number++), name));
    ASSERT_TRUE(recorded);
    EXPECT_FALSE(recorded->at(0).person_known) << name;
    EXPECT_EQ(recorded->at(0).reason, policies::Reason::UnknownSubject);
  }
}

TEST_F(DecisionsTest, OfAnUnknownPersonNothingPersonalIsKept) {
  const auto recorded = record(event("e1", "CANARY-NOBODY"));
  ASSERT_TRUE(recorded);
  const auto reads = services().reads->lease();
  const auto row = storage::DecisionRepository(**reads).find(recorded->at(0).id);
  ASSERT_TRUE(row && *row);
  EXPECT_TRUE((*row)->sealed.empty());
  EXPECT_FALSE((*row)->subject);
  EXPECT_EQ((*row)->clear.find("CANARY"), std::string::npos);
  EXPECT_EQ(Json::parse((*row)->clear).at("not_kept"), Json::array({"explanation_text", "inputs_used"}));
}

TEST_F(DecisionsTest, TheEntrySaysWhetherThereWasAPermit) {
  consent("given");
  const auto with = record(event("e1", subject_.str()));
  consent("withdrawn");
  const auto without = record(event("e2", subject_.str()));
  ASSERT_TRUE(with && without);
  const auto reads = services().reads->lease();
  for (const auto* answer : {&*with, &*without}) {
    const auto line = storage::LogStore(**reads).leaf(answer->at(0).log_index);
    ASSERT_TRUE(line);
    audit::ParsedLeaf leaf;
    ASSERT_TRUE(audit::parse_leaf(*line, leaf));
    EXPECT_EQ(leaf.leaf.event, audit::event::kDecisionRecorded);
    EXPECT_EQ(leaf.leaf.purpose, "ai.mission_matching");
    EXPECT_EQ(leaf.leaf.outcome, answer == &*with ? audit::Outcome::Allow : audit::Outcome::Deny);
    EXPECT_EQ(leaf.leaf.policy, services().pack->revision());
    const auto kaudit =
        crypto::unwrap_kaudit(services().epoch_keys, subject_, services().subjects.find(subject_)->keys);
    EXPECT_EQ(leaf.leaf.resource_tag,
              audit::resource_tag(kaudit->expose_secret(), leaf.leaf.index, answer->at(0).id.uuid()));
  }
}

TEST_F(DecisionsTest, TheConsentsRecordIsSealed) {
  consent("given");
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  const std::string consent_id = services()
                                     .subjects.find(subject_)
                                     ->consent(*services().pack->index_of("ai.mission_matching"))
                                     ->person.record.str();
  const auto seen = GetDecision(services()).execute(dpo_, recorded->at(0).id);
  ASSERT_TRUE(seen && seen->sealed);
  EXPECT_EQ(Json::parse(*seen->sealed).at("consent_record"), consent_id);
  EXPECT_EQ(seen->view.clear.find(consent_id), std::string::npos);
}

TEST_F(DecisionsTest, AChangedRecordIsNotShown) {
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  const auto id = recorded->at(0).id;
  const char* changes[] = {"system_id = 'other'",
                           "system_version = '9'",
                           "had_permit = 1 - had_permit",
                           "occurred_at = occurred_at - 1",
                           "recorded_at = recorded_at + 1",
                           "clear = replace(clear, 'proposed', 'rejected')",
                           "purpose = 'newsletter.noncommercial'",
                           "tool_id = 'other'",
                           "event_id = 'e9'"};
  const auto connection = services().database->connect();
  ASSERT_TRUE(connection);
  const auto run = [&](const std::string& sql) {
    ASSERT_TRUE((*connection)->begin_write());
    ASSERT_TRUE((*connection)->execute(sql));
    ASSERT_TRUE((*connection)->commit());
  };
  run("CREATE TABLE kept AS SELECT * FROM decision");
  for (const char* change : changes) {
    run(std::string("UPDATE decision SET ") + change);
    const auto refused = GetDecision(services()).execute(dpo_, id);
    ASSERT_FALSE(refused) << change;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::Integrity);
    run("DELETE FROM decision");
    run("INSERT INTO decision SELECT * FROM kept");
    EXPECT_TRUE(GetDecision(services()).execute(dpo_, id));
  }
  run("DROP TABLE kept");
}

TEST_F(DecisionsTest, AnErasedPersonLeavesADecisionWithoutAPerson) {
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  fulfil(begin("erasure", person_));
  const auto seen = GetDecision(services()).execute(dpo_, recorded->at(0).id);
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_FALSE(seen->sealed);
  EXPECT_FALSE(seen->subject);
  EXPECT_FALSE(seen->view.person_known);
  const auto later = record(event("e2", subject_.str()));
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->at(0).person_known);
  EXPECT_EQ(later->at(0).reason, policies::Reason::Erased);
  const auto again = record(event("e1", subject_.str()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->at(0).id, recorded->at(0).id);
}

TEST_F(DecisionsTest, ReadingWhatIsSealedIsLogged) {
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  const auto size = log_size();
  ASSERT_TRUE(GetDecision(services()).execute(auditor_, recorded->at(0).id));
  ASSERT_TRUE(GetDecision(services()).execute(tool_, recorded->at(0).id));
  EXPECT_EQ(log_size(), size);
  ASSERT_TRUE(GetDecision(services()).execute(dpo_, recorded->at(0).id));
  ASSERT_TRUE(ExplainDecision(services()).execute(person_, recorded->at(0).id, "fr"));
  EXPECT_EQ(events_from(size), (std::vector<std::string>{"decision.read", "decision.read"}));
}

TEST_F(DecisionsTest, SomebodyElsesDecisionIsNotThere) {
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  const Caller stranger = self(register_person("Other", "other@example.org"));
  for (const Caller* caller : std::vector<const Caller*>{&stranger, &coordinator_}) {
    EXPECT_EQ(GetDecision(services()).execute(*caller, recorded->at(0).id).error().code(), base::ErrorCode::NotFound);
    EXPECT_EQ(ExplainDecision(services()).execute(*caller, recorded->at(0).id, "fr").error().code(),
              base::ErrorCode::NotFound);
  }
  EXPECT_EQ(GetDecision(services()).execute(dpo_, base::RecordId()).error().code(), base::ErrorCode::NotFound);
}

TEST_F(DecisionsTest, ExplainsWhatWeighedMostFirst) {
  Json one = event("e1", subject_.str());
  one["data"]["contributions"] = Json::parse(R"([{"name":"small","contribution":0.01,"direction":"for"},
    {"name":"large","contribution":-0.5,"direction":"against"}])");
  one["data"]["counterfactuals"] = Json::parse(
      R"([{"changes":[{"name":"skills_shared","from":0,"to":1}],"new_outcome":{"value":"proposed","score":0.55}}])");
  one["data"]["automation_level"] = "human_confirms";
  const auto recorded = record(one);
  ASSERT_TRUE(recorded) << recorded.error().fields().at(0).pointer;
  const auto told = ExplainDecision(services()).execute(person_, recorded->at(0).id, "en");
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->missing.empty());
  std::map<std::string, DecisionExplanation::Section> sections;
  for (const auto& section : told->sections) sections[section.key] = section;
  EXPECT_EQ(sections.at("weights").lines,
            (std::vector<std::string>{"large: -0.5 (against)", "small: 0.01 (in favour)"}));
  EXPECT_EQ(sections.at("change").lines,
            (std::vector<std::string>{"skills_shared from 0 to 1 → proposed (score 0.55)"}));
  EXPECT_TRUE(sections.at("change").unverified);
  EXPECT_FALSE(sections.at("proof").unverified);
  EXPECT_EQ(told->proof, "/v1/audit/entries/" + std::to_string(told->log_index) + "/proof");
  // An auditor gets the words without the person's part.
  const auto clear = ExplainDecision(services()).execute(auditor_, recorded->at(0).id, "en");
  ASSERT_TRUE(clear);
  for (const auto& section : clear->sections)
    for (const auto& line : section.lines) EXPECT_EQ(line.find("large"), std::string::npos);
}

// Many threads post the same events: each is recorded once, and all get the same ids.
TEST_F(DecisionsTest, TheSameEventsAtOnceAreRecordedOnce) {
  Json batch = Json::array();
  for (int i = 0; i < 50; ++i) batch.push_back(event("s" + std::to_string(i), subject_.str()));
  const auto size = log_size();
  std::vector<std::vector<RecordedDecision>> answers(6);
  std::vector<std::thread> threads;
  for (auto& mine : answers)
    threads.emplace_back([&] {
      auto recorded = record(batch);
      if (recorded) mine = std::move(*recorded);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(log_size(), size + 50);
  std::size_t fresh = 0;
  for (const auto& mine : answers) {
    ASSERT_EQ(mine.size(), 50U);
    for (std::size_t i = 0; i < 50; ++i) {
      EXPECT_EQ(mine[i].id, answers[0][i].id);
      fresh += mine[i].is_new ? 1U : 0U;
    }
  }
  EXPECT_EQ(fresh, 50U);
}

// Behind the entry of a withdrawal no decision about that person counts as permitted.
TEST_F(DecisionsTest, NoPermitStandsBehindAWithdrawal) {
  consent("given");
  std::atomic<bool> stop{false};
  std::atomic<int> number{0}, permits{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (!stop.load()) {
        const auto recorded = record(event("w" + std::to_string(++number), subject_.str()));
        if (recorded && recorded->at(0).had_permit) ++permits;
      }
    });
  for (int round = 0; round < 10; ++round) {
    const int before = permits.load();
    while (permits.load() == before) std::this_thread::yield();
    consent("withdrawn");
    consent("given");
  }
  stop = true;
  for (auto& thread : threads) thread.join();

  const auto kaudit = crypto::unwrap_kaudit(services().epoch_keys, subject_, services().subjects.find(subject_)->keys);
  ASSERT_TRUE(kaudit);
  const auto reads = services().reads->lease();
  const auto lines = storage::LogStore(**reads).leaves(0, 1'000'000);
  ASSERT_TRUE(lines);
  bool given = false;
  int checked = 0;
  for (const auto& line : *lines) {
    audit::ParsedLeaf leaf;
    ASSERT_TRUE(audit::parse_leaf(line, leaf));
    if (leaf.leaf.subject_tag != audit::subject_tag(kaudit->expose_secret(), leaf.leaf.index)) continue;
    if (leaf.leaf.event == audit::event::kConsentGiven) given = true;
    if (leaf.leaf.event == audit::event::kConsentWithdrawn) given = false;
    if (leaf.leaf.event != audit::event::kDecisionRecorded) continue;
    ++checked;
    ASSERT_EQ(leaf.leaf.outcome == audit::Outcome::Allow, given) << "entry " << leaf.leaf.index;
  }
  EXPECT_GT(checked, 10);
}

TEST_F(DecisionsTest, SurviveARestart) {
  consent("given");
  const auto recorded = record(event("e1", subject_.str()));
  ASSERT_TRUE(recorded);
  reopen();
  const auto seen = GetDecision(services()).execute(dpo_, recorded->at(0).id);
  ASSERT_TRUE(seen) << seen.error().message();
  EXPECT_TRUE(seen->view.had_permit);
  EXPECT_EQ(seen->view.log_index, recorded->at(0).log_index);
  EXPECT_FALSE(record(event("e1", subject_.str()))->at(0).is_new);
}

}  // namespace
}  // namespace egide::vault
