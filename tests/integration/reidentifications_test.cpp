// From a pseudonym back to a person: two people, limited time, in the person's own log.
#include "world.h"

namespace egide::testing {
namespace {

class ReidentificationsTest : public WorldTest {
 protected:
  ReidentificationsTest() {
    const Json asked = {{"purpose", kMatching}, {"subjects", {person}}};
    pseudonym = world.matcher->post("/v1/gateway/pseudonyms", asked)
                    .json()
                    .at("pseudonyms")[0]
                    .at("pseudonym")
                    .get<std::string>();
    other_pseudonym = world.other->post("/v1/gateway/pseudonyms", asked)
                          .json()
                          .at("pseudonyms")[0]
                          .at("pseudonym")
                          .get<std::string>();
  }
  struct Account {
    std::string id;
    std::unique_ptr<Client> client;
  };
  Account account(const std::string& label, const std::string& role) {
    const Json made = world.admin->post("/v1/users", {{"label", label}, {"role", role}}).json();
    return {made.at("id").get<std::string>(),
            std::make_unique<Client>(world.port(), made.at("token").get<std::string>())};
  }
  void disable(const Account& account) {
    EXPECT_EQ(world.admin->send("DELETE", "/v1/users/" + account.id).status, 204);
  }
  Json asked() const {
    return {{"pseudonym", pseudonym},
            {"tool", "matcher"},
            {"purpose", kMatching},
            {"reason", "The tool reports a medical emergency"},
            {"duration", "PT30M"}};
  }
  std::string open(Client& by) {
    const Reply reply = by.post("/v1/reidentifications", asked());
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.header("location");
  }
  static Reply approve(Client& by, const std::string& path) { return by.post(path + "/approve", Json::object()); }
  void erase() {
    const Reply opened = world.dpo->post("/v1/requests", {{"type", "erasure"}, {"subject", person}});
    const auto path = opened.header("location") + "/transitions";
    const Reply moved = world.dpo->post(path, {{"to", "in_progress"}}, {{"If-Match", opened.header("etag")}});
    EXPECT_EQ(world.dpo->post(path, {{"to", "fulfilled"}}, {{"If-Match", moved.header("etag")}}).status, 200);
  }

  std::string person = world.register_person("canary@example.org");
  std::string pseudonym, other_pseudonym;
};

TEST_F(ReidentificationsTest, NamesThePersonAfterTwoPeopleAgreedAndForAWhile) {
  const auto path = open(*world.coordinator);
  Json seen = world.coordinator->get(path).json();
  EXPECT_EQ(seen.at("state"), "pending");
  EXPECT_FALSE(seen.contains("subject"));
  const Reply approved = approve(*world.dpo, path);
  ASSERT_EQ(approved.status, 200) << approved.body;
  EXPECT_EQ(approved.json().at("state"), "approved");
  EXPECT_EQ(approved.body.find(person), std::string::npos);
  seen = world.coordinator->get(path).json();
  EXPECT_EQ(seen.at("subject"), person);
  EXPECT_EQ(seen.at("pseudonym"), pseudonym);
  // Who approved learns nothing by it.
  EXPECT_FALSE(world.dpo->get(path).json().contains("subject"));
  world.advance(std::chrono::minutes{30} - std::chrono::milliseconds{1});
  EXPECT_TRUE(world.coordinator->get(path).json().contains("subject"));
  world.advance(std::chrono::milliseconds{1});
  seen = world.coordinator->get(path).json();
  EXPECT_EQ(seen.at("state"), "ended");
  EXPECT_FALSE(seen.contains("subject"));
  EXPECT_EQ(approve(*world.dpo, path).status, 409);  // no second life
}

TEST_F(ReidentificationsTest, NeverCountsTheOpenersOwnApproval) {
  const auto path = open(*world.dpo);
  EXPECT_EQ(approve(*world.dpo, path).status, 403);
  EXPECT_FALSE(world.dpo->get(path).json().contains("subject"));
  EXPECT_EQ(approve(*world.coordinator, path).status, 200);
  EXPECT_EQ(world.dpo->get(path).json().at("subject"), person);
  EXPECT_EQ(approve(*world.coordinator, path).status, 409);
}

TEST_F(ReidentificationsTest, WantsADataProtectionOfficerAmongTheTwo) {
  const auto second = account("second coordinator", "coordinator");
  const auto path = open(*world.coordinator);
  EXPECT_EQ(approve(*second.client, path).status, 403);
  EXPECT_FALSE(world.coordinator->get(path).json().contains("subject"));
  for (Client* by : {world.admin.get(), world.auditor.get(), world.matcher.get()}) {
    EXPECT_EQ(approve(*by, path).status, 403);
    EXPECT_EQ(by->post("/v1/reidentifications", asked()).status, 403);
    EXPECT_EQ(by->get(path).status, 403);
  }
}

TEST_F(ReidentificationsTest, DoesNotCountDisabledAccounts) {
  const auto officer = account("second officer", "dpo");
  const auto helper = account("helper", "coordinator");
  const auto opened_by_helper = open(*helper.client);
  const auto approved_by_officer = open(*world.coordinator);
  EXPECT_EQ(approve(*officer.client, approved_by_officer).status, 200);
  EXPECT_TRUE(world.coordinator->get(approved_by_officer).json().contains("subject"));
  disable(officer);
  disable(helper);
  EXPECT_EQ(approve(*officer.client, opened_by_helper).status, 401);
  EXPECT_EQ(approve(*world.dpo, opened_by_helper).status, 409);
  EXPECT_FALSE(world.coordinator->get(approved_by_officer).json().contains("subject"));
}

TEST_F(ReidentificationsTest, LapsesWhenNobodyApproves) {
  const auto path = open(*world.coordinator);
  world.advance(std::chrono::hours{24 * 7});
  EXPECT_EQ(world.coordinator->get(path).json().at("state"), "lapsed");
  EXPECT_EQ(approve(*world.dpo, path).status, 409);
}

TEST_F(ReidentificationsTest, AnswersEveryPseudonymThatLeadsNowhereInTheSameWords) {
  std::set<std::string> answers;
  const auto ask = [&](const std::string& text, const std::string& tool, const std::string& purpose) {
    Json body = asked();
    body["pseudonym"] = text;
    body["tool"] = tool;
    body["purpose"] = purpose;
    const Reply reply = world.dpo->post("/v1/reidentifications", body);
    EXPECT_EQ(reply.status, 404) << text;
    Json document = reply.json();
    document.erase("request_id");
    answers.insert(document.dump());
  };
  ask("p_AAAAAAAAAAAAAAAAAAAAAA", "matcher", kMatching);
  ask("no pseudonym", "matcher", kMatching);
  ask(person, "matcher", kMatching);  // an id is no pseudonym
  ask(other_pseudonym, "matcher", kMatching);
  ask(pseudonym, "other", kMatching);
  ask(pseudonym, "matcher", kNewsletter);
  ask(pseudonym, "no-such-tool", kMatching);
  ask(pseudonym, "matcher", "no.such.purpose");
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_TRUE(world.dpo->get("/v1/reidentifications").json().at("items").empty());
}

TEST_F(ReidentificationsTest, ShowsEveryStepToThePerson) {
  const auto path = open(*world.coordinator);
  EXPECT_EQ(approve(*world.dpo, path).status, 200);
  EXPECT_EQ(world.coordinator->get(path).status, 200);
  const Reply opened = world.dpo->post("/v1/requests", {{"type", "access"}, {"subject", person}});
  const auto moves = opened.header("location") + "/transitions";
  const Reply moved = world.dpo->post(moves, {{"to", "in_progress"}}, {{"If-Match", opened.header("etag")}});
  world.dpo->post(moves, {{"to", "fulfilled"}}, {{"If-Match", moved.header("etag")}});
  const Reply package = world.dpo->get(opened.header("location") + "/package");
  ASSERT_EQ(package.status, 200);
  const std::string shown = package.json().dump();
  for (const char* text : {"reidentification.opened", "reidentification.approved", "reidentification.read",
                           "The tool reports a medical emergency", "\"identity\":true"})
    EXPECT_NE(shown.find(text), std::string::npos) << text;
}

TEST_F(ReidentificationsTest, IsGoneWithThePerson) {
  const auto pending = open(*world.coordinator);
  const auto approved = open(*world.coordinator);
  EXPECT_EQ(approve(*world.dpo, approved).status, 200);
  erase();
  EXPECT_EQ(world.coordinator->get(approved).status, 410);
  EXPECT_EQ(approve(*world.dpo, pending).status, 410);
  EXPECT_EQ(world.dpo->post("/v1/reidentifications", asked()).status, 410);
  for (const auto& item : world.dpo->get("/v1/reidentifications").json().at("items"))
    EXPECT_EQ(item.at("state"), "gone");
  world.restart();
  EXPECT_EQ(world.coordinator->get(approved).status, 410);
}

TEST_F(ReidentificationsTest, SurvivesARestart) {
  const auto path = open(*world.coordinator);
  world.restart();
  EXPECT_EQ(approve(*world.dpo, path).status, 200);
  world.restart();
  EXPECT_EQ(world.coordinator->get(path).json().at("subject"), person);
}

TEST_F(ReidentificationsTest, ListsWithoutPseudonymsOrPeople) {
  const auto path = open(*world.coordinator);
  open(*world.dpo);
  EXPECT_EQ(approve(*world.dpo, path).status, 200);
  const Reply first = world.dpo->get("/v1/reidentifications?limit=1");
  const auto cursor = first.json().at("next_cursor").get<std::string>();
  const Reply second = world.dpo->get("/v1/reidentifications?limit=1&cursor=" + cursor);
  EXPECT_FALSE(second.json().contains("next_cursor"));
  for (const Reply* reply : {&first, &second}) {
    EXPECT_EQ(reply->body.find(person), std::string::npos);
    EXPECT_EQ(reply->body.find(pseudonym), std::string::npos);
    EXPECT_EQ(reply->body.find("emergency"), std::string::npos);
  }
}

TEST_F(ReidentificationsTest, SaysWhereARequestIsWrong) {
  const auto pointers = [this](const Json& body) {
    const Reply reply = world.dpo->post("/v1/reidentifications", body);
    EXPECT_EQ(reply.status, 422) << reply.body;
    std::set<std::string> out;
    const Json problem = reply.json();
    for (const auto& error : problem.at("errors")) out.insert(error.at("pointer").get<std::string>());
    return out;
  };
  EXPECT_EQ(pointers(Json::object()), (std::set<std::string>{"#/pseudonym", "#/tool", "#/purpose", "#/reason"}));
  for (const char* duration : {"PT0S", "PT59S", "P2D", "P1M", "1h", "", "-PT1H"}) {
    Json body = asked();
    body["duration"] = duration;
    EXPECT_EQ(pointers(body), (std::set<std::string>{"#/duration"})) << duration;
  }
  Json body = asked();
  body["reason"] = "because";
  EXPECT_EQ(pointers(body), (std::set<std::string>{"#/reason"}));
  EXPECT_EQ(
      world.dpo->post("/v1/reidentifications/00000000-0000-0000-0000-000000000000/approve", Json::object()).status,
      404);
}

TEST_F(ReidentificationsTest, OpensOnceForOneIdempotencyKey) {
  const Headers key = {{"Idempotency-Key", "emergency-1"}};
  const Reply first = world.dpo->post("/v1/reidentifications", asked(), key);
  const Reply again = world.dpo->post("/v1/reidentifications", asked(), key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(world.dpo->get("/v1/reidentifications").json().at("items").size(), 1U);
}

}  // namespace
}  // namespace egide::testing
