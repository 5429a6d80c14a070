// Every MUST of AuthZEN Authorization API 1.0, by the number it has in docs/api.md, "AuthZEN, rule by rule".
#include "generic_fixture.h"

namespace egide::testing {
namespace {

constexpr const char* kOne = "/access/v1/evaluation";
constexpr const char* kMany = "/access/v1/evaluations";
constexpr const char* kMetadata = "/.well-known/authzen-configuration";
const std::string kSearches[] = {"/access/v1/search/subject", "/access/v1/search/resource", "/access/v1/search/action"};

class AuthzenMustTest : public GenericTest {
 protected:
  Json question = asked("lena", "borrow", "b-1");
  Reply ask(const std::string& path, const Json& body) { return world.gate->post(path, body); }
};

TEST_F(AuthzenMustTest, M01_SubjectAndResourceHaveTypeAndIdAndActionAName) {
  for (const char* pointer : {"/subject/type", "/subject/id", "/resource/type", "/resource/id", "/action/name"}) {
    for (const Json& wrong : {Json(7), Json(true), Json::object(), Json::array()}) {
      Json body = question;
      body[Json::json_pointer(pointer)] = wrong;
      EXPECT_EQ(ask(kOne, body).status, 400) << pointer << wrong;
    }
  }
}

TEST_F(AuthzenMustTest, M02_ADecisionIsABoolean) {
  for (const char* book : {"b-1", "b-2", "nothing"})
    EXPECT_TRUE(decide(asked("lena", "borrow", book)).at("decision").is_boolean());
}

// An error, a denial and a failure of the log alike never come as true.
TEST_F(AuthzenMustTest, M03_NothingButAPermitIsTrue) {
  Json batch = {{"evaluations", {question, 3, Json::object(), asked("lena", "borrow", "b-2")}}};
  const Json answers = ask(kMany, batch).json().at("evaluations");
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].at("decision"), true);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(answers[i].at("decision"), false);
}

TEST_F(AuthzenMustTest, M04_PathsCarryTheVersion) {
  const Json metadata = world.nobody->get(kMetadata).json();
  for (const auto& item : metadata.items())
    if (item.key().find("_endpoint") != std::string::npos) {
      EXPECT_NE(item.value().get<std::string>().find("/v1/"), std::string::npos) << item.key();
    }
}

TEST_F(AuthzenMustTest, M05_AKeyMissingInAnItemNeedsADefault) {
  Json batch = {{"subject", question.at("subject")}, {"action", question.at("action")}};
  batch["evaluations"] = {Json{{"resource", question.at("resource")}}, Json::object()};
  const Json answers = ask(kMany, batch).json().at("evaluations");
  EXPECT_EQ(answers[0].at("decision"), true);
  EXPECT_EQ(answers[1].at("decision"), false);
  EXPECT_EQ(answers[1].at("context").at("error").at("status"), 400);
}

TEST_F(AuthzenMustTest, M06_DefaultsAreReplacedWhole) {
  Json batch = question;
  batch["resource"]["properties"] = {{"state", "on_shelf"}};
  Json other = {{"resource", entity("book", "b-2")}};  // without the default's properties
  batch["evaluations"] = {Json::object(), other};
  const Json answers = ask(kMany, batch).json().at("evaluations");
  EXPECT_EQ(answers[0].at("decision"), true);
  EXPECT_EQ(answers[1].at("decision"), false);
}

TEST_F(AuthzenMustTest, M07_AnswersComeInTheOrderOfTheRequest) {
  Json batch;
  const char* books[] = {"b-1", "b-2", "b-3", "b-2", "b-1"};
  for (const char* book : books) batch["evaluations"].push_back(asked("lena", "borrow", book));
  const Json answers = ask(kMany, batch).json().at("evaluations");
  ASSERT_EQ(answers.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(answers[i].at("decision"), std::string(books[i]) != "b-2");
}

TEST_F(AuthzenMustTest, M08_TheIdOfWhatIsSearchedIsIgnored) {
  for (const char* kind : {"subject", "resource"}) {
    const std::string path = std::string("/access/v1/search/") + kind;
    const Json with = ask(path, question).json().at("results");
    EXPECT_FALSE(with.empty());
    for (const Json& id : {Json("b-2"), Json("no such"), Json(3), Json(nullptr)}) {
      Json body = question;
      body[kind]["id"] = id;
      EXPECT_EQ(ask(path, body).json().at("results"), with) << kind << id;
    }
    Json without = question;
    without[kind].erase("id");
    EXPECT_EQ(ask(path, without).json().at("results"), with);
  }
  Json action = question;
  action["action"] = "anything";
  EXPECT_EQ(ask(kSearches[2], action).status, 200);
}

TEST_F(AuthzenMustTest, M09_ResultsAreThereAndOfTheSearchedKind) {
  for (const auto& result : ask(kSearches[0], question).json().at("results")) EXPECT_EQ(result.at("type"), "reader");
  for (const auto& result : ask(kSearches[1], question).json().at("results")) EXPECT_EQ(result.at("type"), "book");
  for (const auto& result : ask(kSearches[2], question).json().at("results"))
    EXPECT_TRUE(result.at("name").is_string());
  Json nothing = question;
  nothing["resource"] = entity("book", "b-2");
  for (const auto& path : {kSearches[0], kSearches[2]}) EXPECT_TRUE(ask(path, nothing).json().at("results").is_array());
}

TEST_F(AuthzenMustTest, M10_APartialAnswerSaysWhereItGoesOn) {
  for (const auto& path : kSearches) {
    Json body = question;
    body["page"]["limit"] = 1;
    const Json answer = ask(path, body).json();
    EXPECT_EQ(answer.at("results").size(), 1U) << path;
    EXPECT_FALSE(answer.at("page").at("next_token").get<std::string>().empty()) << path;
  }
}

TEST_F(AuthzenMustTest, M11_TheLastPageHasAnEmptyToken) {
  for (const auto& path : kSearches) EXPECT_EQ(ask(path, question).json().at("page").at("next_token"), "") << path;
}

TEST_F(AuthzenMustTest, M12_ATokenGoesWithTheSameQueryOnly) {
  for (const auto& path : kSearches) {
    Json body = question;
    body["page"]["limit"] = 1;
    const Json token = ask(path, body).json().at("page").at("next_token");
    body["page"]["token"] = token;
    EXPECT_EQ(ask(path, body).status, 200) << path;
    body["context"] = {{"changed", true}};
    EXPECT_EQ(ask(path, body).status, 400) << path;
  }
}

TEST(AuthzenMetadataTest, M13_TheWellKnownSegmentStandsBehindTheHost) {
  WorldOptions options;
  options.base_url = "https://vault.example.org/tenant1";
  World world{options};
  const Reply reply = world.nobody->get(std::string(kMetadata) + "/tenant1");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("policy_decision_point"), options.base_url);
  EXPECT_EQ(reply.json().at("access_evaluation_endpoint"), options.base_url + "/access/v1/evaluation");
  EXPECT_EQ(world.nobody->get(std::string(kMetadata) + "/tenant2").status, 404);
}

TEST_F(AuthzenMustTest, M14_TheDecisionPointIsTheConfiguredIdentifier) {
  const Reply reply =
      world.nobody->get(kMetadata, {{"X-Forwarded-Host", "evil.example.net"}, {"Forwarded", "host=evil.example.net"}});
  const auto identifier = reply.json().at("policy_decision_point").get<std::string>();
  EXPECT_EQ(identifier, kBaseUrl);
  EXPECT_EQ(identifier.rfind("https://", 0), 0U);
  EXPECT_EQ(identifier.find_first_of("?#"), std::string::npos);
  EXPECT_EQ(world.nobody->get(std::string(kMetadata) + "/tenant1").status, 404);
}

TEST_F(AuthzenMustTest, M15_MetadataIsJsonWithoutEmptyParameters) {
  const Reply reply = world.nobody->get(kMetadata);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_NE(reply.header("cache-control").find("max-age"), std::string::npos);
  const Json metadata = reply.json();
  for (const auto& item : metadata.items()) {
    EXPECT_FALSE(item.value().is_null()) << item.key();
    EXPECT_FALSE(item.value().empty()) << item.key();
  }
}

// egide signs no metadata, so nothing unsigned may stand under the name.
TEST_F(AuthzenMustTest, M16_ThereIsNoUnsignedSignedMetadata) {
  const Json metadata = world.nobody->get(kMetadata).json();
  EXPECT_FALSE(metadata.contains("signed_metadata"));
  EXPECT_FALSE(metadata.contains("jwks_uri"));
}

TEST_F(AuthzenMustTest, M17_AllEndpointsAreHttpsAndAnswerJson) {
  const Json metadata = world.nobody->get(kMetadata).json();
  for (const auto& item : metadata.items())
    if (item.key().find("_endpoint") != std::string::npos) {
      EXPECT_EQ(item.value().get<std::string>().rfind(std::string(kBaseUrl) + "/", 0), 0U) << item.key();
    }
  EXPECT_EQ(ask(kOne, question).header("content-type"), "application/json");
  for (const auto& path : kSearches) EXPECT_EQ(ask(path, question).header("content-type"), "application/json");
}

TEST_F(AuthzenMustTest, M18_RequestsAreJsonObjects) {
  std::vector<std::string> paths = {kOne, kMany};
  paths.insert(paths.end(), std::begin(kSearches), std::end(kSearches));
  for (const auto& path : paths) {
    EXPECT_EQ(world.gate->post(path, question, {{"Content-Type", "text/plain"}}).status, 400) << path;
    EXPECT_EQ(world.gate->send("POST", path, question.dump(), {{"Content-Type", ""}}).status, 400) << path;
    EXPECT_EQ(world.gate->post(path, question, {{"Content-Type", "application/json; charset=utf-8"}}).status, 200);
    for (const char* body : {"", "[]", "\"x\"", "3", "null", "{", "{}x"})
      EXPECT_EQ(world.gate->send("POST", path, body, {{"Content-Type", "application/json"}}).status, 400)
          << path << body;
    EXPECT_EQ(world.gate->get(path).status, 405) << path;
  }
}

TEST_F(AuthzenMustTest, M19_TheEndpointsOfTheMetadataAreServed) {
  const Json metadata = world.nobody->get(kMetadata).json();
  int served = 0;
  for (const auto& item : metadata.items()) {
    if (item.key().find("_endpoint") == std::string::npos || item.key() == "access_request_endpoint") continue;
    const auto path = item.value().get<std::string>().substr(std::string(kBaseUrl).size());
    EXPECT_EQ(ask(path, question).status, 200) << path;
    ++served;
  }
  EXPECT_EQ(served, 5);
}

TEST_F(AuthzenMustTest, M20_AMissingRequiredAttributeIsABadRequest) {
  const auto missing = [&](const std::string& path, const char* pointer) {
    const Json::json_pointer where(pointer);
    Json body = question;
    body.at(where.parent_pointer()).erase(where.back());
    const Reply reply = ask(path, body);
    EXPECT_EQ(reply.status, 400) << path << pointer;
    EXPECT_EQ(reply.code(), "invalid_request") << path << pointer;
    Json null = question;
    null[where] = nullptr;
    EXPECT_EQ(ask(path, null).status, 400) << path << pointer;
  };
  for (const char* pointer : {"/subject", "/resource", "/subject/type", "/resource/type"})
    for (const auto& path : {std::string(kOne), kSearches[0], kSearches[1], kSearches[2]}) missing(path, pointer);
  for (const auto& path : {std::string(kOne), kSearches[0], kSearches[1]}) {
    missing(path, "/action");
    missing(path, "/action/name");
  }
  for (const auto& path : {std::string(kOne), kSearches[1], kSearches[2]}) missing(path, "/subject/id");
  for (const auto& path : {std::string(kOne), kSearches[0], kSearches[2]}) missing(path, "/resource/id");
}

TEST_F(AuthzenMustTest, M21_UnknownMembersAreIgnoredAtEveryLevel) {
  Json body = question;
  for (const char* parent : {"", "/subject", "/resource", "/action"})
    body[Json::json_pointer(std::string(parent) + "/surprise")] = {{"deep", {1, nullptr}}};
  body["page"]["surprise"] = 1;
  EXPECT_EQ(decide(body).at("decision"), true);
  for (const auto& path : kSearches)
    EXPECT_EQ(ask(path, body).json().at("results"), ask(path, question).json().at("results"));
}

TEST_F(AuthzenMustTest, M22_TheOrderOfMembersDoesNotMatter) {
  const Reply reply = world.gate->send(
      "POST", kOne,
      R"({"context":{},"action":{"name":"borrow"},"resource":{"id":"b-1","type":"book"},"subject":{"id":"lena","type":"reader"}})");
  EXPECT_EQ(reply.json().at("decision"), true);
}

TEST_F(AuthzenMustTest, M23_TheRequestIdComesBackUnchanged) {
  for (const char* id : {"bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "x", "A/b:c=d~"}) {
    EXPECT_EQ(world.gate->post(kOne, question, {{"X-Request-ID", id}}).header("x-request-id"), id);
    EXPECT_EQ(world.gate->post(kSearches[1], Json::object(), {{"X-Request-ID", id}}).header("x-request-id"), id);
    EXPECT_EQ(world.nobody->post(kOne, question, {{"X-Request-ID", id}}).header("x-request-id"), id);
  }
  EXPECT_FALSE(ask(kMany, question).header("x-request-id").empty());
}

TEST_F(AuthzenMustTest, M24_WithoutACredentialTheAnswerIs401) {
  std::vector<std::string> paths = {kOne, kMany, "/access/v1/requests"};
  paths.insert(paths.end(), std::begin(kSearches), std::end(kSearches));
  for (const auto& path : paths) {
    const Reply reply = world.nobody->post(path, question);
    EXPECT_EQ(reply.status, 401) << path;
    EXPECT_FALSE(reply.header("www-authenticate").empty()) << path;
  }
}

}  // namespace
}  // namespace egide::testing
