// Consent events, states and the notices they refer to.
#include "world.h"

namespace egide::testing {
namespace {

class ConsentsTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
  std::string path = "/v1/subjects/" + person + "/consents";
};

TEST_F(ConsentsTest, AnswersTheWholeEventAndWhereItIs) {
  const Reply reply = world.consent(person, kMatching, "given");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json event = reply.json();
  EXPECT_EQ(event.at("subject"), person);
  EXPECT_EQ(event.at("status"), "given");
  EXPECT_EQ(event.at("state"), "dpv:ConsentGiven");
  EXPECT_EQ(event.at("evidence"), "form 12");
  EXPECT_EQ(event.at("notice").at("version"), 1);
  EXPECT_EQ(event.at("notice").at("sha256").get<std::string>().size(), 64U);
  EXPECT_EQ(event.at("recorded_by").get<std::string>().substr(0, 2), "a_");
  EXPECT_EQ(reply.header("location"), "/v1/consents/" + event.at("id").get<std::string>());
  EXPECT_EQ(world.dpo->get(reply.header("location")).json(), event);
}

TEST_F(ConsentsTest, ListsStatesAndEvents) {
  for (const char* status : {"given", "given", "withdrawn"})
    ASSERT_EQ(world.consent(person, kMatching, status).status, 201) << status;
  ASSERT_EQ(world.consent(person, kNewsletter, "refused").status, 201);
  const Json list = world.coordinator->get(path).json();
  ASSERT_EQ(list.at("events").size(), 4U);
  ASSERT_EQ(list.at("states").size(), 2U);
  std::map<std::string, std::string> states;
  for (const auto& state : list.at("states")) {
    states[state.at("purpose").get<std::string>()] = state.at("state").get<std::string>();
    EXPECT_EQ(state.at("valid"), false);
  }
  EXPECT_EQ(states[kMatching], "dpv:ConsentWithdrawn");
  EXPECT_EQ(states[kNewsletter], "dpv:ConsentRefused");
  EXPECT_EQ(list.at("events")[1].at("event"), "renewed");
  EXPECT_EQ(list.at("events")[1].at("status"), "given");
}

TEST_F(ConsentsTest, RefusesWhatCanNotFollow) {
  const Reply reply = world.consent(person, kMatching, "withdrawn");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "conflict");
}

TEST_F(ConsentsTest, SaysWhatIsWrong) {
  const Json good = {{"purpose", kMatching}, {"status", "given"}, {"channel", "paper"}, {"evidence", "form 12"}};
  const auto with = [&good](const char* key, const Json& value) {
    Json out = good;
    out[key] = value;
    return out;
  };
  for (const Json& body :
       {with("purpose", "no.such"), with("purpose", "membership.admin"), with("status", "maybe"),
        with("status", nullptr), with("channel", "pigeon"), with("evidence", nullptr),
        with("at", "2027-01-01T00:00:00Z"), with("at", "yesterday"), with("by", "neighbour"), with("notice_version", 9),
        with("notice_version", "1"), with("notice_version", 1.5), with("unknown", true)}) {
    const Reply reply = world.coordinator->post(path, body);
    EXPECT_EQ(reply.status, 422) << body << reply.body;
    EXPECT_FALSE(reply.json().at("errors").empty());
  }
  EXPECT_EQ(world.coordinator->post(path, good).status, 201);
}

TEST_F(ConsentsTest, RefusesBundlesAndWhatWasTickedBeforehand) {
  const Json good = {{"purpose", kMatching}, {"status", "given"}, {"channel", "paper"}, {"evidence", "form 12"}};
  const auto refused = [&](const char* key, const Json& value, const char* says) {
    Json body = good;
    body[key] = value;
    const Reply reply = world.coordinator->post(path, body);
    EXPECT_EQ(reply.status, 422) << body;
    EXPECT_NE(reply.body.find(says), std::string::npos) << reply.body;
  };
  refused("purpose", Json::array({kMatching, kNewsletter}), "one consent is for one purpose");
  refused("purposes", Json::array({kMatching, kNewsletter}), "one consent is for one purpose");
  for (const char* ticked : {"default", "preticked", "pre_ticked", "prechecked"})
    refused(ticked, true, "nothing may be pre-ticked");
  EXPECT_TRUE(world.coordinator->get(path).json().at("events").empty());
}

TEST_F(ConsentsTest, AnswersForAnyInstantOfThePast) {
  const auto state_at = [&](const std::string& time) {
    const Json history = world.dpo->get(path + "?at=" + time).json();
    return history.at("states").empty() ? std::string() : history.at("states")[0].at("state").get<std::string>();
  };
  world.advance(std::chrono::hours(24));
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);  // 3 March 2026, 09:00
  world.advance(std::chrono::hours(24));
  ASSERT_EQ(world.consent(person, kMatching, "withdrawn").status, 201);
  world.advance(std::chrono::hours(24));
  EXPECT_EQ(state_at("2026-03-03T08:59:59Z"), "");
  EXPECT_EQ(state_at("2026-03-03T09:00:00Z"), "dpv:ConsentGiven");
  EXPECT_EQ(state_at("2026-03-04T08:59:59Z"), "dpv:ConsentGiven");  // not retroactive
  EXPECT_EQ(state_at("2026-03-04T09:00:00Z"), "dpv:ConsentWithdrawn");
  EXPECT_EQ(world.dpo->get(path + "?at=2026-03-04T08:00:00Z").json().at("events").size(), 1U);
  for (const char* wrong : {"yesterday", "2027-01-01T00:00:00Z", ""})
    EXPECT_EQ(world.dpo->get(path + "?at=" + wrong).status, 400) << wrong;
}

TEST_F(ConsentsTest, ABrowsersSignalNeverSaysYes) {
  Json body = {{"purpose", kMatching}, {"status", "given"}, {"channel", "gpc"}};
  EXPECT_EQ(world.coordinator->post(path, body).status, 422);
  body["status"] = "refused";
  EXPECT_EQ(world.coordinator->post(path, body).status, 201);
}

TEST_F(ConsentsTest, WhatTheOrganisationSaysIsForTheDataProtectionOfficer) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  Json body = {{"purpose", kMatching}, {"status", "invalidated"}, {"channel", "in_person"}};
  EXPECT_EQ(world.coordinator->post(path, body).status, 422);
  EXPECT_EQ(world.dpo->post(path, body).status, 422);  // without a reason
  body["method"] = "the form had no notice";
  EXPECT_EQ(world.coordinator->post(path, body).status, 422);
  const Reply reply = world.dpo->post(path, body);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json().at("state"), "dpv:ConsentInvalidated");
  EXPECT_EQ(world.evaluate(*world.matcher, "matcher", person, kMatching).at("decision"), false);
}

TEST_F(ConsentsTest, KnowsNoForeignIds) {
  EXPECT_EQ(world.consent("00000000-0000-0000-0000-000000000000", kMatching, "given").status, 404);
  EXPECT_EQ(world.consent("nobody", kMatching, "given").status, 404);
  EXPECT_EQ(world.dpo->get("/v1/consents/" + person).status, 404);
  EXPECT_EQ(world.dpo->get("/v1/consents/x").status, 404);
}

TEST_F(ConsentsTest, ListsPurposesAndNotices) {
  const Json purposes = world.matcher->get("/v1/purposes").json().at("items");
  EXPECT_GT(purposes.size(), 30U);
  const Json purpose = world.auditor->get(std::string("/v1/purposes/") + kMatching).json();
  EXPECT_EQ(purpose.at("legal_basis"), "eu-gdpr:A6-1-a");
  EXPECT_EQ(purpose.at("automation"), "human_confirms");
  EXPECT_EQ(world.admin->get("/v1/purposes/no.such").status, 404);
}

TEST_F(ConsentsTest, AsksForANewConsentAfterAMaterialNotice) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const std::string notices = std::string("/v1/purposes/") + kMatching + "/notices";
  Json body;
  body["texts"] = {{"fr", "Un nouveau texte."}, {"en", "A new text."}};
  body["material"] = true;
  const Reply reply = world.dpo->post(notices, body);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json().at("version"), 2);
  EXPECT_EQ(world.coordinator->get(notices).json().at("items").size(), 2U);
  EXPECT_EQ(world.evaluate(*world.matcher, "matcher", person, kMatching).at("context").at("reason"), "notice_outdated");
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  EXPECT_EQ(world.evaluate(*world.matcher, "matcher", person, kMatching).at("decision"), true);
  body["texts"] = {{"fr", 3}};
  EXPECT_EQ(world.dpo->post(notices, body).status, 422);
}

}  // namespace
}  // namespace egide::testing
