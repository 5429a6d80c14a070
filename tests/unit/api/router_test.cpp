#include "egide/api/router.h"

#include <gtest/gtest.h>

namespace egide::api {
namespace {

constexpr RoleRule kTable[] = {{"a.get", {Role::Tool}}, {"a.list", {Role::Public}}, {"unused", {Role::Dpo}}};

Route route(Method method, const std::string& pattern, const std::string& name) {
  Route out;
  out.method = method;
  out.pattern = pattern;
  out.name = name;
  out.handler = [](const RequestContext&) -> base::Result<HttpResponse> { return HttpResponse::empty(204); };
  return out;
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router_.add(route(Method::Get, "/", "root"));
    router_.add(route(Method::Get, "/v1/a", "a.list"));
    router_.add(route(Method::Post, "/v1/a", "a.create"));
    router_.add(route(Method::Get, "/v1/a/{id}", "a.get"));
    router_.add(route(Method::Post, "/v1/a/lookup", "a.lookup"));
    router_.add(route(Method::Get, "/log/tile/{level}/{path*}", "log.tile"));
    router_.add(route(Method::Get, "/log/tile/entries/{path*}", "log.entries"));
  }
  std::string name(Method method, const std::vector<std::string>& segments) {
    const auto match = router_.match(method, segments);
    return match.route != nullptr ? match.route->name : "none, allow: " + match.allow;
  }
  Router router_{kTable};
};

TEST_F(RouterTest, FindsRoutes) {
  EXPECT_EQ(name(Method::Get, {}), "root");
  EXPECT_EQ(name(Method::Get, {"v1", "a"}), "a.list");
  EXPECT_EQ(name(Method::Post, {"v1", "a"}), "a.create");
  EXPECT_EQ(name(Method::Get, {"v1", "a", "7"}), "a.get");
  EXPECT_EQ(name(Method::Post, {"v1", "a", "lookup"}), "a.lookup");
}

TEST_F(RouterTest, GivesTheValuesOfThePath) {
  const auto one = router_.match(Method::Get, {"v1", "a", "x/y"});
  EXPECT_EQ(one.values, (PathValues{{"id", "x/y"}}));
  const auto two = router_.match(Method::Get, {"log", "tile", "0", "x001", "x234", "067"});
  EXPECT_EQ(two.values, (PathValues{{"level", "0"}, {"path", "x001/x234/067"}}));
  EXPECT_EQ(name(Method::Get, {"log", "tile", "entries", "000"}), "log.entries");
}

TEST_F(RouterTest, AnswersHeadByGet) { EXPECT_EQ(name(Method::Head, {"v1", "a"}), "a.list"); }

TEST_F(RouterTest, TellsUnknownPathsFromUnknownMethods) {
  EXPECT_EQ(name(Method::Get, {"v2"}), "none, allow: ");
  EXPECT_EQ(name(Method::Get, {"v1"}), "none, allow: ");
  EXPECT_EQ(name(Method::Get, {"v1", "a", ""}), "none, allow: ");
  EXPECT_EQ(name(Method::Get, {"log", "tile", "0"}), "none, allow: ");
  EXPECT_EQ(name(Method::Delete, {"v1", "a"}), "none, allow: GET, HEAD, POST");
  EXPECT_EQ(name(Method::Options, {"v1", "a"}), "none, allow: GET, HEAD, POST");
  EXPECT_EQ(name(Method::Patch, {"v1", "a", "7"}), "none, allow: GET, HEAD");
}

TEST_F(RouterTest, ComparesItselfWithTheTable) {
  const auto differences = compare_with_table({&router_}, kTable);
  EXPECT_EQ(differences,
            (std::vector<std::string>{"route without a rule: root", "route without a rule: a.create",
                                      "route without a rule: a.lookup", "route without a rule: log.tile",
                                      "route without a rule: log.entries", "rule without a route: unused"}));
}

TEST_F(RouterTest, ListsItsRoutes) {
  const auto routes = router_.routes();
  ASSERT_EQ(routes.size(), 7U);
  EXPECT_EQ(routes[3].pattern, "/v1/a/{id}");
  EXPECT_EQ(routes[3].name, "a.get");
  EXPECT_EQ(routes[3].method, Method::Get);
}

TEST(RouterDeathTest, RefusesTwoRoutesForOneRequest) {
  Router router;
  router.add(route(Method::Get, "/a/{id}", "one"));
  EXPECT_DEATH(router.add(route(Method::Get, "/a/{other}", "two")), "inserted");
}

}  // namespace
}  // namespace egide::api
