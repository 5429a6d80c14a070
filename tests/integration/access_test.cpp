// POST /access/v1/evaluation and the metadata, AuthZEN Authorization API 1.0. The numbers are those of its rules as the
// text numbers them in sections 5 to 10: each case names what it holds the server to.
#include "world.h"

namespace egide::testing {
namespace {

constexpr const char* kPath = "/access/v1/evaluation";

class AccessTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
  Json question = world.question("matcher", person, kMatching);

  Reply ask(const Json& body) { return world.matcher->post(kPath, body); }
  Json allowed() {
    EXPECT_EQ(world.consent(person, kMatching, "given").status, 201);
    return ask(question).json();
  }
};

TEST_F(AccessTest, AnswersAPermitWithEverythingAToolNeeds) {
  const Json answer = allowed();
  EXPECT_EQ(answer.at("decision"), true);
  const Json& context = answer.at("context");
  EXPECT_EQ(context.at("evaluation_id").get<std::string>().size(), 26U);
  EXPECT_EQ(context.at("evaluated_at"), "2026-03-02T09:00:00Z");
  EXPECT_EQ(context.at("reason"), "permit");
  EXPECT_EQ(context.at("purpose"), kMatching);
  EXPECT_EQ(context.at("legal_basis"), "eu-gdpr:A6-1-a");
  EXPECT_EQ(context.at("consent").at("state"), "dpv:ConsentGiven");
  EXPECT_EQ(context.at("consent").at("notice_version"), "1");
  EXPECT_FALSE(context.at("categories").empty());
  EXPECT_EQ(context.at("policy_revision").get<std::string>().substr(0, 7), "sha256:");
  EXPECT_TRUE(context.at("log_index").is_number_unsigned());
  EXPECT_EQ(context.at("max_age"), 0);
  std::set<std::string> ids;
  for (const auto& obligation : context.at("obligations")) {
    EXPECT_TRUE(ids.insert(obligation.at("id").get<std::string>()).second);
    EXPECT_EQ(obligation.at("type"), "custom");
    EXPECT_EQ(obligation.at("properties").at("vendor"), "egide");
    EXPECT_TRUE(obligation.at("properties").at("action").is_string());
  }
  EXPECT_FALSE(ids.empty());
}

TEST_F(AccessTest, LeadsFromTheAnswerToTheConsentAndTheLogEntry) {
  const Json context = allowed().at("context");
  const auto record = context.at("consent").at("record").get<std::string>();
  EXPECT_EQ(world.dpo->get("/v1/consents/" + record).json().at("purpose"), kMatching);
  const auto entry = world.auditor->get("/v1/audit/entries/" + context.at("log_index").dump());
  ASSERT_EQ(entry.status, 200) << entry.body;
  EXPECT_EQ(entry.json().at("ev"), "access.evaluated");
  EXPECT_EQ(entry.json().at("dec"), "allow");
}

TEST_F(AccessTest, AnswersADenialWithStatus200AndWithoutCategories) {
  const Reply reply = ask(question);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.json().at("decision"), false);
  EXPECT_EQ(reply.json().at("context").at("reason"), "consent_missing");
  EXPECT_FALSE(reply.json().at("context").contains("categories"));
  EXPECT_TRUE(reply.json().at("context").at("obligations").empty());
}

TEST_F(AccessTest, RefusesEachMissingRequiredMemberWith400) {
  const std::vector<Json::json_pointer> required = {Json::json_pointer("/subject"),
                                                    Json::json_pointer("/resource"),
                                                    Json::json_pointer("/action"),
                                                    Json::json_pointer("/subject/type"),
                                                    Json::json_pointer("/subject/id"),
                                                    Json::json_pointer("/resource/type"),
                                                    Json::json_pointer("/resource/id"),
                                                    Json::json_pointer("/action/name"),
                                                    Json::json_pointer("/action/properties"),
                                                    Json::json_pointer("/action/properties/purpose")};
  for (const auto& pointer : required) {
    Json without = question;
    without.at(pointer.parent_pointer()).erase(pointer.back());
    Json null = question;
    null[pointer] = nullptr;
    for (const Json& body : {without, null}) {
      const Reply reply = ask(body);
      EXPECT_EQ(reply.status, 400) << body;
      EXPECT_EQ(reply.code(), "invalid_request") << reply.body;
      EXPECT_EQ(reply.header("content-type"), "application/problem+json");
      EXPECT_FALSE(reply.json().at("errors").empty());
    }
  }
}

TEST_F(AccessTest, RefusesEachWrongTypeWith400) {
  for (const char* pointer :
       {"/subject", "/resource", "/action", "/subject/type", "/subject/id", "/resource/type", "/resource/id",
        "/action/name", "/action/properties/purpose", "/context", "/subject/properties", "/resource/properties",
        "/action/properties", "/resource/properties/categories", "/action/properties/automation"}) {
    for (const Json& wrong : {Json(3), Json(true), Json(Json::array({1}))}) {
      Json body = question;
      body[Json::json_pointer(pointer)] = wrong;
      EXPECT_EQ(ask(body).status, 400) << body;
    }
  }
  Json text = question;
  text["subject"] = "matcher";
  EXPECT_EQ(ask(text).status, 400);
}

TEST_F(AccessTest, RefusesWhatIsNoJsonObjectWith400) {
  for (const char* body : {"", "{", "[]", "\"text\"", "3", "null", "{\"subject\":", "{} {}"}) {
    const Reply reply = world.matcher->send("POST", kPath, body, {{"Content-Type", "application/json"}});
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_FALSE(reply.code().empty()) << body;
  }
}

TEST_F(AccessTest, RefusesAnotherContentTypeWith400AndIgnoresItsParameters) {
  EXPECT_EQ(world.matcher->post(kPath, question, {{"Content-Type", "text/plain"}}).status, 400);
  EXPECT_EQ(world.matcher->post(kPath, question, {{"Content-Type", "application/x-www-form-urlencoded"}}).status, 400);
  EXPECT_EQ(world.matcher->post(kPath, question, {{"Content-Type", "application/json; charset=utf-8"}}).status, 200);
}

TEST_F(AccessTest, IgnoresUnknownMembersAtEveryLevelAndTheOrderOfMembers) {
  allowed();
  Json body = question;
  for (const char* parent : {"", "/subject", "/resource", "/action", "/action/properties"})
    body[Json::json_pointer(std::string(parent) + "/unknown_member")] = {{"deep", {1, 2}}};
  EXPECT_EQ(ask(body).json().at("decision"), true);
  const std::string reversed = R"({"action":{"properties":{"purpose":")" + std::string(kMatching) +
                               R"("},"name":"process"},"resource":{"id":")" + person +
                               R"(","type":"person"},"subject":{"id":"matcher","type":"application"}})";
  EXPECT_EQ(world.matcher->send("POST", kPath, reversed).json().at("decision"), true);
}

TEST_F(AccessTest, NeverValidatesTheTimeOfTheContextAndNeverBelievesProperties) {
  question["context"]["time"] = "1985-10-26T01:22-07:00";
  question["context"]["consent"] = true;
  question["resource"]["properties"]["consent"] = true;
  question["subject"]["properties"] = nullptr;
  const Json answer = ask(question).json();
  EXPECT_EQ(answer.at("decision"), false);
  EXPECT_EQ(answer.at("context").at("evaluated_at"), "2026-03-02T09:00:00Z");
}

TEST_F(AccessTest, GivesTheRequestIdBackUnchangedAndMakesOneWhereNoneCame) {
  const Reply given = world.matcher->post(kPath, question, {{"X-Request-ID", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"}});
  EXPECT_EQ(given.header("x-request-id"), "bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
  EXPECT_EQ(ask(question).header("x-request-id").size(), 36U);
  const Reply refused = world.matcher->post(kPath, Json::object(), {{"X-Request-ID", "my-id"}});
  EXPECT_EQ(refused.header("x-request-id"), "my-id");
  EXPECT_EQ(refused.json().at("request_id"), "my-id");
}

TEST_F(AccessTest, Answers401WithoutACredentialAndWithABadOne) {
  const Reply none = world.nobody->post(kPath, question);
  EXPECT_EQ(none.status, 401);
  EXPECT_NE(none.header("www-authenticate").find("Bearer"), std::string::npos);
  Client bad(world.port(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(bad.post(kPath, question).status, 401);
}

TEST_F(AccessTest, Answers403ToAToolThatAsksForAnotherAndLetsOneWithTheGrantAsk) {
  question["subject"]["id"] = "mailer";
  const Reply refused = ask(question);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.code(), "forbidden");
  question["subject"]["id"] = "matcher";
  EXPECT_EQ(world.gate->post(kPath, question).status, 200);
  EXPECT_EQ(world.dpo->post(kPath, question).status, 200);
}

TEST_F(AccessTest, DeniesATypeThatNoPolicyCoversAndWritesItDown) {
  Json body;
  body["subject"] = {{"type", "user"}, {"id", "alice@example.com"}};
  body["resource"] = {{"type", "account"}, {"id", "123"}};
  body["action"] = {{"name", "can_read"}, {"properties", {{"method", "GET"}}}};
  const Reply reply = ask(body);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("decision"), false);
  EXPECT_EQ(reply.json().at("context").at("reason"), "no_policy");
  const auto index = reply.json().at("context").at("log_index").dump();
  EXPECT_EQ(world.auditor->get("/v1/audit/entries/" + index).json().at("dec"), "deny");

  Json other_action = question;
  other_action["action"]["name"] = "sell";
  EXPECT_EQ(ask(other_action).json().at("context").at("reason"), "no_policy");
}

TEST_F(AccessTest, DeniesUnknownPurposesPeopleAndRevokedTools) {
  question["action"]["properties"]["purpose"] = "no.such_purpose";
  EXPECT_EQ(ask(question).json().at("context").at("reason"), "purpose_not_granted");
  question["action"]["properties"]["purpose"] = kMatching;
  question["resource"]["id"] = "not an id at all";
  EXPECT_EQ(ask(question).json().at("context").at("reason"), "unknown_subject");
  question["resource"]["id"] = person;
  question["subject"]["id"] = "no-such-tool";
  EXPECT_EQ(world.gate->post(kPath, question).json().at("context").at("reason"), "unknown_tool");
}

TEST_F(AccessTest, NarrowsToTheCategoriesAskedFor) {
  allowed();
  question["resource"]["properties"]["categories"] = {"user.demographic.profile.skills"};
  const Json permit = ask(question).json();
  EXPECT_EQ(permit.at("context").at("categories"), Json::array({"user.demographic.profile.skills"}));
  question["resource"]["properties"]["categories"] = {"user.financial.bank_account"};
  EXPECT_EQ(ask(question).json().at("context").at("reason"), "purpose_not_granted");
}

TEST_F(AccessTest, AcceptsThePseudonymOfTheToolAndOfNoOther) {
  allowed();
  Json body;
  body["purpose"] = kMatching;
  body["subjects"] = {person};
  const auto mine = world.matcher->post("/v1/gateway/pseudonyms", body).json().at("pseudonyms")[0].at("pseudonym");
  const auto theirs = world.other->post("/v1/gateway/pseudonyms", body).json().at("pseudonyms")[0].at("pseudonym");
  question["resource"]["id"] = mine;
  EXPECT_EQ(ask(question).json().at("decision"), true);
  question["resource"]["id"] = theirs;
  EXPECT_EQ(ask(question).json().at("context").at("reason"), "unknown_subject");
}

TEST_F(AccessTest, ShowsAConsentAsExpiredFromItsLastMoment) {
  allowed();
  world.advance(std::chrono::hours(24 * 366 * 3));
  const Json context = ask(question).json().at("context");
  EXPECT_EQ(context.at("reason"), "consent_expired");
  EXPECT_EQ(context.at("consent").at("state"), "dpv:ConsentExpired");
}

TEST_F(AccessTest, DecidesTheSameWhileNothingChanges) {
  const Json first = allowed(), second = ask(question).json();
  EXPECT_EQ(first.at("decision"), second.at("decision"));
  EXPECT_EQ(first.at("context").at("categories"), second.at("context").at("categories"));
  EXPECT_NE(first.at("context").at("evaluation_id"), second.at("context").at("evaluation_id"));
}

TEST_F(AccessTest, DescribesItselfUnderTheConfiguredAddress) {
  const Reply reply =
      world.nobody->get("/.well-known/authzen-configuration", {{"X-Forwarded-Host", "evil.example.net"}});
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  const Json metadata = reply.json();
  EXPECT_EQ(metadata.at("policy_decision_point"), kBaseUrl);
  EXPECT_EQ(metadata.at("access_evaluation_endpoint"), std::string(kBaseUrl) + "/access/v1/evaluation");
  EXPECT_EQ(metadata.at("access_evaluations_endpoint"), std::string(kBaseUrl) + "/access/v1/evaluations");
  EXPECT_EQ(metadata.at("supported_obligations"), Json::array({"custom"}));
  for (const auto& item : metadata.items()) EXPECT_FALSE(item.value().empty()) << item.key();
  for (const char* kind : {"subject", "resource", "action"})
    EXPECT_EQ(metadata.at("search_" + std::string(kind) + "_endpoint"),
              std::string(kBaseUrl) + "/access/v1/search/" + kind);
  EXPECT_EQ(metadata.at("access_request_endpoint"), std::string(kBaseUrl) + "/access/v1/requests");
  EXPECT_EQ(metadata.at("capabilities"), Json::array({"urn:openid:authzen:capability:access-request"}));
  EXPECT_EQ(reply.body.find("evil"), std::string::npos);
}

}  // namespace
}  // namespace egide::testing
