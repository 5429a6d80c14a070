// Decisions sent as CloudEvents and read back.
#include "world.h"

namespace egide::testing {
namespace {

class DecisionsTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");

  Json event(const std::string& id) const {
    Json out;
    out["specversion"] = "1.0";
    out["id"] = id;
    out["source"] = "urn:example:matcher";
    out["type"] = "org.egide.decision.v1";
    out["time"] = "2026-03-02T08:59:00Z";
    out["subject"] = "M-014";
    Json& data = out["data"];
    data["subject"] = person;
    data["system_id"] = "matching";
    data["system_version"] = "2.0.0";
    data["purpose_id"] = kMatching;
    data["decision_type"] = "match";
    data["automation_level"] = "human_confirms";
    data["effect"] = "minor";
    data["polarity"] = "benefit";
    data["outcome"] = {{"value", "not_proposed"}, {"score", 0.43}, {"threshold", 0.5}};
    data["explanation_text"] = {{"fr", "Aucune compétence commune canari."}, {"en", "No common skill, canary text."}};
    return out;
  }
  Reply post(const Json& body, const char* type) {
    return world.matcher->post("/v1/decisions", body, {{"Content-Type", type}});
  }
};

constexpr const char* kOne = "application/cloudevents+json";
constexpr const char* kBatch = "application/cloudevents-batch+json";

TEST_F(DecisionsTest, StoresAnEventOnce) {
  const Reply first = post(event("e1"), kOne);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json().at("accepted"), 1);
  const Json stored = first.json().at("decisions")[0];
  EXPECT_EQ(stored.at("source"), "urn:example:matcher");
  EXPECT_EQ(stored.at("id"), "e1");
  EXPECT_EQ(first.header("location"), "/v1/decisions/" + stored.at("decision_id").get<std::string>());
  const Reply again = post(event("e1"), "application/json");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json().at("accepted"), 0);
  EXPECT_EQ(again.json().at("already_stored"), 1);
  EXPECT_EQ(again.json().at("decisions")[0].at("decision_id"), stored.at("decision_id"));
  Json changed = event("e1");
  changed["data"]["outcome"]["score"] = 0.9;
  EXPECT_EQ(post(changed, kOne).status, 409);
}

TEST_F(DecisionsTest, RecordsABatchWholeOrRefusesItWhole) {
  const Reply reply = post(Json::array({event("e1"), event("e2"), event("e1")}), kBatch);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("accepted"), 2);
  EXPECT_EQ(reply.json().at("already_stored"), 1);
  Json broken = event("e4");
  broken.erase("source");
  const Reply refused = post(Json::array({event("e3"), broken}), kBatch);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json().at("errors")[0].at("pointer"), "#/1/source");
  EXPECT_EQ(post(event("e3"), kOne).status, 201);  // the batch had left nothing
}

TEST_F(DecisionsTest, RefusesABodyThatContradictsItsContentType) {
  EXPECT_EQ(post(Json::array({event("e1")}), kOne).status, 422);
  EXPECT_EQ(post(event("e1"), kBatch).status, 422);
  EXPECT_EQ(post(Json::array(), kBatch).status, 422);
  EXPECT_EQ(post(event("e1"), "text/plain").status, 415);
}

TEST_F(DecisionsTest, ShowsEachCallerWhatIsTheirs) {
  const Reply stored = post(event("e1"), kOne);
  ASSERT_EQ(stored.status, 201) << stored.body;
  const auto path = stored.header("location");
  const Reply officer = world.dpo->get(path);
  ASSERT_EQ(officer.status, 200) << officer.body;
  EXPECT_EQ(officer.json().at("subject"), person);
  EXPECT_NE(officer.body.find("canary text"), std::string::npos);
  for (Client* client : {world.auditor.get(), world.matcher.get()}) {
    const Reply clear = client->get(path);
    ASSERT_EQ(clear.status, 200);
    EXPECT_FALSE(clear.json().contains("subject"));
    EXPECT_EQ(clear.body.find("canary text"), std::string::npos);
    EXPECT_EQ(clear.body.find(person), std::string::npos);
  }
  EXPECT_EQ(world.other->get(path).status, 404);
}

TEST_F(DecisionsTest, ExplainsADecisionInBothLanguages) {
  const auto path = post(event("e1"), kOne).header("location");
  for (const char* language : {"fr", "en"}) {
    const Reply reply = world.dpo->get(path + "/explanation?lang=" + language);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json().at("language"), language);
    EXPECT_FALSE(reply.json().at("sections").empty());
    EXPECT_EQ(world.dpo->get(reply.json().at("proof").get<std::string>()).status, 200);
  }
  EXPECT_EQ(world.dpo->get(path + "/explanation?language=fr").status, 400);
}

TEST_F(DecisionsTest, ListsInPagesWithCursorsOfTheirOwn) {
  Json events = Json::array();
  for (int i = 0; i < 5; ++i) events.push_back(event("e" + std::to_string(i)));
  ASSERT_EQ(post(events, kBatch).status, 200);
  std::set<std::string> seen;
  std::string path = "/v1/decisions?limit=2", cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const Reply reply = world.auditor->get(path);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const Json page = reply.json();
    for (const auto& item : page.at("items")) EXPECT_TRUE(seen.insert(item.at("id").get<std::string>()).second);
    EXPECT_EQ(reply.json().contains("next_cursor"), pages < 2);
    if (pages == 2) break;
    cursor = reply.json().at("next_cursor").get<std::string>();
    path = "/v1/decisions?limit=2&cursor=" + cursor;
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(world.dpo->get("/v1/decisions?cursor=" + cursor).status, 400);                      // another caller's
  EXPECT_EQ(world.auditor->get("/v1/decisions?system=matching&cursor=" + cursor).status, 400);  // another filter's
  std::string forged = cursor;
  forged[12] = forged[12] == 'A' ? 'B' : 'A';
  EXPECT_EQ(world.auditor->get("/v1/decisions?cursor=" + forged).status, 400);
  EXPECT_EQ(world.auditor->get("/v1/decisions?cursor=" + cursor).status, 200);
  world.advance(std::chrono::hours(25));
  EXPECT_EQ(world.auditor->get("/v1/decisions?cursor=" + cursor).status, 400);
}

TEST_F(DecisionsTest, RefusesALimitOutsideItsRangeAndUnknownParameters) {
  for (const char* query : {"limit=0", "limit=501", "limit=-1", "limit=ten", "limit=", "limit=1&limit=2", "page=2",
                            "limit=99999999999999999999"}) {
    const Reply reply = world.auditor->get(std::string("/v1/decisions?") + query);
    EXPECT_EQ(reply.status, 400) << query;
    EXPECT_FALSE(reply.code().empty());
  }
}

}  // namespace
}  // namespace egide::testing
