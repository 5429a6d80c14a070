// The Data API of Open Policy Agent: the same decisions for gateways that speak to OPA.
#include "generic_fixture.h"

namespace egide::testing {
namespace {

constexpr const char* kAllow = "/v1/data/egide/consent/allow";
constexpr const char* kDecision = "/v1/data/egide/consent/decision";

class AuthzenOpaTest : public GenericTest {
 protected:
  std::string person = world.register_person("one@example.org");
  void SetUp() override { ASSERT_EQ(world.consent(person, kMatching, "given").status, 201); }
  Json short_form(const std::string& purpose = kMatching) const {
    return {{"tool", "matcher"}, {"purpose", purpose}, {"person", person}};
  }
  static Json input(const Json& x) { return {{"input", x}}; }
};

TEST_F(AuthzenOpaTest, AllowsByTheShortFormAndByAnEvaluation) {
  for (const Json& x : {short_form(), world.question("matcher", person, kMatching)}) {
    const Reply reply = world.matcher->post(kAllow, input(x));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json().at("result"), true);
    EXPECT_EQ(reply.json().at("decision_id").get<std::string>().size(), 26U);
  }
  world.consent(person, kMatching, "withdrawn");
  EXPECT_EQ(world.matcher->post(kAllow, input(short_form())).json().at("result"), false);
}

TEST_F(AuthzenOpaTest, GivesTheWholeDecision) {
  const Json answer = world.matcher->post(kDecision, input(short_form())).json();
  const Json& result = answer.at("result");
  EXPECT_EQ(result.at("decision"), true);
  EXPECT_EQ(result.at("reason"), "permit");
  EXPECT_FALSE(result.at("obligations").empty());
  EXPECT_EQ(result.at("evaluation_id"), answer.at("decision_id"));
  const auto index = result.at("log_index").dump();
  EXPECT_EQ(world.auditor->get("/v1/audit/entries/" + index).json().at("ev"), "access.evaluated");
}

TEST_F(AuthzenOpaTest, NarrowsToCategories) {
  Json x = short_form();
  x["categories"] = {"user.financial.bank_account"};
  EXPECT_EQ(world.matcher->post(kDecision, input(x)).json().at("result").at("reason"), "purpose_not_granted");
}

TEST_F(AuthzenOpaTest, AnswersGenericPoliciesToo) {
  EXPECT_EQ(world.gate->post(kAllow, input(asked("lena", "borrow", "b-1"))).json().at("result"), true);
  EXPECT_EQ(world.gate->post(kAllow, input(asked("lena", "borrow", "b-2"))).json().at("result"), false);
}

TEST_F(AuthzenOpaTest, LeavesEverythingElseUndefined) {
  for (const char* path : {"/v1/data/egide/consent", "/v1/data/egide/consent/allow/more", "/v1/data/other/allow",
                           "/v1/data/egide/consent/Allow"}) {
    const Reply reply = world.matcher->post(path, input(short_form()));
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(reply.json(), Json::object()) << path;
  }
  EXPECT_EQ(world.matcher->post(kAllow, Json::object()).json(), Json::object());
  EXPECT_EQ(world.matcher->send("POST", kAllow).json(), Json::object());
  EXPECT_EQ(world.matcher->post(kAllow, short_form()).json(), Json::object());  // not under "input"
}

TEST_F(AuthzenOpaTest, Version0TakesAndGivesRawValues) {
  const Reply allow = world.matcher->post("/v0/data/egide/consent/allow", short_form());
  EXPECT_EQ(allow.status, 200);
  EXPECT_EQ(allow.body, "true");
  EXPECT_EQ(world.matcher->post("/v0/data/egide/consent/decision", short_form()).json().at("reason"), "permit");
  EXPECT_EQ(world.matcher->post("/v0/data/egide/other", short_form()).status, 404);
  EXPECT_EQ(world.matcher->send("POST", "/v0/data/egide/consent/allow").status, 404);
}

TEST_F(AuthzenOpaTest, RefusesWhatIsWrongWithoutAResult) {
  for (const char* body : {"{", "{\"input\":", "{\"input\":{}} {}", "{\"input\":{},\"input\":{}}"}) {
    const Reply reply = world.matcher->send("POST", kAllow, body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_FALSE(reply.json().contains("result"));
  }
  for (const Json& x : {Json(3), Json::array(), Json::object(), Json{{"tool", "matcher"}},
                        Json{{"tool", "matcher"}, {"purpose", 3}, {"person", person}}, Json{{"tool", 3}}}) {
    const Reply reply = world.matcher->post(kAllow, input(x));
    EXPECT_EQ(reply.status, 400) << x;
    EXPECT_FALSE(reply.json().contains("result")) << x;
  }
}

TEST_F(AuthzenOpaTest, HasTheSameCredentialsAndRights) {
  EXPECT_EQ(world.nobody->post(kAllow, input(short_form())).status, 401);
  EXPECT_EQ(world.auditor->post(kAllow, input(short_form())).status, 403);
  EXPECT_EQ(world.other->post(kAllow, input(short_form())).status, 403);
  EXPECT_EQ(world.gate->post(kAllow, input(short_form())).json().at("result"), true);
}

TEST_F(AuthzenOpaTest, AcceptsOpasParametersAndOffersNothingElse) {
  EXPECT_EQ(world.matcher
                ->post(std::string(kAllow) + "?pretty=true&metrics=true&provenance=true&explain=full&instrument=true",
                       input(short_form()))
                .json()
                .at("result"),
            true);
  EXPECT_EQ(world.matcher->get(std::string(kAllow) + "?pretty=true").status, 405);
  for (const char* method : {"PUT", "PATCH", "DELETE"})
    EXPECT_EQ(world.matcher->send(method, kAllow, "{}").status, 405) << method;
  for (const char* path : {"/v1/policies", "/v1/query", "/v1/compile"})
    EXPECT_EQ(world.matcher->post(path, Json::object()).status, 404) << path;
}

TEST_F(AuthzenOpaTest, CollidesWithNoOtherRoute) {
  for (const auto& route : world.application->router().routes()) {
    const bool opa = route.name.rfind("opa.", 0) == 0;
    const bool reserved = route.pattern.rfind("/v1/data/", 0) == 0 || route.pattern.rfind("/v0/", 0) == 0;
    EXPECT_EQ(opa, reserved) << route.pattern;
  }
}

}  // namespace
}  // namespace egide::testing
