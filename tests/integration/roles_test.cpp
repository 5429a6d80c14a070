// Walks the role table over the real server: every route, every role.
#include "egide/api/role_table.h"

#include "world.h"

namespace egide::testing {
namespace {

using api::Role;

class RolesTest : public WorldTest {
 protected:
  static std::string path_of(std::string pattern) {
    const std::pair<const char*, const char*> values[] = {
        {"{path*}", "000.p/1"}, {"{profile}", "letters"}, {"{purpose}", "ai.mission_matching"},
        {"{level}", "0"},       {"{index}", "0"},         {"{token}", "x"}};
    for (const auto& [name, value] : values) {
      const auto at = pattern.find(name);
      if (at != std::string::npos) pattern.replace(at, std::string(name).size(), value);
    }
    const auto at = pattern.find("{id}");
    if (at != std::string::npos) pattern.replace(at, 4, "00000000-0000-0000-0000-000000000000");
    return pattern;
  }
  Reply call(Client& client, const api::RouteInfo& route) {
    const std::string body = route.method == api::Method::Post || route.method == api::Method::Patch ? "{}" : "";
    return client.send(api::name_of(route.method), path_of(route.pattern), body, {{"If-Match", "\"1\""}});
  }
};

TEST_F(RolesTest, HasARuleForEachRouteAndARouteForEachRule) {
  EXPECT_TRUE(api::compare_with_table({&world.application->router()}, api::role_table()).empty());
}

TEST_F(RolesTest, Answers401WithoutATokenAnd403ToEveryOtherRole) {
  for (const auto& route : world.application->router().routes()) {
    const bool open = api::may_call(api::role_table(), route.name, Role::Public);
    const Reply anonymous = call(*world.nobody, route);
    EXPECT_EQ(anonymous.status == 401, !open) << route.name << " " << anonymous.status;
    for (const Role role : {Role::Tool, Role::Coordinator, Role::Dpo, Role::Auditor, Role::Admin}) {
      const Reply reply = call(world.as(api::name_of(role)), route);
      const bool may = api::may_call(api::role_table(), route.name, role);
      EXPECT_LT(reply.status, 500) << route.name;
      EXPECT_NE(reply.status, 401) << route.name << " " << api::name_of(role);
      if (!may) {
        EXPECT_EQ(reply.status, 403) << route.name << " " << api::name_of(role);
        EXPECT_EQ(reply.code(), "forbidden");
      } else if (route.name != "gateway.pseudonyms" &&   // which also refuses a purpose that is not granted
                 !route.name.starts_with("forward.")) {  // whose denials are 403
        EXPECT_NE(reply.status, 403) << route.name << " " << api::name_of(role) << reply.body;
      }
    }
  }
}

TEST_F(RolesTest, AnswersEveryUnusableCredentialInTheSameWords) {
  std::set<std::string> details;
  for (const std::string& token : {std::string("x"), std::string(43, 'A'), std::string(4000, 'A'), std::string("é"),
                                   world.matcher->token() + "A", std::string("Bearer")}) {
    Client client(world.port(), token);
    const Reply reply = client.get("/v1/users");
    EXPECT_EQ(reply.status, 401);
    Json document = reply.json();
    document.erase("request_id");
    details.insert(document.dump());
  }
  EXPECT_EQ(details.size(), 1U);
  for (const char* header : {"Bearer", "Token abc", "Basic !!!", "Basic eA==", ""})
    EXPECT_EQ(world.nobody->get("/v1/users", {{"Authorization", header}}).status, 401) << header;
}

}  // namespace
}  // namespace egide::testing
