#include "egide/api/server.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "raw_client.h"

namespace egide::api {
namespace {

TEST(ServerTest, AnswersSeveralRequestsOnOneConnectionWithoutAConnectionField) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(get("/hello", "X-Request-ID: r" + std::to_string(i) + "\r\n")));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello");
    EXPECT_FALSE(response->closes());
    EXPECT_NE(response->head.find("X-Request-ID: r" + std::to_string(i)), std::string::npos);
  }
}

TEST(ServerTest, ClosesWhereTheClientAsksForIt) {
  TestServer server;
  for (const auto& request : {get("/hello", "Connection: close\r\n"), std::string("GET /hello HTTP/1.0\r\n\r\n")}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(request));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_TRUE(response->closes());
    EXPECT_TRUE(client.ends());
  }
}

TEST(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string both;
  for (int i = 0; i < 50; ++i) both += post("/size", std::string(static_cast<std::size_t>(i * 100), 'x'));
  ASSERT_TRUE(client.send(both));
  for (int i = 0; i < 50; ++i) {
    const auto response = client.receive();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, std::to_string(i * 100));
  }
}

TEST(ServerTest, KeepsHalfARequestUntilTheRestComes) {
  TestServer server;
  RawClient client(server.port());
  const std::string request = post("/size", "0123456789");
  for (const char c : request) ASSERT_TRUE(client.send({&c, 1}));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "10");
}

TEST(ServerTest, AnswersHeadWithoutABody) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hello")));
  const auto head = client.receive(true);
  ASSERT_TRUE(head);
  EXPECT_NE(head->head.find("Content-Length: 5\r\n"), std::string::npos);
  const auto full = client.receive();
  ASSERT_TRUE(full);
  EXPECT_EQ(full->body, "hello");
}

TEST(ServerTest, TellsAClientThatWaitsToSendItsBody) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
  const auto interim = client.receive();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  ASSERT_TRUE(client.send("abc"));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "3");
}

void expect_big(const std::optional<ReceivedResponse>& response) {
  ASSERT_TRUE(response);
  ASSERT_EQ(response->body.size(), kBigSize);
  for (std::size_t i = 0; i < kBigSize; ++i) ASSERT_EQ(response->body[i], big_byte(i)) << i;
}

TEST(ServerTest, SendsFiveMebibytesInPartialWrites) {
  TestServer server;
  RawClient client(server.port(), 4096);  // so small that the server must wait for the client many times
  ASSERT_TRUE(client.send(get("/big")));
  expect_big(client.receive());
  ASSERT_TRUE(client.send(get("/hello")));
  EXPECT_TRUE(client.receive());
}

TEST(ServerTest, KeepsTheOrderBehindAnAnswerThatIsReadSlowly) {
  TestServer server;
  RawClient client(server.port(), 4096);
  ASSERT_TRUE(client.send(get("/big") + get("/hello") + get("/big")));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(get("/hello")));
  expect_big(client.receive());
  EXPECT_EQ(client.receive()->body, "hello");
  expect_big(client.receive());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive()->body, "hello");
}

TEST(ServerTest, AnswersAClientThatHasFinishedSending) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello")));
  client.finish_sending();
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "hello");
}

TEST(ServerTest, AnswersAFixedTextForAHandlerThatThrows) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/throw") + get("/hello")));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body.find("secret"), std::string::npos);
  EXPECT_EQ(client.receive()->body, "hello");
}

TEST(ServerTest, OutlivesClientsThatResetTheirConnections) {
  TestServer server;
  for (int i = 0; i < 300; ++i) {
    RawClient client(server.port());
    client.send(i % 3 == 0 ? get("/big") : i % 3 == 1 ? get("/hello") : std::string("GET /he"));
    client.reset();
  }
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello")));
  EXPECT_TRUE(client.receive());
}

TEST(ServerTest, NeverSendsAnAnswerToTheNextOwnerOfADescriptor) {
  // Clients leave before their answer has gone, while others connect, get the freed descriptors and ask nothing. On a
  // plain Pistache handler about one silent client in 500 got an answer that was somebody else's.
  auto options = TestServer::small();
  options.threads = 1;
  TestServer server(options);
  std::vector<std::thread> leaving;
  for (int thread = 0; thread < 3; ++thread) {
    leaving.emplace_back([&server] {
      for (int i = 0; i < 150; ++i) {
        RawClient client(server.port(), 4096);
        client.send(i % 3 == 0 ? get("/big") : get("/hello"));
        client.reset();
      }
    });
  }
  for (int i = 0; i < 500; ++i) {
    RawClient silent(server.port());
    silent.finish_sending();
    EXPECT_TRUE(silent.ends()) << i;
  }
  for (auto& thread : leaving) thread.join();
}

TEST(ServerTest, FinishesARunningRequestBeforeItStops) {
  TestServer server;
  RawClient running(server.port());
  RawClient idle(server.port());
  ASSERT_TRUE(idle.send(get("/hello")));
  ASSERT_TRUE(idle.receive());
  ASSERT_TRUE(running.send(get("/wait")));
  server.gate.wait_for_guest();
  std::thread stopping([&server] { server.server->stop(); });
  EXPECT_TRUE(idle.ends());  // the stop has begun
  server.gate.open();
  const auto response = running.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "waited");
  EXPECT_TRUE(response->closes());
  EXPECT_TRUE(running.ends());
  stopping.join();
  EXPECT_EQ(server.server->connections(), 0U);
  EXPECT_THROW(RawClient{server.port()}, std::runtime_error);
}

TEST(ServerTest, TurnsNewConnectionsAwayWhileItStops) {
  // A connection belongs to the thread that its descriptor falls to: so many that nobody waits behind the held request.
  auto options = TestServer::small();
  options.threads = 64;
  TestServer server(options);
  RawClient running(server.port());
  RawClient idle(server.port());
  ASSERT_TRUE(idle.send(get("/hello")));
  ASSERT_TRUE(idle.receive());
  ASSERT_TRUE(running.send(get("/wait")));
  server.gate.wait_for_guest();
  std::thread stopping([&server] { server.server->stop(); });
  EXPECT_TRUE(idle.ends());
  RawClient late(server.port());
  const auto refused = late.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(late.ends());
  server.gate.open();
  EXPECT_TRUE(running.receive());
  stopping.join();
}

TEST(ServerTest, CanBeStoppedTwiceAndStartedAgainOnTheSamePort) {
  std::uint16_t port = 0;
  {
    TestServer server;
    port = server.port();
    RawClient client(port);
    ASSERT_TRUE(client.send(get("/hello")));
    ASSERT_TRUE(client.receive());
    server.server->stop();
    EXPECT_TRUE(client.ends());
    server.server->stop();
  }
  auto options = TestServer::small();
  options.port = port;
  TestServer again(options);
  EXPECT_EQ(again.port(), port);
}

TEST(ServerTest, ListensOnLoopbackOnlyUnlessTold) {
  base::SystemClock clock;
  const Router router;
  Dispatcher dispatcher({}, {&router, nullptr, nullptr, &clock, nullptr});
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", ""}) {
    ServerOptions options;
    options.threads = 1;
    options.address = address;
    Server server(options, dispatcher);
    const auto started = server.start();
    ASSERT_FALSE(started) << address;
    EXPECT_EQ(started.error().code(), base::ErrorCode::InvalidRequest);
  }
  ServerOptions options;
  options.threads = 1;
  options.address = "0.0.0.0";
  options.allow_non_loopback = true;
  Server server(options, dispatcher);
  EXPECT_TRUE(server.start());
}

TEST(ServerTest, SaysThatAnAddressIsTaken) {
  TestServer first;
  base::SystemClock clock;
  const Router router;
  Dispatcher dispatcher({}, {&router, nullptr, nullptr, &clock, nullptr});
  ServerOptions options;
  options.threads = 1;
  options.port = first.port();
  Server second(options, dispatcher);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), base::ErrorCode::Unavailable);
}

}  // namespace
}  // namespace egide::api
