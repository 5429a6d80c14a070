// Clients that are slow, many, or do not read. Each test waits for what the server does, never for a time.
#include <gtest/gtest.h>

#include <vector>

#include "raw_client.h"

namespace egide::api {
namespace {

using std::chrono::milliseconds;

void expect_timeout(RawClient& client) {
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_TRUE(response->closes());
  EXPECT_TRUE(client.ends());
}

TEST(ServerLimitsTest, EndsARequestWhoseHeaderDoesNotCome) {
  auto options = TestServer::small();
  options.header_timeout = milliseconds(50);
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost:"));
  expect_timeout(client);
}

TEST(ServerLimitsTest, EndsARequestWhoseBodyDoesNotCome) {
  auto options = TestServer::small();
  options.body_timeout = milliseconds(50);
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"));
  expect_timeout(client);
}

TEST(ServerLimitsTest, IsNotHeldOpenByAByteNowAndThen) {
  auto options = TestServer::small();
  options.header_timeout = milliseconds(50);
  TestServer server(options);
  RawClient client(server.port());
  client.send("GET /hello HTTP/1.1\r\nX-A: ");
  while (client.send("a")) {
  }
  SUCCEED();  // the server ended it: by time or by the header's size
}

TEST(ServerLimitsTest, EndsAnIdleConnectionWithoutAWord) {
  auto options = TestServer::small();
  options.keepalive_timeout = milliseconds(50);
  TestServer server(options);
  RawClient silent(server.port());
  EXPECT_TRUE(silent.ends());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello")));
  ASSERT_TRUE(client.receive());
  EXPECT_TRUE(client.ends());
}

TEST(ServerLimitsTest, EndsAConnectionThatDoesNotReadItsAnswer) {
  auto options = TestServer::small();
  options.write_timeout = milliseconds(50);
  TestServer server(options);
  RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/big")));
  // Nothing is read here, and sending fails only once the server has cut the connection.
  while (client.send("x")) {
  }
  RawClient other(server.port());
  ASSERT_TRUE(other.send(get("/hello")));
  EXPECT_TRUE(other.receive());
}

TEST(ServerLimitsTest, HoldsOnlySoMuchInputBehindAnAnswerThatIsNotRead) {
  TestServer server;
  RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/big")));
  int sent = 0;
  while (client.send(get("/hello"))) ++sent;
  EXPECT_LT(sent, 1'000'000);
}

TEST(ServerLimitsTest, TurnsConnectionsAwayAboveItsNumber) {
  auto options = TestServer::small();
  options.max_connections = 3;
  TestServer server(options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(get("/hello")));
    ASSERT_TRUE(clients.back()->receive());
  }
  RawClient fourth(server.port());
  const auto refused = fourth.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_NE(refused->head.find("Retry-After: "), std::string::npos);
  EXPECT_TRUE(fourth.ends());
  ASSERT_TRUE(clients[0]->send(get("/hello")));
  EXPECT_TRUE(clients[0]->receive());
}

TEST(ServerLimitsTest, TakesALargerBodyWhereARouteAllowsIt) {
  auto options = TestServer::small();
  options.limits.body_limits = {{Method::Post, "/size", 8U << 20}};
  TestServer server(options);
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("/size", std::string(8U << 20, 'x'))));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, std::to_string(8U << 20));
}

}  // namespace
}  // namespace egide::api
