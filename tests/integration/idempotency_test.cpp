// Idempotency-Key over the real, durable store.
#include "world.h"

namespace egide::testing {
namespace {

class IdempotencyTest : public WorldTest {
 protected:
  static Json person(const std::string& email) {
    Json body;
    body["attributes"]["user.contact.email"] = email;
    return body;
  }
  Reply post(const Json& body, const std::string& key) {
    return world.coordinator->post("/v1/subjects", body, {{"Idempotency-Key", key}});
  }
};

TEST_F(IdempotencyTest, GivesTheFirstAnswerAgain) {
  const Reply first = post(person("a@example.org"), "\"key-1\"");
  ASSERT_EQ(first.status, 201) << first.body;
  for (const char* key : {"\"key-1\"", "key-1"}) {
    const Reply again = post(person("a@example.org"), key);
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("location"), first.header("location"));
    EXPECT_EQ(again.header("etag"), first.header("etag"));
  }
}

TEST_F(IdempotencyTest, GivesItAgainAfterARestart) {
  const Reply first = post(person("a@example.org"), "key-1");
  world.restart();
  EXPECT_EQ(post(person("a@example.org"), "key-1").body, first.body);
}

TEST_F(IdempotencyTest, RefusesTheKeyForAnotherBody) {
  ASSERT_EQ(post(person("a@example.org"), "key-1").status, 201);
  const Reply reply = post(person("b@example.org"), "key-1");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.code(), "invalid_request");
}

TEST_F(IdempotencyTest, KeepsKeysOfCallersAndPathsApart) {
  ASSERT_EQ(post(person("a@example.org"), "key-1").status, 201);
  EXPECT_EQ(world.dpo->post("/v1/subjects", person("b@example.org"), {{"Idempotency-Key", "key-1"}}).status, 201);
  EXPECT_EQ(post(person("c@example.org"), "key-2").status, 201);
}

TEST_F(IdempotencyTest, RefusesKeysOutsideTheirForm) {
  for (const std::string& key :
       {std::string("\"open"), std::string("a b"), std::string(256, 'k'), std::string("\"\"")}) {
    const Reply reply = post(person("a@example.org"), key);
    EXPECT_EQ(reply.status, 400) << key;
    EXPECT_EQ(reply.code(), "malformed_request");
  }
}

TEST_F(IdempotencyTest, ReplaysARefusalToo) {
  ASSERT_EQ(post(person("a@example.org"), "key-1").status, 201);
  const Reply conflict = post(person("a@example.org"), "key-2");
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(post(person("a@example.org"), "key-2").status, 409);
}

TEST_F(IdempotencyTest, RecordsAConsentAndOpensARequestOnce) {
  const auto id = world.register_person("a@example.org");
  const Json consent = {{"purpose", kMatching}, {"status", "given"}, {"channel", "paper"}, {"evidence", "form 12"}};
  const std::string path = "/v1/subjects/" + id + "/consents";
  const Headers key = {{"Idempotency-Key", "key-1"}};
  const Reply first = world.coordinator->post(path, consent, key);
  EXPECT_EQ(world.coordinator->post(path, consent, key).body, first.body);
  EXPECT_EQ(world.coordinator->get(path).json().at("events").size(), 1U);
  const Json request = {{"type", "access"}, {"subject", id}};
  const Reply opened = world.dpo->post("/v1/requests", request, key);
  EXPECT_EQ(world.dpo->post("/v1/requests", request, key).body, opened.body);
  EXPECT_EQ(world.dpo->get("/v1/requests").json().at("items").size(), 1U);
}

}  // namespace
}  // namespace egide::testing
