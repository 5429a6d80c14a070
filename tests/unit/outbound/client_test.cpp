#include "egide/outbound/client.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "egide/testing/receiver.h"

namespace egide::outbound {
namespace {

using testing::http_answer;
using testing::Received;
using testing::Receiver;

// Answers a name differently each time it is asked: what a rebinding attacker does.
class ScriptedResolver final : public Resolver {
 public:
  explicit ScriptedResolver(std::deque<std::vector<std::string>> answers) : answers_(std::move(answers)) {}
  base::Result<std::vector<Address>> resolve(const std::string&) override {
    ++asked;
    if (answers_.empty()) return base::not_found("none");
    std::vector<Address> out;
    for (const auto& text : answers_.front()) out.push_back(*parse_address(text));
    answers_.pop_front();
    return out;
  }
  int asked = 0;

 private:
  std::deque<std::vector<std::string>> answers_;
};

Policy loopback() {
  Policy out;
  out.allow = {*parse_network("127.0.0.0/8")};
  return out;
}

std::string ok_answer(const Received&) { return http_answer(200, "fine"); }

Answer post(Client& client, const std::string& url) {
  Call call;
  call.url = url;
  call.headers = {{"webhook-id", "evt_1"}, {"Content-Type", "application/json"}};
  call.body = "{\"a\":1}";
  return client.post(call);
}

TEST(ClientTest, SendsTheBytesAndReadsTheAnswer) {
  Receiver receiver([](const Received&) { return http_answer(202, "fine", "Retry-After: 7\r\n"); });
  const auto client = make_client(loopback());
  const Answer answer = post(*client, receiver.url("/hook?x=1"));
  EXPECT_EQ(answer.failure, Failure::None);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "fine");
  EXPECT_EQ(answer.retry_after, std::chrono::seconds(7));
  const auto got = receiver.received();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].path, "/hook?x=1");
  EXPECT_EQ(got[0].body, "{\"a\":1}");
  EXPECT_EQ(got[0].headers.at("webhook-id"), "evt_1");
  EXPECT_EQ(got[0].headers.at("host"), "127.0.0.1:" + std::to_string(receiver.port()));
  EXPECT_EQ(got[0].headers.count("cookie") + got[0].headers.count("authorization"), 0U);
}

TEST(ClientTest, ConnectsToTheAddressThatWasLookedAtAndKeepsTheName) {
  Receiver receiver(ok_answer);
  auto resolver = std::make_unique<ScriptedResolver>(std::deque<std::vector<std::string>>{{"127.0.0.1"}, {"10.0.0.1"}});
  auto& script = *resolver;
  const auto client = make_client(loopback(), std::move(resolver));
  const std::string url = "http://hook.example.org:" + std::to_string(receiver.port()) + "/";
  EXPECT_EQ(post(*client, url).status, 200);
  EXPECT_EQ(script.asked, 1);  // no second look-up between the check and the connection
  EXPECT_EQ(receiver.received().at(0).headers.at("host"), "hook.example.org:" + std::to_string(receiver.port()));
  // The name now leads to a private address: seen at the delivery too, not only when it was saved.
  EXPECT_EQ(post(*client, url).failure, Failure::Refused);
  EXPECT_EQ(receiver.received().size(), 1U);
}

TEST(ClientTest, RefusesANameOfWhichOneAddressMayNotBeCalled) {
  for (const std::vector<std::string>& addresses : std::vector<std::vector<std::string>>{{"8.8.8.8", "127.0.0.1"},
                                                                                         {"8.8.8.8", "169.254.169.254"},
                                                                                         {"::1"},
                                                                                         {"::ffff:127.0.0.1"},
                                                                                         {"2002:7f00:1::"},
                                                                                         {"64:ff9b::7f00:1"},
                                                                                         {"2a01:4f8::1", "fe80::1"},
                                                                                         {"0.0.0.0"}}) {
    const auto client =
        make_client(Policy(), std::make_unique<ScriptedResolver>(std::deque<std::vector<std::string>>{addresses}));
    EXPECT_EQ(post(*client, "https://hook.example.org/").failure, Failure::Refused) << addresses.back();
  }
}

TEST(ClientTest, RefusesLoopbackUnlessItIsAllowed) {
  Receiver receiver(ok_answer);
  Policy ports;
  ports.ports = {443, receiver.port()};
  const auto client = make_client(ports);
  EXPECT_EQ(post(*client, receiver.url()).failure, Failure::Refused);
  EXPECT_EQ(post(*client, "https://127.0.0.1:" + std::to_string(receiver.port()) + "/").failure, Failure::Refused);
  EXPECT_FALSE(client->check(receiver.url()));
  EXPECT_TRUE(make_client(loopback())->check(receiver.url()));
  EXPECT_TRUE(receiver.received().empty());
}

TEST(ClientTest, FollowsNoRedirect) {
  Receiver inside(ok_answer);
  Receiver receiver(
      [&](const Received&) { return http_answer(301, "", "Location: " + inside.url("/latest/meta-data") + "\r\n"); });
  const auto client = make_client(loopback());
  EXPECT_EQ(post(*client, receiver.url()).status, 301);
  EXPECT_TRUE(inside.received().empty());
}

TEST(ClientTest, TakesNoProxyFromTheEnvironment) {
  Receiver proxy(ok_answer), receiver(ok_answer);
  ::setenv("http_proxy", proxy.url("").c_str(), 1);
  const auto client = make_client(loopback());
  EXPECT_EQ(post(*client, receiver.url()).status, 200);
  ::unsetenv("http_proxy");
  EXPECT_TRUE(proxy.received().empty());
  EXPECT_EQ(receiver.received().size(), 1U);
}

TEST(ClientTest, ReadsNoMoreThanItsLimit) {
  Receiver receiver([](const Received&) { return http_answer(200, std::string(4U << 20, 'x')); });
  const auto client = make_client(loopback());
  const Answer answer = post(*client, receiver.url());
  EXPECT_EQ(answer.failure, Failure::None);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), kMaxAnswer);
}

TEST(ClientTest, TellsFailuresApart) {
  std::uint16_t closed = 0;
  {
    Receiver gone(ok_answer);
    closed = gone.port();
  }
  const auto client = make_client(loopback());
  EXPECT_EQ(post(*client, "http://127.0.0.1:" + std::to_string(closed) + "/").failure, Failure::Unreachable);
  Receiver silent([](const Received&) { return std::string(); });
  EXPECT_EQ(post(*client, silent.url()).failure, Failure::Broken);
  Receiver babble([](const Received&) { return std::string("SSH-2.0-x\r\n\r\n"); });
  EXPECT_NE(post(*client, babble.url()).failure, Failure::None);
  EXPECT_EQ(post(*client, "https://127.0.0.1:" + std::to_string(babble.port()) + "/").failure, Failure::Tls);
  const auto nameless =
      make_client(Policy(), std::make_unique<ScriptedResolver>(std::deque<std::vector<std::string>>{}));
  EXPECT_EQ(post(*nameless, "https://hook.example.org/").failure, Failure::Unresolved);
}

TEST(ClientTest, EndsAtItsTimeAndWhenItIsCalledOff) {
  // Trickles for ever: the time is that of the whole call, not of one read.
  std::atomic<bool> over{false}, over_too{false};
  Receiver slow([&](const Received&) {
    while (!over.load()) std::this_thread::yield();
    return std::string();
  });
  const auto client = make_client(loopback());
  Call call;
  call.url = slow.url();
  call.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(client->post(call).failure, Failure::Timeout);
  over.store(true);
  call.timeout = std::chrono::minutes(5);
  Receiver held([&](const Received&) {
    while (!over_too.load()) std::this_thread::yield();
    return std::string();
  });
  call.url = held.url();
  call.cancelled = [] { return true; };
  EXPECT_EQ(client->post(call).failure, Failure::Cancelled);
  over_too.store(true);
}

}  // namespace
}  // namespace egide::outbound
