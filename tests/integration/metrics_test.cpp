// The page that Prometheus reads, and readiness when the log is broken.
#include <thread>

#include "egide/api/metrics_server.h"
#include "services.h"
#include "world.h"

namespace egide::testing {
namespace {

class MetricsTest : public WorldTest {
 protected:
  void SetUp() override {
    api::ServerOptions options;
    options.threads = 1;
    auto started = api::MetricsServer::start(*world.vault, metrics, options);
    ASSERT_TRUE(started) << started.error().message();
    server = std::move(*started);
    scraper = std::make_unique<Client>(server->port(), "");
  }
  std::string page() {
    const Reply reply = scraper->get("/metrics");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    return reply.body;
  }
  static bool has_line(const std::string& page, const std::string& line) {
    return page.find("\n" + line + "\n") != std::string::npos;
  }

  api::Metrics metrics;
  std::unique_ptr<api::MetricsServer> server;
  std::unique_ptr<Client> scraper;
};

TEST_F(MetricsTest, CountsAnswersByRouteAndStatus) {
  metrics.answered("subjects.get", 200, std::chrono::milliseconds(2));
  metrics.answered("subjects.get", 200, std::chrono::milliseconds(700));
  metrics.answered("subjects.get", 404, std::chrono::milliseconds(2));
  metrics.answered("none", 400, std::chrono::milliseconds(0));
  metrics.answered("a route that is not", 200, std::chrono::milliseconds(2));
  metrics.answered("subjects.get", 7, std::chrono::milliseconds(2));
  const auto text = page();
  EXPECT_TRUE(has_line(text, R"(egide_http_requests_total{route="subjects.get",status="200"} 2)")) << text;
  EXPECT_TRUE(has_line(text, R"(egide_http_requests_total{route="subjects.get",status="404"} 1)"));
  EXPECT_TRUE(has_line(text, R"(egide_http_requests_total{route="none",status="400"} 1)"));
  EXPECT_TRUE(has_line(text, R"(egide_http_request_duration_seconds_count{route="subjects.get"} 3)"));
  EXPECT_TRUE(has_line(text, R"(egide_http_request_duration_seconds_bucket{route="subjects.get",le="0.0025"} 2)"));
  EXPECT_EQ(text.find("a route that is not"), std::string::npos);
}

TEST_F(MetricsTest, TellsTheVaultsVitals) {
  const auto id = world.register_person("zoe@example.org");
  ASSERT_EQ(world.dpo->post("/v1/requests", {{"type", "access"}, {"subject", id}}).status, 201);
  const auto text = page();
  EXPECT_TRUE(has_line(text, "egide_people 1")) << text;
  EXPECT_TRUE(has_line(text, "egide_log_writable 1"));
  EXPECT_TRUE(has_line(text, "egide_requests_open 1"));
  EXPECT_TRUE(has_line(text, "egide_requests_nearest_due_days 31"));  // received on 2 March, due on 2 April
  EXPECT_EQ(text.find(id), std::string::npos);
  EXPECT_EQ(text.find("zoe"), std::string::npos);
}

TEST_F(MetricsTest, AnswersNothingElse) {
  EXPECT_EQ(scraper->get("/v1/subjects").status, 404);
  EXPECT_EQ(scraper->get("/healthz").status, 404);
  EXPECT_EQ(scraper->send("POST", "/metrics").status, 405);
}

TEST_F(MetricsTest, AServerWithABrokenLogIsNotReady) {
  {
    const auto connection = world.vault->services().database->connect();
    ASSERT_TRUE(connection);
    auto& statement = (*connection)->prepare("UPDATE entry SET leaf = ?1 WHERE i = 1");
    statement.bind(1, base::as_bytes(std::string_view(R"({"v":1})")));
    ASSERT_TRUE(statement.step());
  }
  server.reset();
  world.restart();
  while (world.vault->log_check() == vault::Vault::LogCheck::Running) std::this_thread::yield();
  const Reply reply = world.nobody->get("/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "unavailable");
}

}  // namespace
}  // namespace egide::testing
