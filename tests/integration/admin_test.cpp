// Accounts of tools and staff.
#include "world.h"

namespace egide::testing {
namespace {

class AdminTest : public WorldTest {};

TEST_F(AdminTest, ShowsAToolsKeyOnceAndStopsItWhenRevoked) {
  const Reply created = world.admin->post("/v1/tools", {{"id", "new-tool"}, {"purposes", {kMatching}}});
  ASSERT_EQ(created.status, 201) << created.body;
  const auto key = created.json().at("key").get<std::string>();
  const Reply list = world.admin->get("/v1/tools");
  EXPECT_EQ(list.json().at("items").size(), 5U);
  EXPECT_EQ(list.body.find(key), std::string::npos);
  Client tool(world.port(), key);
  EXPECT_EQ(tool.get("/v1/purposes").status, 200);
  EXPECT_EQ(world.admin->send("DELETE", "/v1/tools/new-tool").status, 204);
  EXPECT_EQ(tool.get("/v1/purposes").status, 401);
  EXPECT_EQ(world.admin->send("DELETE", "/v1/tools/no-such-tool").status, 404);
}

TEST_F(AdminTest, TakesAKeyAsBasicPasswordToo) {
  // "any:" + key in base64, for tools that know nothing else.
  const std::string pair = "any:" + world.matcher->token();
  const std::string header = "Basic " + base::to_base64(base::as_bytes(pair));
  EXPECT_EQ(world.nobody->get("/v1/purposes", {{"Authorization", header}}).status, 200);
}

TEST_F(AdminTest, CreatesAndDisablesStaff) {
  const Reply created = world.admin->post("/v1/users", {{"label", "second audit"}, {"role", "auditor"}});
  ASSERT_EQ(created.status, 201) << created.body;
  Client auditor(world.port(), created.json().at("token").get<std::string>());
  EXPECT_EQ(auditor.get("/v1/audit/entries").status, 200);
  EXPECT_EQ(world.admin->get("/v1/users").body.find(auditor.token()), std::string::npos);
  const auto path = "/v1/users/" + created.json().at("id").get<std::string>();
  EXPECT_EQ(world.admin->send("DELETE", path).status, 204);
  EXPECT_EQ(auditor.get("/v1/audit/entries").status, 401);
  EXPECT_EQ(world.admin->send("DELETE", "/v1/users/second%20audit").status, 404);
}

TEST_F(AdminTest, SaysWhatIsWrong) {
  for (const Json& body :
       {Json::object(), Json{{"id", "Bad Id"}, {"purposes", {kMatching}}}, Json{{"id", "x"}, {"purposes", {"no.such"}}},
        Json{{"id", "x"}, {"purposes", Json::array()}}, Json{{"id", "x"}, {"purposes", kMatching}}}) {
    const Reply reply = world.admin->post("/v1/tools", body);
    EXPECT_EQ(reply.status, 422) << body;
    EXPECT_FALSE(reply.json().at("errors").empty());
  }
  EXPECT_EQ(world.admin->post("/v1/tools", {{"id", "matcher"}, {"purposes", {kMatching}}}).status, 409);
  for (const char* role : {"tool", "subject", "public", "king"})
    EXPECT_EQ(world.admin->post("/v1/users", {{"label", "x"}, {"role", role}}).status, 422) << role;
  EXPECT_EQ(world.admin->post("/v1/users", {{"label", "audit"}, {"role", "auditor"}}).status, 409);
}

}  // namespace
}  // namespace egide::testing
