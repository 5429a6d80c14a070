// POST /access/v1/evaluations: defaults, semantics, errors of single items.
#include "world.h"

namespace egide::testing {
namespace {

constexpr const char* kPath = "/access/v1/evaluations";

class EvaluationsTest : public WorldTest {
 protected:
  std::string yes = world.register_person("yes@example.org");
  std::string no = world.register_person("no@example.org");

  void SetUp() override { ASSERT_EQ(world.consent(yes, kMatching, "given").status, 201); }
  static Json item(const std::string& person) {
    Json out;
    out["resource"]["type"] = "person";
    out["resource"]["id"] = person;
    return out;
  }
  Json batch(const std::vector<Json>& items) const {
    Json body = world.question("matcher", yes, kMatching);
    body.erase("resource");
    body["evaluations"] = items;
    return body;
  }
  Json answers(const Json& body) {
    const Reply reply = world.matcher->post(kPath, body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json().at("evaluations");
  }
};

TEST_F(EvaluationsTest, IsASingleEvaluationWithoutItems) {
  Json body = world.question("matcher", yes, kMatching);
  for (const Json& list : {Json(), Json(Json::array())}) {
    body["evaluations"] = list;
    const Json answer = world.matcher->post(kPath, body).json();
    EXPECT_EQ(answer.at("decision"), true);
    EXPECT_FALSE(answer.contains("evaluations"));
  }
  body.erase("evaluations");
  EXPECT_EQ(world.matcher->post(kPath, body).json().at("decision"), true);
  body.erase("resource");
  EXPECT_EQ(world.matcher->post(kPath, body).status, 400);
}

TEST_F(EvaluationsTest, AnswersInTheOrderOfTheRequestOneEntryAnItem) {
  const Json list = answers(batch({item(yes), item(no), item(yes)}));
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].at("decision"), true);
  EXPECT_EQ(list[1].at("decision"), false);
  EXPECT_EQ(list[2].at("decision"), true);
  EXPECT_EQ(list[1].at("context").at("log_index"), list[0].at("context").at("log_index").get<std::uint64_t>() + 1);
}

TEST_F(EvaluationsTest, ReplacesDefaultsWholeAndNeverMergesThem) {
  Json own_action = item(yes);
  own_action["action"]["name"] = "process";  // without properties: the default's purpose is not taken over
  Json null_action = item(yes);
  null_action["action"] = nullptr;  // absence
  const Json list = answers(batch({own_action, null_action}));
  EXPECT_EQ(list[0].at("decision"), false);
  EXPECT_EQ(list[0].at("context").at("error").at("status"), 400);
  EXPECT_EQ(list[1].at("decision"), true);
}

TEST_F(EvaluationsTest, MakesAMissingKeyTheErrorOfItsItemAlone) {
  Json body = batch({Json::object(), item(yes), Json("text"), Json(), Json::array()});
  const Json list = answers(body);
  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(list[1].at("decision"), true);
  for (const std::size_t i : {0U, 2U, 3U, 4U}) {
    EXPECT_EQ(list[i].at("decision"), false);
    EXPECT_EQ(list[i].at("context").at("error").at("status"), 400);
    EXPECT_TRUE(list[i].at("context").at("error").at("message").is_string());
  }
}

TEST_F(EvaluationsTest, MakesAnotherToolsItemAnErrorAndAnswersTheRest) {
  Json foreign = item(yes);
  foreign["subject"] = {{"type", "application"}, {"id", "mailer"}};
  const Json list = answers(batch({item(yes), foreign, item(no)}));
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].at("decision"), true);
  EXPECT_EQ(list[1].at("context").at("error").at("status"), 403);
  EXPECT_EQ(list[2].at("context").at("reason"), "consent_missing");
}

TEST_F(EvaluationsTest, StopsAfterTheFirstDenial) {
  Json body = batch({item(yes), item(no), item(yes)});
  body["options"]["evaluations_semantic"] = "deny_on_first_deny";
  body["options"]["unknown"] = 1;
  const Json list = answers(body);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_FALSE(list[0].at("context").contains("short_circuit"));
  EXPECT_EQ(list[1].at("decision"), false);
  EXPECT_EQ(list[1].at("context").at("short_circuit"), "deny_on_first_deny");

  body["evaluations"] = {Json::object(), item(yes)};
  EXPECT_EQ(answers(body).size(), 1U);  // a failure denies
}

TEST_F(EvaluationsTest, StopsAfterTheFirstPermit) {
  Json body = batch({item(no), Json::object(), item(yes), item(yes)});
  body["options"]["evaluations_semantic"] = "permit_on_first_permit";
  const Json list = answers(body);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[2].at("decision"), true);
  EXPECT_EQ(list[2].at("context").at("short_circuit"), "permit_on_first_permit");
}

TEST_F(EvaluationsTest, AsksNothingAboutTheItemsItDidNotReach) {
  Json body = batch({item(no), item(yes)});
  body["options"]["evaluations_semantic"] = "deny_on_first_deny";
  const auto before = world.auditor->get("/v1/audit/entries?limit=1").json().at("size").get<std::uint64_t>();
  answers(body);
  EXPECT_EQ(world.auditor->get("/v1/audit/entries?limit=1").json().at("size"), before + 1);
}

TEST_F(EvaluationsTest, RefusesAPayloadThatIsWrongAsAWhole) {
  Json wrong_list = batch({});
  wrong_list["evaluations"] = "text";
  Json wrong_semantic = batch({item(yes)});
  wrong_semantic["options"]["evaluations_semantic"] = "whatever";
  Json wrong_options = batch({item(yes)});
  wrong_options["options"] = 3;
  Json wrong_default = batch({item(yes)});
  wrong_default["subject"] = "matcher";
  Json too_many = batch(std::vector<Json>(1001, item(yes)));
  for (const Json& body : {wrong_list, wrong_semantic, wrong_options, wrong_default, too_many}) {
    const Reply reply = world.matcher->post(kPath, body);
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.code(), "invalid_request");
  }
}

TEST_F(EvaluationsTest, TakesAThousandItems) {
  const Json list = answers(batch(std::vector<Json>(1000, item(yes))));
  ASSERT_EQ(list.size(), 1000U);
  for (const auto& answer : list) EXPECT_EQ(answer.at("decision"), true);
}

}  // namespace
}  // namespace egide::testing
