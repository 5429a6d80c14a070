// Generic policies on the AuthZEN endpoints: any types, beside the consent gateway.
#include "generic_fixture.h"

namespace egide::testing {
namespace {

using AuthzenGenericTest = GenericTest;

TEST_F(AuthzenGenericTest, DecidesByRulesAndSaysWhich) {
  const Json permit = decide(asked("lena", "borrow", "b-1"));
  EXPECT_EQ(permit.at("decision"), true);
  EXPECT_EQ(permit.at("context").at("reason"), "permit");
  EXPECT_EQ(permit.at("context").at("rule"), "readers-borrow");
  EXPECT_TRUE(permit.at("context").at("obligations").empty());

  const Json none = decide(asked("lena", "borrow", "b-2"));
  EXPECT_EQ(none.at("decision"), false);
  EXPECT_EQ(none.at("context").at("reason"), "no_rule");
  EXPECT_EQ(decide(asked("lena", "view", "acc-9")).at("decision"), true);
  EXPECT_EQ(decide(asked("omar", "view", "acc-9")).at("decision"), false);
}

TEST_F(AuthzenGenericTest, LetsADenyWinOverAPermit) {
  Json body = asked("omar", "discard", "b-1");
  const Json denied = decide(body);
  EXPECT_EQ(denied.at("decision"), false);
  EXPECT_EQ(denied.at("context").at("reason"), "rule_denied");
  EXPECT_EQ(denied.at("context").at("rule"), "no-discard-without-form");
  body["action"]["properties"]["form"] = "f-12";
  EXPECT_EQ(decide(body).at("decision"), true);
}

TEST_F(AuthzenGenericTest, LetsTheRequestsPropertiesReplaceStoredOnesKeyByKey) {
  Json body = asked("lena", "borrow", "b-2");
  body["resource"]["properties"] = {{"colour", "red"}};
  EXPECT_EQ(decide(body).at("decision"), false);  // the stored state stands
  body["resource"]["properties"]["state"] = "on_shelf";
  EXPECT_EQ(decide(body).at("decision"), true);
}

TEST_F(AuthzenGenericTest, CoversPairsOfOneFileOnly) {
  Json body = asked("lena", "borrow", "b-1");
  body["subject"]["type"] = "visitor";
  EXPECT_EQ(decide(body).at("context").at("reason"), "no_policy");
  body = asked("lena", "borrow", "b-1");
  body["resource"]["type"] = "person";
  EXPECT_EQ(decide(body).at("context").at("reason"), "no_policy");
  body = asked("lena", "borrow", "b-1");
  body["subject"] = entity("application", "gate");
  EXPECT_EQ(decide(body).at("context").at("reason"), "no_policy");
}

TEST_F(AuthzenGenericTest, IsForThoseWhoMayAskForAny) {
  const Json body = asked("lena", "borrow", "b-1");
  EXPECT_EQ(world.dpo->post("/access/v1/evaluation", body).json().at("decision"), true);
  const Reply refused = world.matcher->post("/access/v1/evaluation", body);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.code(), "forbidden");
  EXPECT_EQ(world.auditor->post("/access/v1/evaluation", body).status, 403);
  EXPECT_EQ(world.matcher->post("/access/v1/search/action", asked("lena", "", "b-1")).status, 403);
}

TEST_F(AuthzenGenericTest, LetsAdminMakeAToolThatMayAskForAny) {
  const Reply created =
      world.admin->post("/v1/tools", {{"id", "gateway"}, {"purposes", Json::array()}, {"evaluate_any", true}});
  ASSERT_EQ(created.status, 201) << created.body;
  Client tool(world.port(), created.json().at("key").get<std::string>());
  EXPECT_EQ(tool.post("/access/v1/evaluation", asked("lena", "borrow", "b-1")).json().at("decision"), true);
  EXPECT_EQ(world.admin->post("/v1/tools", {{"id", "idle"}, {"purposes", Json::array()}}).status, 422);
}

TEST_F(AuthzenGenericTest, IsLoggedUnderItsOwnRevisionWithoutAnyId) {
  const Json context = decide(asked("lena", "borrow", "b-1")).at("context");
  const Reply entry = world.auditor->get("/v1/audit/entries/" + context.at("log_index").dump());
  ASSERT_EQ(entry.status, 200);
  EXPECT_EQ(entry.json().at("ev"), "access.evaluated");
  EXPECT_EQ(entry.json().at("dec"), "allow");
  EXPECT_EQ(entry.json().at("pol"), context.at("policy_revision"));
  EXPECT_EQ(entry.body.find("lena"), std::string::npos);
  EXPECT_EQ(entry.body.find("b-1"), std::string::npos);
  EXPECT_FALSE(entry.json().contains("sub"));
}

TEST_F(AuthzenGenericTest, MixesWithConsentInOneBatch) {
  const auto person = world.register_person("one@example.org");
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  Json body;
  body["evaluations"] = {
      asked("lena", "borrow", "b-1"),
      world.question("matcher", person, kMatching),
      asked("lena", "borrow", "b-2"),
      world.question("mailer", person, kNewsletter),
      {{"subject", entity("ghost", "g")}, {"resource", entity("book", "b-1")}, {"action", {{"name", "x"}}}}};
  const Json list = world.gate->post("/access/v1/evaluations", body).json().at("evaluations");
  ASSERT_EQ(list.size(), 5U);
  const bool expected[] = {true, true, false, false, false};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(list[i].at("decision"), expected[i]) << list[i];
  EXPECT_EQ(list[1].at("context").at("reason"), "permit");
  EXPECT_EQ(list[3].at("context").at("reason"), "consent_missing");
  EXPECT_EQ(list[4].at("context").at("reason"), "no_policy");
  // A tool without the grant: what is not its own to ask is the error of that item.
  const Json own = world.matcher->post("/access/v1/evaluations", body).json().at("evaluations");
  ASSERT_EQ(own.size(), 5U);
  EXPECT_EQ(own[0].at("context").at("error").at("status"), 403);
  EXPECT_EQ(own[1].at("decision"), true);
  EXPECT_EQ(own[4].at("context").at("reason"), "no_policy");
}

TEST_F(AuthzenGenericTest, NeverLetsPropertiesWidenADecisionAboutConsent) {
  const auto person = world.register_person("one@example.org");
  Json body = world.question("matcher", person, kMatching);
  for (const char* entity : {"subject", "resource", "action"}) {
    body[entity]["properties"]["consent"] = "given";
    body[entity]["properties"]["state"] = "on_shelf";
  }
  EXPECT_EQ(decide(body).at("context").at("reason"), "consent_missing");
}

TEST_F(AuthzenGenericTest, ShowsInTheLogThatItsPoliciesWereLoaded) {
  const Json entries = world.auditor->get("/v1/audit/entries?limit=50").json();
  const std::string text = entries.dump();
  const auto revision = decide(asked("lena", "borrow", "b-1")).at("context").at("policy_revision").get<std::string>();
  EXPECT_NE(text.find(revision), std::string::npos) << text;
}

TEST(AuthzenGenericLoadTest, RefusesToOpenWithPoliciesThatAreWrong) {
  const auto opening = [](const std::string& text) {
    WorldOptions options;
    options.pack_files = {{"bad.json", text}};
    try {
      World world{options};
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  std::string overlap = kLibrary;
  for (auto at = overlap.find("\"book\""); at != std::string::npos; at = overlap.find("\"book\""))
    overlap.replace(at, 6, "\"person\"");
  EXPECT_NE(opening(overlap).find("belongs to the consent gateway"), std::string::npos);
  std::string misspelt = kLibrary;
  misspelt.replace(misspelt.find("\"permit\""), 8, "\"allow\"");
  const std::string message = opening(misspelt);
  EXPECT_NE(message.find("line 15, /rules/0/effect: bad.json: must be one of permit, deny"), std::string::npos)
      << message;
}

}  // namespace
}  // namespace egide::testing
