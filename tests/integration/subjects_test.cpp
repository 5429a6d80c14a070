// People: register, look up, read, correct.
#include "world.h"

namespace egide::testing {
namespace {

const Headers kPurpose = {{"X-Purpose", "volunteer.management"}};

class SubjectsTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
  std::string path = "/v1/subjects/" + person;

  Reply patch(const Json& body, const std::string& etag, const char* type = "application/json") {
    return world.dpo->send("PATCH", path, body.dump(), {{"If-Match", etag}, {"Content-Type", type}});
  }
  static Json one(const char* category, const Json& value) {
    Json body;
    body["attributes"][category] = value;
    return body;
  }
};

TEST_F(SubjectsTest, AnswersARegistrationWithIdLocationAndETag) {
  Json body = one("user.name", "Other Person");
  body["locale"] = "en";
  body["source"] = "form";
  const Reply reply = world.coordinator->post("/v1/subjects", body);
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto id = reply.json().at("id").get<std::string>();
  EXPECT_EQ(reply.header("location"), "/v1/subjects/" + id);
  const Reply read = world.dpo->get("/v1/subjects/" + id, kPurpose);
  EXPECT_EQ(read.header("etag"), reply.header("etag"));
  EXPECT_EQ(read.json().at("locale"), "en");
  EXPECT_EQ(read.json().at("origins").at("user.name").at("source"), "form");
}

TEST_F(SubjectsTest, GivesARecordToStaffWhoSayWhatFor) {
  const Reply reply = world.coordinator->get(path, kPurpose);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("attributes").at("user.contact.email"), "canary@example.org");
  EXPECT_EQ(reply.json().at("restricted"), false);
  EXPECT_EQ(reply.header("cache-control"), "no-store");
  for (const auto& headers : {Headers{}, Headers{{"X-Purpose", ""}}, Headers{{"X-Purpose", std::string(201, 'a')}}}) {
    const Reply refused = world.coordinator->get(path, headers);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.code(), "invalid_request");
    EXPECT_NE(refused.body.find("X-Purpose"), std::string::npos);
  }
}

TEST_F(SubjectsTest, Answers304WhileNothingChanged) {
  const auto etag = world.dpo->get(path, kPurpose).header("etag");
  Headers headers = kPurpose;
  headers.emplace_back("If-None-Match", etag);
  const Reply same = world.dpo->get(path, headers);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("etag"), etag);
  EXPECT_TRUE(same.body.empty());
  ASSERT_EQ(patch(one("user.contact.address.postal_code", "69007"), etag).status, 200);
  EXPECT_EQ(world.dpo->get(path, headers).status, 200);
}

TEST_F(SubjectsTest, CorrectsWhatIsNamedRemovesNullAndKeepsTheRest) {
  Json body = one("user.contact.address.postal_code", "69007");
  body["attributes"]["user.demographic.profile.skills"] = nullptr;
  const Reply reply = patch(body, "\"1\"", "application/merge-patch+json");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("etag"), "\"2\"");
  const Json attributes = world.dpo->get(path, kPurpose).json().at("attributes");
  EXPECT_EQ(attributes.at("user.contact.address.postal_code"), "69007");
  EXPECT_FALSE(attributes.contains("user.demographic.profile.skills"));
  EXPECT_EQ(attributes.at("user.contact.email"), "canary@example.org");
}

TEST_F(SubjectsTest, WantsTheVersionThatIsCorrected) {
  const Json body = one("user.contact.address.postal_code", "69007");
  const Reply without = world.dpo->send("PATCH", path, body.dump());
  EXPECT_EQ(without.status, 428);
  EXPECT_EQ(without.code(), "precondition_required");
  for (const char* stale : {"\"7\"", "\"0\"", "W/\"1\"", "1", "*", "\"x\"", "\"1\", \"2\"", "\"99999999999999999999\""})
    EXPECT_EQ(patch(body, stale).status, 412) << stale;
  EXPECT_EQ(patch(body, "\"1\"").status, 200);
  EXPECT_EQ(patch(body, "\"1\"").status, 412);
}

TEST_F(SubjectsTest, FindsByEmailOrReferenceAndByNothingElse) {
  const auto look_up = [this](const Json& body) { return world.coordinator->post("/v1/subjects/lookup", body); };
  EXPECT_EQ(look_up({{"email", "Canary@Example.org"}}).json().at("id"), person);
  const Reply missing = look_up({{"email", "nobody@example.org"}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body.find("nobody@example.org"), std::string::npos);
  ASSERT_EQ(patch(one("user.unique_id", "M-0042"), "\"1\"").status, 200);
  EXPECT_EQ(look_up({{"reference", "M-0042"}}).json().at("id"), person);
  EXPECT_EQ(look_up(Json::object()).status, 422);
  EXPECT_EQ(look_up({{"email", "canary@example.org"}, {"reference", "M-0042"}}).status, 422);
  EXPECT_EQ(look_up({{"email", 3}}).status, 422);
}

TEST_F(SubjectsTest, RefusesASecondPersonWithOneEmail) {
  const Reply reply = world.coordinator->post("/v1/subjects", one("user.contact.email", "canary@example.org"));
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "conflict");
}

TEST_F(SubjectsTest, SaysWhatIsWrongWithARegistration) {
  for (const Json& body : {Json::object(), Json{{"attributes", "text"}}, Json{{"attributes", Json::object()}, {"x", 1}},
                           one("not a category", "x"), one("user.demographic.date_of_birth", "29/02/1981"),
                           one("user.demographic.date_of_birth", 19800229)}) {
    const Reply reply = world.coordinator->post("/v1/subjects", body);
    EXPECT_EQ(reply.status, 422) << body;
    EXPECT_FALSE(reply.json().at("errors").empty()) << reply.body;
  }
}

TEST_F(SubjectsTest, KnowsNobodyUnderAForeignId) {
  for (const char* id : {"00000000-0000-0000-0000-000000000000", "nobody", "%20"}) {
    const Reply reply = world.dpo->get(std::string("/v1/subjects/") + id, kPurpose);
    EXPECT_EQ(reply.status, 404) << id;
    EXPECT_EQ(reply.code(), "not_found");
  }
}

}  // namespace
}  // namespace egide::testing
