// POST /v1/gateway/read and /v1/gateway/pseudonyms.
#include "world.h"

namespace egide::testing {
namespace {

class GatewayTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");

  Json asked(const std::string& purpose = kMatching) const {
    Json out;
    out["subject"] = person;
    out["purpose"] = purpose;
    return out;
  }
  Json pseudonyms(Client& tool, const std::string& purpose, const Json& people) {
    Json body;
    body["purpose"] = purpose;
    body["subjects"] = people;
    const Reply reply = tool.post("/v1/gateway/pseudonyms", body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json().at("pseudonyms");
  }
};

TEST_F(GatewayTest, GivesOnlyPermittedFieldsTransformedUnderAPseudonym) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const Reply reply = world.matcher->post("/v1/gateway/read", asked());
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json answer = reply.json();
  EXPECT_EQ(answer.at("decision"), true);
  EXPECT_EQ(answer.at("context").at("reason"), "permit");
  EXPECT_EQ(answer.at("subject").get<std::string>().substr(0, 2), "p_");
  EXPECT_EQ(answer.at("fields").at("user.demographic.profile.skills"), Json::array({"cooking", "driving"}));
  EXPECT_FALSE(answer.at("fields").contains("user.contact.email"));
  EXPECT_FALSE(answer.at("fields").contains("user.name"));
  EXPECT_NE(answer.at("fields").value("user.contact.address.postal_code", Json()), Json("69003"));
  for (const auto& withheld : answer.at("withheld")) {
    EXPECT_TRUE(withheld.at("category").is_string());
    EXPECT_TRUE(withheld.at("reason").is_string());
  }
  for (const char* secret : {"canary@example.org", "Canary Lastname", "1980-02-29", "69003"})
    EXPECT_EQ(reply.body.find(secret), std::string::npos) << secret;
  EXPECT_EQ(reply.body.find(person), std::string::npos);
  EXPECT_EQ(reply.header("cache-control"), "no-store");
}

TEST_F(GatewayTest, DeniesWithoutAnyField) {
  const Json answer = world.matcher->post("/v1/gateway/read", asked()).json();
  EXPECT_EQ(answer.at("decision"), false);
  EXPECT_EQ(answer.at("context").at("reason"), "consent_missing");
  EXPECT_FALSE(answer.contains("fields"));
  EXPECT_FALSE(answer.contains("subject"));
}

TEST_F(GatewayTest, NarrowsToTheFieldsAskedFor) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  Json body = asked();
  body["fields"] = {"user.demographic.profile.skills"};
  const Json answer = world.matcher->post("/v1/gateway/read", body).json();
  EXPECT_EQ(answer.at("fields").size(), 1U);
  body["fields"] = {"user.name"};
  EXPECT_EQ(world.matcher->post("/v1/gateway/read", body).json().at("decision"), false);
}

TEST_F(GatewayTest, DeniesAPurposeThatIsNotGranted) {
  ASSERT_EQ(world.consent(person, kNewsletter, "given").status, 201);
  EXPECT_EQ(world.matcher->post("/v1/gateway/read", asked(kNewsletter)).json().at("context").at("reason"),
            "purpose_not_granted");
  const Json mail = world.mailer->post("/v1/gateway/read", asked(kNewsletter)).json();
  EXPECT_EQ(mail.at("decision"), true);
  EXPECT_EQ(mail.at("fields").at("user.contact.email"), "canary@example.org");
}

TEST_F(GatewayTest, GivesEachToolAnotherPseudonymAndEachTheSameAgain) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const Json first = pseudonyms(*world.matcher, kMatching, {person});
  EXPECT_EQ(first, pseudonyms(*world.matcher, kMatching, {person}));
  EXPECT_NE(first[0].at("pseudonym"), pseudonyms(*world.other, kMatching, {person})[0].at("pseudonym"));
  EXPECT_EQ(first[0].at("pseudonym"), world.matcher->post("/v1/gateway/read", asked()).json().at("subject"));
  Json by_pseudonym = asked();
  by_pseudonym["subject"] = first[0].at("pseudonym");
  EXPECT_EQ(world.matcher->post("/v1/gateway/read", by_pseudonym).json().at("decision"), true);
  EXPECT_EQ(world.other->post("/v1/gateway/read", by_pseudonym).json().at("context").at("reason"), "unknown_subject");
}

TEST_F(GatewayTest, TakesIdAndPseudonymEverywhere) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const auto own = pseudonyms(*world.matcher, kMatching, {person})[0].at("pseudonym").get<std::string>();
  const auto foreign = pseudonyms(*world.other, kMatching, {person})[0].at("pseudonym").get<std::string>();
  const auto decide = [this](const std::string& who, const std::string& event) {
    Json body = {{"specversion", "1.0"}, {"id", event}, {"source", "urn:t"}, {"type", "org.egide.decision.v1"}};
    body["time"] = "2026-03-02T08:59:00Z";
    body["data"] = {{"subject", who}, {"system_id", "matching"}, {"purpose_id", kMatching}};
    body["data"]["outcome"] = {{"value", "proposed"}};
    const Reply reply = world.matcher->post("/v1/decisions", body);
    EXPECT_LT(reply.status, 300) << reply.body;
    return reply.json().at("decisions")[0].at("person_known").get<bool>();
  };
  int number = 0;
  for (const std::string& who : {person, own}) {
    EXPECT_EQ(world.evaluate(*world.matcher, "matcher", who, kMatching).at("decision"), true);
    Json body = asked();
    body["subject"] = who;
    EXPECT_EQ(world.matcher->post("/v1/gateway/read", body).json().at("subject"), own);
    EXPECT_EQ(pseudonyms(*world.matcher, kMatching, {who})[0].at("pseudonym"), own);
    EXPECT_TRUE(decide(who, "event" + std::to_string(++number)));
  }
  EXPECT_EQ(world.evaluate(*world.matcher, "matcher", foreign, kMatching).at("context").at("reason"),
            "unknown_subject");
  EXPECT_TRUE(pseudonyms(*world.matcher, kMatching, {foreign})[0].at("pseudonym").is_null());
  EXPECT_FALSE(decide(foreign, "event" + std::to_string(++number)));
}

TEST_F(GatewayTest, AnswersNullForPeopleItDoesNotKnow) {
  const Json list =
      pseudonyms(*world.matcher, kMatching, {"00000000-0000-0000-0000-000000000000", person, "no id", "a\"b\\c\n"});
  ASSERT_EQ(list.size(), 4U);
  EXPECT_TRUE(list[0].at("pseudonym").is_null());
  EXPECT_TRUE(list[1].at("pseudonym").is_string());
  EXPECT_TRUE(list[2].at("pseudonym").is_null());
  EXPECT_EQ(list[3].at("subject"), "a\"b\\c\n");
}

TEST_F(GatewayTest, RefusesPseudonymsForAPurposeThatIsNotGranted) {
  Json body;
  body["purpose"] = kNewsletter;
  body["subjects"] = {person};
  EXPECT_EQ(world.matcher->post("/v1/gateway/pseudonyms", body).status, 403);
}

TEST_F(GatewayTest, SaysWhereARequestIsWrong) {
  const Reply reply = world.matcher->post("/v1/gateway/read", Json::object({{"subject", 3}, {"extra", 1}}));
  EXPECT_EQ(reply.status, 422);
  std::set<std::string> pointers;
  const Json problem = reply.json();
  for (const auto& error : problem.at("errors")) pointers.insert(error.at("pointer").get<std::string>());
  EXPECT_EQ(pointers, (std::set<std::string>{"#/subject", "#/purpose", "#/extra"}));
}

}  // namespace
}  // namespace egide::testing
