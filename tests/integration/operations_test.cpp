// Health, pages, and what every answer has.
#include "world.h"

namespace egide::testing {
namespace {

class OperationsTest : public WorldTest {};

TEST_F(OperationsTest, IsHealthyAndReady) {
  EXPECT_EQ(world.nobody->get("/healthz").json().at("status"), "ok");
  const Reply ready = world.nobody->get("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.json().at("status"), "ready");
}

TEST_F(OperationsTest, ServesPagesThatRunNoScript) {
  for (const char* path : {"/", "/docs"}) {
    const Reply page = world.nobody->get(path);
    ASSERT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
    EXPECT_NE(page.header("content-security-policy").find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(page.body.find("<script"), std::string::npos);
  }
  EXPECT_NE(world.nobody->get("/docs").body.find("/v1/gateway/read"), std::string::npos);
}

TEST_F(OperationsTest, AnswersHeadLikeGetWithoutTheBody) {
  const Reply head = world.nobody->send("HEAD", "/healthz");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), std::to_string(world.nobody->get("/healthz").body.size()));
}

TEST_F(OperationsTest, KnowsWhichMethodsAPathTakes) {
  const Reply reply = world.dpo->send("DELETE", "/v1/subjects");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.code(), "method_not_allowed");
  EXPECT_EQ(reply.header("allow"), "POST");
  EXPECT_EQ(world.dpo->get("/v1/nothing").status, 404);
  EXPECT_EQ(world.dpo->get("/v1/subjects/").status, 404);
  EXPECT_EQ(world.dpo->send("BREW", "/healthz").status, 400);
}

TEST_F(OperationsTest, MarksEveryAnswer) {
  for (const char* path : {"/healthz", "/v1/nothing", "/v1/users"}) {
    const Reply reply = world.nobody->get(path);
    EXPECT_EQ(reply.header("x-request-id").size(), 36U) << path;
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff") << path;
    EXPECT_FALSE(reply.header("cache-control").empty()) << path;
  }
}

}  // namespace
}  // namespace egide::testing
