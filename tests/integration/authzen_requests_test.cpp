// Requestable denials: asking for the consent that is missing (AuthZEN Access Request and Approval profile).
#include "generic_fixture.h"

namespace egide::testing {
namespace {

constexpr const char* kRequests = "/access/v1/requests";
constexpr const char* kUrn = "urn:openid:authzen:access-request:error:";

class AuthzenRequestsTest : public WorldTest {
 protected:
  std::string person = world.register_person("one@example.org");

  Json denied(const std::string& who, const char* purpose = kMatching) {
    return world.evaluate(*world.matcher, "matcher", who, purpose).at("context");
  }
  Json request_for(const std::string& who, const Json& context) const {
    Json body = world.question("matcher", who, kMatching);
    body["denial"] = {{"evaluation_id", context.at("evaluation_id")},
                      {"expires_at", context.at("access_request").at("expires_at")}};
    return body;
  }
  Reply ask() { return world.matcher->post(kRequests, request_for(person, denied(person))); }
  Json task(const Reply& opened) {
    const auto where = opened.json().at("task").at("status_endpoint").get<std::string>();
    const Reply reply = world.matcher->get(where.substr(std::string(kBaseUrl).size()));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json().at("task");
  }
  static void expect_problem(const Reply& reply, int status, const std::string& code) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.json().at("type"), kUrn + code);
    EXPECT_EQ(reply.json().at("code"), code);
    EXPECT_EQ(reply.json().at("status"), status);
    EXPECT_EQ(reply.header("content-type"), "application/problem+json");
  }
};

TEST_F(AuthzenRequestsTest, OffersToAskOnlyWhereConsentIsMissing) {
  const Json context = denied(person);
  const Json& offer = context.at("access_request");
  EXPECT_EQ(offer.at("endpoint"), std::string(kBaseUrl) + kRequests);
  EXPECT_EQ(offer.at("form_url"), std::string(kBaseUrl) + "/choices/" + kMatching);
  EXPECT_EQ(offer.at("template"), std::string("consent:") + kMatching);
  EXPECT_EQ(offer.at("expires_at"), "2026-03-09T09:00:00Z");
  EXPECT_EQ(offer.dump().find(person), std::string::npos);

  EXPECT_FALSE(denied("nobody").contains("access_request"));
  EXPECT_FALSE(denied(person, kNewsletter).contains("access_request"));  // not granted
  world.consent(person, kMatching, "given");
  EXPECT_FALSE(denied(person).contains("access_request"));  // a permit
  world.consent(person, kMatching, "withdrawn");
  EXPECT_EQ(denied(person).at("reason"), "consent_withdrawn");
  EXPECT_FALSE(denied(person).contains("access_request"));  // asking again would be pressure
  const auto refusing = world.register_person("two@example.org");
  world.consent(refusing, kMatching, "refused");
  EXPECT_FALSE(denied(refusing).contains("access_request"));
  world.advance(std::chrono::hours(24 * 200));
  EXPECT_TRUE(denied(refusing).contains("access_request"));
}

TEST_F(AuthzenRequestsTest, FollowsTheStateOfTheConsent) {
  const Reply opened = ask();
  ASSERT_EQ(opened.status, 201) << opened.body;
  const Json first = opened.json().at("task");
  EXPECT_EQ(first.at("id").get<std::string>().rfind("arq_", 0), 0U);
  EXPECT_EQ(first.at("status"), "pending");
  EXPECT_EQ(task(opened), first);
  EXPECT_EQ(denied(person).at("consent").at("state"), "dpv:ConsentRequested");

  world.consent(person, kMatching, "given");
  const Json approved = task(opened);
  EXPECT_EQ(approved.at("status"), "approved");
  EXPECT_EQ(approved.at("result").at("mode"), "reevaluate");
  EXPECT_EQ(approved.at("result").at("approval").at("approved_at"), "2026-03-02T09:00:00Z");
  EXPECT_EQ(approved.at("result").at("approval").at("approved_until"), "2027-03-02T09:00:00Z");
  world.consent(person, kMatching, "withdrawn");
  EXPECT_EQ(task(opened).at("status"), "denied");
  EXPECT_FALSE(task(opened).contains("result"));
}

TEST_F(AuthzenRequestsTest, IsDeniedByARefusalAndExpiresWithoutAnAnswer) {
  const Reply opened = ask();
  world.consent(person, kMatching, "refused");
  EXPECT_EQ(task(opened).at("status"), "denied");

  person = world.register_person("two@example.org");
  const Reply second = ask();
  world.advance(std::chrono::hours(24 * 8));
  EXPECT_EQ(task(second).at("status"), "expired");
}

TEST_F(AuthzenRequestsTest, ApprovalIsNoGrant) {
  const Reply opened = ask();
  Json body = world.question("matcher", person, kMatching);
  body["context"]["approval"] = {{"id", opened.json().at("task").at("id")}};
  EXPECT_EQ(world.matcher->post("/access/v1/evaluation", body).json().at("decision"), false);
}

TEST_F(AuthzenRequestsTest, TakesADenialOfThisVeryAccessOnly) {
  const Json context = denied(person);
  const auto second = world.register_person("two@example.org");
  expect_problem(world.matcher->post(kRequests, request_for(second, context)), 400, "invalid_denial_binding");
  Json other_tool = request_for(person, context);
  other_tool["subject"]["id"] = "other";
  expect_problem(world.other->post(kRequests, other_tool), 400, "invalid_denial_binding");
  Json other_purpose = request_for(person, context);
  other_purpose["action"]["properties"]["purpose"] = "ai.team_composition";
  expect_problem(world.matcher->post(kRequests, other_purpose), 400, "invalid_denial_binding");
  Json later = request_for(person, context);
  later["denial"]["expires_at"] = "2027-03-09T09:00:00Z";
  expect_problem(world.matcher->post(kRequests, later), 400, "invalid_denial_binding");
  const auto id = context.at("evaluation_id").get<std::string>();
  for (std::size_t i = 0; i < id.size(); ++i) {
    Json forged = request_for(person, context);
    std::string altered = id;
    altered[i] = altered[i] == '7' ? '3' : '7';
    forged["denial"]["evaluation_id"] = altered;
    expect_problem(world.matcher->post(kRequests, forged), 400, "invalid_denial_binding");
  }
  Json pseudonymous = request_for(person, context);  // the same person by the tool's pseudonym
  pseudonymous["resource"]["id"] =
      world.matcher->post("/v1/gateway/pseudonyms", {{"purpose", kMatching}, {"subjects", {person}}})
          .json()
          .at("pseudonyms")[0]
          .at("pseudonym");
  EXPECT_EQ(world.matcher->post(kRequests, pseudonymous).status, 201);
}

TEST_F(AuthzenRequestsTest, RefusesAnOldDenialAndOneThatNoLongerHolds) {
  const Json body = request_for(person, denied(person));
  world.consent(person, kMatching, "given");
  expect_problem(world.matcher->post(kRequests, body), 400, "not_requestable");
  world.consent(person, kMatching, "withdrawn");
  expect_problem(world.matcher->post(kRequests, body), 400, "not_requestable");
  world.advance(std::chrono::hours(24 * 8));
  expect_problem(world.matcher->post(kRequests, body), 410, "expired_denial");
}

TEST_F(AuthzenRequestsTest, AsksOnceAndNotTooOften) {
  ASSERT_EQ(ask().status, 201);
  expect_problem(ask(), 409, "duplicate_request");
  for (int i = 0; i < 2; ++i) {
    world.advance(std::chrono::hours(24 * 8));
    ASSERT_EQ(ask().status, 201);
  }
  world.advance(std::chrono::hours(24 * 8));
  expect_problem(ask(), 400, "not_requestable");  // the fourth in 30 days
  world.advance(std::chrono::hours(24 * 30));
  EXPECT_EQ(ask().status, 201);
}

TEST_F(AuthzenRequestsTest, GivesTheSameAnswerToTheSameIdempotencyKey) {
  const Json body = request_for(person, denied(person));
  const Reply first = world.matcher->post(kRequests, body, {{"Idempotency-Key", "k1"}});
  ASSERT_EQ(first.status, 201);
  EXPECT_EQ(world.matcher->post(kRequests, body, {{"Idempotency-Key", "k1"}}).body, first.body);
}

TEST_F(AuthzenRequestsTest, ShowsATaskToItsToolAlone) {
  const auto id = ask().json().at("task").at("id").get<std::string>();
  const auto path = std::string(kRequests) + "/" + id;
  EXPECT_EQ(world.matcher->get(path).header("retry-after"), "30");
  expect_problem(world.other->get(path), 404, "unknown_task");
  expect_problem(world.matcher->get(std::string(kRequests) + "/arq_AAAAAAAAAAAAAAAAAAAAAA"), 404, "unknown_task");
  expect_problem(world.matcher->get(std::string(kRequests) + "/x"), 404, "unknown_task");
  EXPECT_EQ(world.nobody->get(path).status, 401);
  EXPECT_EQ(world.dpo->get(path).status, 403);
  world.restart();
  EXPECT_EQ(world.matcher->get(path).status, 200);
}

TEST_F(AuthzenRequestsTest, RefusesWhatIsMalformed) {
  const Json good = request_for(person, denied(person));
  for (const char* pointer :
       {"/subject", "/resource/id", "/action/name", "/denial", "/denial/evaluation_id", "/denial/expires_at"}) {
    const Json::json_pointer where(pointer);
    Json body = good;
    body.at(where.parent_pointer()).erase(where.back());
    EXPECT_EQ(world.matcher->post(kRequests, body).status, 400) << pointer;
    body = good;
    body[where] = 3;
    EXPECT_EQ(world.matcher->post(kRequests, body).status, 400) << pointer;
  }
  Json items = good;
  items["items"] = Json::array({good});
  EXPECT_EQ(world.matcher->post(kRequests, items).status, 400);
  Json foreign = good;
  foreign["subject"]["id"] = "mailer";
  EXPECT_EQ(world.matcher->post(kRequests, foreign).status, 403);
  Json generic = good;
  generic["resource"]["type"] = "account";
  expect_problem(world.matcher->post(kRequests, generic), 400, "not_requestable");
}

TEST_F(AuthzenRequestsTest, ForgetsWhatWasAskedAboutAnErasedPerson) {
  const auto path = std::string(kRequests) + "/" + ask().json().at("task").at("id").get<std::string>();
  const Json body = request_for(person, denied(person));
  const Reply opened = world.dpo->post("/v1/requests", {{"type", "erasure"}, {"subject", person}});
  const auto where = opened.header("location") + "/transitions";
  const Reply moved = world.dpo->post(where, {{"to", "in_progress"}}, {{"If-Match", opened.header("etag")}});
  const Reply erased = world.dpo->post(where, {{"to", "fulfilled"}}, {{"If-Match", moved.header("etag")}});
  ASSERT_EQ(erased.status, 200) << erased.body;
  expect_problem(world.matcher->get(path), 404, "unknown_task");
  expect_problem(world.matcher->post(kRequests, body), 400, "not_requestable");
  EXPECT_EQ(denied(person).at("reason"), "erased");
  EXPECT_FALSE(denied(person).contains("access_request"));
}

TEST_F(AuthzenRequestsTest, AsksTheGuardianOfAChild) {
  Json body;
  body["attributes"]["user.name"] = "Child";
  body["attributes"]["user.contact.email"] = "child@example.org";
  body["attributes"]["user.demographic.date_of_birth"] = "2015-01-01";
  person = world.coordinator->post("/v1/subjects", body).json().at("id").get<std::string>();
  ASSERT_EQ(denied(person).at("reason"), "guardian_consent_missing");
  const Reply opened = ask();
  ASSERT_EQ(opened.status, 201) << opened.body;
  world.consent(person, kMatching, "given");
  EXPECT_EQ(task(opened).at("status"), "pending");  // the child alone does not do
  Json guardian = {
      {"purpose", kMatching}, {"status", "given"}, {"by", "guardian"}, {"channel", "paper"}, {"evidence", "form 3"}};
  ASSERT_EQ(world.coordinator->post("/v1/subjects/" + person + "/consents", guardian).status, 201);
  EXPECT_EQ(task(opened).at("status"), "approved");
}

}  // namespace
}  // namespace egide::testing
