// What a search's token is not: a way to another caller's, another query's or another time's results.
#include "generic_fixture.h"

namespace egide::testing {
namespace {

constexpr const char* kPeople = "/access/v1/search/resource";

class AuthzenSearchAttackTest : public GenericTest {
 protected:
  Json query;
  std::string token;

  void SetUp() override {
    for (int i = 0; i < 4; ++i) {
      const auto id = world.register_person("p" + std::to_string(i) + "@example.org");
      ASSERT_EQ(world.consent(id, kMatching, "given").status, 201);
    }
    query = world.question("matcher", "", kMatching);
    query["resource"].erase("id");
    query["page"]["limit"] = 2;
    token = world.matcher->post(kPeople, query).json().at("page").at("next_token").get<std::string>();
    ASSERT_FALSE(token.empty());
    query["page"] = {{"token", token}};
  }
  void expect_refused(Client& client, const Json& body) {
    const Reply reply = client.post(kPeople, body);
    EXPECT_EQ(reply.status, 400) << body << reply.body;
    EXPECT_EQ(reply.code(), "invalid_request");
    EXPECT_FALSE(reply.json().contains("results"));
    EXPECT_EQ(reply.body.find(token.substr(0, 20)), std::string::npos);
  }
};

TEST_F(AuthzenSearchAttackTest, AcceptsTheTokenItGave) {
  EXPECT_EQ(world.matcher->post(kPeople, query).json().at("results").size(), 2U);
  // The searched id is ignored, and unknown members and their order mean nothing.
  query["resource"]["id"] = "ignored";
  query["unknown"] = true;
  EXPECT_EQ(world.matcher->post(kPeople, query).json().at("results").size(), 2U);
}

TEST_F(AuthzenSearchAttackTest, RefusesATokenWithAnyCharacterChanged) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    query["page"]["token"] = altered;
    expect_refused(*world.matcher, query);
  }
}

TEST_F(AuthzenSearchAttackTest, RefusesForgedAndForeignTokens) {
  const std::string cursor =
      world.auditor->get("/v1/audit/entries?limit=1").json().value("next_cursor", std::string("AAAA"));
  for (const std::string& forged :
       {std::string("x"), std::string("MTAwfDR8"), token + "A", token.substr(1), token + token, std::string(5000, 'A'),
        std::string("../../etc/passwd"), std::string("\xC3\xA9"), cursor}) {
    query["page"]["token"] = forged;
    expect_refused(*world.matcher, query);
  }
}

TEST_F(AuthzenSearchAttackTest, RefusesAnotherCallersToken) {
  expect_refused(*world.gate, query);
  expect_refused(*world.dpo, query);
  Json as_other = query;
  as_other["subject"]["id"] = "other";
  expect_refused(*world.other, as_other);
}

TEST_F(AuthzenSearchAttackTest, RefusesAChangedQuery) {
  const std::pair<const char*, Json> changes[] = {
      {"/action/properties/purpose", kNewsletter},
      {"/action/properties/automation", "none"},
      {"/resource/properties", {{"categories", {"user.demographic.profile.skills"}}}},
      {"/subject/properties", {{"x", 1}}},
      {"/context", {{"time", "now"}}},
      {"/page/limit", 3}};
  for (const auto& [pointer, value] : changes) {
    Json body = query;
    body[Json::json_pointer(pointer)] = value;
    expect_refused(*world.matcher, body);
  }
  Json kind = query;
  kind["resource"]["id"] = "p_AAAAAAAAAAAAAAAAAAAAAA";
  const Reply reply = world.matcher->post("/access/v1/search/action", kind);
  EXPECT_EQ(reply.status, 400);
  // A search that finds nothing takes no token either.
  Json nothing = query;
  nothing["resource"]["type"] = "ghost";
  expect_refused(*world.matcher, nothing);
}

TEST_F(AuthzenSearchAttackTest, RefusesAnExpiredToken) {
  world.advance(std::chrono::hours(25));
  expect_refused(*world.matcher, query);
}

TEST_F(AuthzenSearchAttackTest, GivesNothingToATokenAfterTheGrantIsGone) {
  world.admin->send("DELETE", "/v1/tools/matcher");
  EXPECT_EQ(world.matcher->post(kPeople, query).status, 401);
}

TEST_F(AuthzenSearchAttackTest, RefusesPagesOfTheWrongForm) {
  const Json wrong[] = {Json(3),         Json::array(),    Json("x"),        {{"token", 3}},
                        {{"limit", -1}}, {{"limit", 1.5}}, {{"limit", "2"}}, {{"properties", "x"}}};
  for (const Json& page : wrong) {
    Json body = query;
    body["page"] = page;
    const Reply reply = world.matcher->post(kPeople, body);
    EXPECT_EQ(reply.status, 400) << page;
    EXPECT_EQ(reply.code(), "invalid_request");
  }
  Json body = query;
  body["page"] = nullptr;  // absence
  EXPECT_EQ(world.matcher->post(kPeople, body).status, 200);
  body["page"] = {{"token", nullptr}, {"limit", nullptr}, {"properties", {{"x", 1}}}, {"unknown", 1}};
  EXPECT_EQ(world.matcher->post(kPeople, body).status, 200);
}

TEST_F(AuthzenSearchAttackTest, NeverNamesAPersonToATool) {
  const Reply reply = world.matcher->post(kPeople, query);
  EXPECT_EQ(reply.body.find("example.org\""), std::string::npos);
  for (const auto& result : reply.json().at("results"))
    EXPECT_EQ(result.at("id").get<std::string>().rfind("p_", 0), 0U);
}

}  // namespace
}  // namespace egide::testing
