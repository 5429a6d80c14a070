// No personal data in an error or in the operational log, whatever is sent.
#include "egide/base/log.h"
#include "egide/testing/shared_data.h"
#include "world.h"

namespace egide::testing {
namespace {

const char* const kCanaries[] = {"canary@example.org", "Canary Lastname", "1980-02-29", "+33 6 00 00 00 00",
                                 "canary statement"};

class PrivacyTest : public WorldTest {
 protected:
  void expect_clean(const Reply& reply) {
    EXPECT_GE(reply.status, 400);
    EXPECT_LT(reply.status, 500);
    for (const char* canary : kCanaries) EXPECT_EQ(reply.body.find(canary), std::string::npos) << reply.body;
  }
};

TEST_F(PrivacyTest, RepeatsNoValueInAnError) {
  world.register_person("canary@example.org");
  Json taken, bad;
  taken["attributes"]["user.contact.email"] = "canary@example.org";
  bad["attributes"]["user.contact.phone_number"] = Json::object({{"n", "+33 6 00 00 00 00"}});
  bad["attributes"]["user.demographic.date_of_birth"] = "born 1980-02-29";
  bad["locale"] = Json::array({"Canary Lastname"});
  expect_clean(world.coordinator->post("/v1/subjects", taken));
  expect_clean(world.coordinator->post("/v1/subjects", bad));
  expect_clean(world.coordinator->send("POST", "/v1/subjects", R"({"attributes": "canary@example.org)"));
  expect_clean(world.coordinator->post("/v1/subjects/lookup", {{"email", "canary@example.org "}, {"reference", "x"}}));
  expect_clean(world.dpo->post("/v1/requests", {{"type", "canary statement"}, {"details", "canary statement"}}));
  expect_clean(world.matcher->post("/v1/decisions", {{"subject", "canary@example.org"}, {"id", "+33 6 00 00 00 00"}}));
  expect_clean(world.matcher->post("/access/v1/evaluation", {{"subject", "canary@example.org"}}));
  expect_clean(world.dpo->get("/v1/subjects/canary@example.org", {{"X-Purpose", "support"}}));
  expect_clean(world.dpo->get("/v1/decisions?limit=canary@example.org"));
}

TEST(OperationalLogTest, HoldsNoPersonalDataAndNoCredential) {
  const TempDir directory;
  const auto file = directory.file("log");
  base::configure_log(base::LogLevel::Debug, file);  // before the first thread that logs
  World world;
  const auto id = world.register_person("canary@example.org");
  world.consent(id, kMatching, "given");
  world.dpo->get("/v1/subjects/" + id, {{"X-Purpose", "canary statement"}});
  world.coordinator->post("/v1/subjects/lookup", {{"email", "canary@example.org"}});
  world.matcher->post("/v1/gateway/read", {{"subject", id}, {"purpose", kMatching}});
  world.dpo->post("/v1/requests", {{"type", "access"}, {"subject", id}, {"details", "canary statement"}});
  world.nobody->get("/v1/subjects/canary@example.org?x=canary@example.org");
  Client bad(world.port(), "canary@example.org");
  bad.get("/v1/users");
  world.coordinator->send("POST", "/v1/subjects", R"({"attributes": "canary@example.org)");
  base::log(base::LogLevel::Info, "test.end");  // flushes
  const auto log = read_file(file);
  EXPECT_NE(log.find("http.answered"), std::string::npos);
  for (const char* canary : kCanaries) EXPECT_EQ(log.find(canary), std::string::npos) << canary;
  EXPECT_EQ(log.find(id), std::string::npos);
  EXPECT_EQ(log.find(world.coordinator->token()), std::string::npos);
  EXPECT_EQ(log.find("127.0.0.1"), std::string::npos);
}

}  // namespace
}  // namespace egide::testing
