// What a careless or hostile client sends: each gets a precise problem document, never a 5xx.
#include "world.h"

namespace egide::testing {
namespace {

class MalformedTest : public WorldTest {
 protected:
  void expect_problem(const Reply& reply, int status, const char* code) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.code(), code) << reply.body;
    EXPECT_EQ(reply.header("content-type"), "application/problem+json");
    EXPECT_EQ(reply.json().at("status"), status);
    EXPECT_FALSE(reply.json().at("request_id").get<std::string>().empty());
    EXPECT_EQ(reply.json().at("request_id"), reply.header("x-request-id"));
    EXPECT_EQ(reply.json().at("type").get<std::string>().rfind(std::string(kBaseUrl) + "/problems/", 0), 0U);
  }
  // Every route that takes JSON, with somebody who may call it.
  std::vector<std::pair<std::string, Client*>> json_routes() {
    return {{"/v1/subjects", world.coordinator.get()},
            {"/v1/subjects/lookup", world.coordinator.get()},
            {"/v1/gateway/read", world.matcher.get()},
            {"/v1/gateway/pseudonyms", world.matcher.get()},
            {"/v1/decisions", world.matcher.get()},
            {"/v1/requests", world.dpo.get()},
            {"/v1/tools", world.admin.get()},
            {"/v1/users", world.admin.get()},
            {"/access/v1/evaluation", world.matcher.get()},
            {"/access/v1/evaluations", world.matcher.get()}};
  }
};

TEST_F(MalformedTest, RefusesWhatIsNotAcceptableJson) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{\"a\":";
  deep += "1" + std::string(40, '}');
  const std::string bodies[] = {"{",
                                "{\"a\":1,}",
                                "{'a':1}",
                                "{\"a\":1} x",
                                "{\"a\":\"\xff\"}",
                                "{\"a\":\"\\ud800\"}",
                                "{\"a\":NaN}",
                                "{\"a\":1,\"a\":2}",
                                "{\"a\":1,\"\\u0061\":2}",
                                "{\"a\":1e999}",

                                deep,
                                "{\"a\":\"\x01\"}"};
  for (const auto& [path, client] : json_routes()) {
    for (const auto& body : bodies) {
      SCOPED_TRACE(path + " " + body.substr(0, 30));
      expect_problem(client->send("POST", path, body), 400, "invalid_json");
    }
  }
}

TEST_F(MalformedTest, RefusesOtherTypesAtTheTop) {
  for (const auto& [path, client] : json_routes()) {
    const bool access = path.rfind("/access/", 0) == 0;
    for (const char* body : {"3", "true", "\"text\"", "null"}) {
      SCOPED_TRACE(path + " " + body);
      expect_problem(client->send("POST", path, body), access ? 400 : 422, "invalid_request");
    }
  }
}

TEST_F(MalformedTest, RefusesOtherMediaTypes) {
  for (const auto& [path, client] : json_routes()) {
    SCOPED_TRACE(path);
    const bool access = path.rfind("/access/", 0) == 0;
    expect_problem(client->send("POST", path, "{}", {{"Content-Type", "text/xml"}}), access ? 400 : 415,
                   "unsupported_media_type");
  }
}

TEST_F(MalformedTest, RefusesBodiesBeyondTheLimitBeforeTheyAreRead) {
  const std::string huge = "{\"a\":\"" + std::string(2U << 20, 'a') + "\"}";
  const Reply reply = world.coordinator->send("POST", "/v1/subjects", huge);
  expect_problem(reply, 413, "too_large");
}

TEST_F(MalformedTest, RefusesHeadersThatContradictEachOther) {
  const std::string start = "POST /v1/subjects HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
  for (const char* fields : {"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length: 2, 2\r\n\r\n{}",
                             "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", "Content-Length: -1\r\n\r\n",
                             "Content-Length: +2\r\n\r\n{}", "Host: other\r\nContent-Length: 2\r\n\r\n{}",
                             "Authorization: Bearer a\r\nAuthorization: Bearer b\r\nContent-Length: 2\r\n\r\n{}",
                             "Content-Length : 2\r\n\r\n{}"}) {
    Client client(world.port(), "");
    const Reply reply = client.raw(start + fields);
    EXPECT_GE(reply.status, 400) << fields;
    EXPECT_LT(reply.status, 502) << fields;
    EXPECT_FALSE(reply.code().empty()) << fields;
    EXPECT_EQ(reply.header("connection"), "close") << fields;
  }
}

TEST_F(MalformedTest, RefusesPathsThatTwoReadersWouldReadDifferently) {
  for (const char* path :
       {"/v1/../v1/users", "/v1/%2e%2e/users", "/v1/users%00", "/v1/%ff", "/v1/us%0aers", "/v1/%zz", "//v1"}) {
    const Reply reply = world.admin->get(path);
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << path << " " << reply.status;
    EXPECT_FALSE(reply.code().empty()) << path;
  }
  EXPECT_EQ(world.admin->get("/v1/users?a=%ff").status, 400);
  EXPECT_EQ(world.admin->get("/" + std::string(5000, 'a')).status, 414);
}

TEST_F(MalformedTest, RefusesRequestIdsOutsideTheirForm) {
  expect_problem(world.admin->get("/v1/users", {{"X-Request-ID", std::string(129, 'a')}}), 400, "malformed_request");
  expect_problem(world.admin->get("/v1/users", {{"X-Request-ID", "a b"}}), 400, "malformed_request");
}

TEST_F(MalformedTest, TakesAnyTypeOfAnyMemberWithoutA5xx) {
  const Json values[] = {Json(),
                         Json(true),
                         Json(-1),
                         Json(1.5),
                         Json(1e300),
                         Json(""),
                         Json(std::string(70000, 'x')),
                         Json(Json::array()),
                         Json(Json::array({Json()})),
                         Json(Json::object({{"a", Json::array({1})}}))};
  const char* members[] = {"attributes", "email",       "subject",  "purpose", "subjects", "fields",
                           "type",       "id",          "purposes", "label",   "role",     "resource",
                           "action",     "evaluations", "options",  "scope",   "data",     "specversion"};
  for (const auto& [path, client] : json_routes()) {
    for (const char* member : members) {
      for (const Json& value : values) {
        Json body = world.question("matcher", "x", kMatching);
        body[member] = value;
        const Reply reply = client->post(path, body);
        EXPECT_LT(reply.status, 500) << path << " " << member << " " << value.dump().substr(0, 40);
      }
    }
  }
}

}  // namespace
}  // namespace egide::testing
