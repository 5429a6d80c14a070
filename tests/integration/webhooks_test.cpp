// Webhooks over the real server, sent to a receiver on loopback.
#include <atomic>
#include <map>
#include <thread>

#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "egide/outbound/client.h"
#include "egide/testing/receiver.h"
#include "egide/vault/webhook_worker.h"
#include "world.h"

namespace egide::testing {
namespace {

using namespace std::chrono_literals;

std::string echo(const Received& request) {
  const auto body = Json::parse(request.body);
  const auto& data = body.contains("data") ? body.at("data") : body;
  return http_answer(200, data.value("challenge", std::string("fine")));
}

bool is_signed_with(const Received& got, const std::string& secret) {
  const auto key = base::from_base64(secret.substr(6));
  if (!key) return false;
  const auto text = got.headers.at("webhook-id") + "." + got.headers.at("webhook-timestamp") + "." + got.body;
  const auto mac = crypto::hmac_sha256(*key, {base::as_bytes(text)});
  return (" " + got.headers.at("webhook-signature") + " ").find(" v1," + base::to_base64(mac) + " ") !=
         std::string::npos;
}

class WebhooksHttpTest : public WorldTest {
 protected:
  void SetUp() override { connect_worker(); }
  void connect_worker(int threads = 0) {
    outbound::Policy policy;
    policy.allow = {*outbound::parse_network("127.0.0.0/8")};
    policy.own_ports = {world.port()};
    worker.reset();
    client = outbound::make_client(policy);
    vault::WebhookWorkerOptions options;
    options.source = kBaseUrl;
    options.threads = threads;
    options.poll = 1ms;
    worker = std::make_unique<vault::WebhookWorker>(world.vault->services(), *client, options);
    ASSERT_TRUE(worker->start());
  }
  int send_all() {
    for (int sent = 0;; ++sent) {
      const auto one = worker->deliver_one();
      EXPECT_TRUE(one) << one.error().message();
      if (!one || !*one) return sent;
    }
  }
  static std::string path(const Json& hook, const std::string& rest = {}) {
    return "/v1/webhooks/" + hook.at("id").get<std::string>() + rest;
  }
  Json create(const std::string& url, const std::string& tool = "matcher", Json more = Json::object()) {
    more["url"] = url;
    if (!tool.empty()) more["tool"] = tool;
    const Reply reply = world.admin->post("/v1/webhooks", more);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.json();
  }
  Json get(const Json& hook) { return world.admin->get(path(hook)).json(); }
  Json delivery(const Json& hook, const std::string& type) {
    const Json list = world.admin->get(path(hook, "/deliveries")).json();
    for (const auto& item : list.at("items"))
      if (item.at("type") == type) return item;
    return Json();
  }

  std::unique_ptr<outbound::Client> client;
  std::unique_ptr<vault::WebhookWorker> worker;
};

TEST_F(WebhooksHttpTest, DeliversAWithdrawalToTheSubscribedTool) {
  Receiver receiver(echo);
  const Json hook = create(receiver.url(), "matcher", {{"types", {"consent.withdrawn"}}});
  EXPECT_EQ(hook.at("state"), "unverified");
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(get(hook).at("state"), "active");
  const auto person = world.register_person("canary-mail@example.org");
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  ASSERT_EQ(world.consent(person, kMatching, "withdrawn").status, 201);
  EXPECT_EQ(send_all(), 1);
  const auto got = receiver.received();
  ASSERT_EQ(got.size(), 2U);
  for (const auto& one : got) EXPECT_TRUE(is_signed_with(one, hook.at("secret").get<std::string>()));
  const Json event = Json::parse(got[1].body);
  EXPECT_EQ(event.at("type"), "org.egide.consent.withdrawn");
  EXPECT_EQ(event.at("source"), kBaseUrl);
  const Json asked = {{"purpose", kMatching}, {"subjects", {person}}};
  const auto pseudonyms = world.matcher->post("/v1/gateway/pseudonyms", asked).json().at("pseudonyms");
  EXPECT_EQ(event.at("data").at("subject"), pseudonyms[0].at("pseudonym"));
  for (const char* canary : {"Canary", "canary", "69003", "1980", "cooking"})
    EXPECT_EQ(got[1].body.find(canary), std::string::npos);
  EXPECT_EQ(got[1].body.find(person), std::string::npos);
  const Json told = delivery(hook, "consent.withdrawn");
  EXPECT_EQ(told.at("state"), "delivered");
  EXPECT_EQ(told.at("event"), got[1].headers.at("webhook-id"));
  EXPECT_EQ(told.at("attempts")[0].at("status"), 200);
  EXPECT_EQ(told.at("attempts")[0].at("answer_start"), "fine");
  // The beginning of the answer is the administrator's alone.
  EXPECT_EQ(world.matcher->get(path(hook, "/deliveries")).body.find("answer_start"), std::string::npos);
}

TEST_F(WebhooksHttpTest, OutlivesTheServer) {
  Receiver receiver(echo);
  const Json hook = create(receiver.url());
  send_all();
  const auto person = world.register_person("person@example.org");
  world.consent(person, kMatching, "given");
  worker.reset();
  world.restart();
  connect_worker();
  EXPECT_EQ(send_all(), 1);
  EXPECT_TRUE(is_signed_with(receiver.received().back(), hook.at("secret").get<std::string>()));
}

TEST_F(WebhooksHttpTest, NeitherFollowsARedirectNorForgetsTheEvent) {
  Receiver inside(echo);
  bool moved = false;
  Receiver receiver([&](const Received& request) {
    return moved ? http_answer(301, "", "Location: " + inside.url() + "\r\n") : echo(request);
  });
  const Json hook = create(receiver.url());
  send_all();
  moved = true;
  world.consent(world.register_person("person@example.org"), kMatching, "given");
  send_all();
  EXPECT_TRUE(inside.received().empty());
  const Json told = delivery(hook, "consent.given");
  EXPECT_EQ(told.at("state"), "pending");
  EXPECT_EQ(told.at("attempts")[0].at("error"), "redirect");
  EXPECT_TRUE(told.contains("next_attempt_at"));
  moved = false;
  world.advance(6s);
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(receiver.received()[1].headers.at("webhook-id"), receiver.received()[2].headers.at("webhook-id"));
  EXPECT_NE(receiver.received()[1].headers.at("webhook-timestamp"),
            receiver.received()[2].headers.at("webhook-timestamp"));
}

TEST_F(WebhooksHttpTest, SendsAnOutageAgainAndNamesASingleDelivery) {
  Receiver receiver(echo);
  const Json hook = create(receiver.url());
  const auto from = base::format_rfc3339(world.clock->now());
  send_all();
  world.consent(world.register_person("a@example.org"), kMatching, "given");
  world.consent(world.register_person("b@example.org"), kMatching, "given");
  send_all();
  const auto to = base::format_rfc3339(world.clock->now());
  const Json again = {{"from", from}, {"to", to}, {"types", {"consent.given"}}};
  const Reply reply = world.matcher->post(path(hook, "/redeliver"), again);
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.json().at("queued"), 2);
  EXPECT_EQ(send_all(), 2);
  const auto one = "/v1/webhooks/deliveries/" + delivery(hook, "consent.given").at("id").get<std::string>();
  EXPECT_EQ(world.matcher->post(one + "/redeliver", Json::object()).status, 202);
  EXPECT_EQ(send_all(), 1);
  std::set<std::string> ids;
  for (const auto& got : receiver.received()) ids.insert(got.headers.at("webhook-id"));
  EXPECT_EQ(ids.size(), 3U);  // the test and two events
  // Another tool neither sees it nor sends it.
  EXPECT_EQ(world.other->post(one + "/redeliver", Json::object()).status, 404);
  EXPECT_EQ(world.other->post(path(hook, "/redeliver"), again).status, 404);
  EXPECT_EQ(world.other->get(path(hook, "/deliveries")).status, 404);
  EXPECT_EQ(world.other->get(path(hook)).status, 404);
  EXPECT_EQ(world.other->get("/v1/webhooks").json().at("items").size(), 0U);
  EXPECT_EQ(world.matcher->get("/v1/webhooks").json().at("items").size(), 1U);
  for (const Json& wrong : {Json::object(), Json{{"from", "yesterday"}, {"to", to}}, Json{{"from", to}, {"to", "x"}},
                            Json{{"from", "2026-03-02T09:00:01Z"}, {"to", "2026-03-02T09:00:00Z"}},
                            Json{{"from", from}, {"to", to}, {"types", {"no.such"}}}})
    EXPECT_EQ(world.admin->post(path(hook, "/redeliver"), wrong).status, 422) << wrong;
}

TEST_F(WebhooksHttpTest, AnErasureIsToldAndAcknowledged) {
  Receiver receiver(echo);
  const Json hook = create(receiver.url());
  send_all();
  const auto person = world.register_person("person@example.org");
  world.consent(person, kMatching, "given");
  const Reply opened = world.dpo->post("/v1/requests", {{"type", "erasure"}, {"subject", person}});
  const auto request = "/v1/requests/" + opened.json().at("id").get<std::string>();
  std::string etag = opened.header("etag");
  for (const char* to : {"in_progress", "fulfilled"})
    etag = world.dpo->post(request + "/transitions", {{"to", to}}, {{"If-Match", etag}}).header("etag");
  EXPECT_EQ(send_all(), 1);  // not the consent that was queued about somebody who is no longer there
  EXPECT_EQ(Json::parse(receiver.received().back().body).at("type"), "org.egide.subject.erased");
  const Json erased = delivery(hook, "subject.erased");
  EXPECT_FALSE(erased.contains("acknowledged"));
  const auto ack = "/v1/webhooks/deliveries/" + erased.at("id").get<std::string>() + "/ack";
  EXPECT_EQ(world.matcher->post(ack, {{"state", "perhaps"}}).status, 422);
  EXPECT_EQ(world.other->post(ack, {{"state", "done"}}).status, 404);
  const Reply done = world.matcher->post(ack, {{"state", "done"}});
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json().at("acknowledged").at("state"), "done");
  EXPECT_EQ(world.matcher->post(ack, {{"state", "done"}}).status, 409);
}

TEST_F(WebhooksHttpTest, ChangesRotatesAndRemoves) {
  Receiver receiver(echo);
  const Json hook = create(receiver.url(), "matcher", {{"asymmetric", true}});
  EXPECT_EQ(hook.at("public_key").get<std::string>().substr(0, 5), "whpk_");
  EXPECT_EQ(world.admin->get(path(hook)).body.find("whsec_"), std::string::npos);
  send_all();
  const Reply read = world.admin->get(path(hook));
  EXPECT_EQ(world.admin->get(path(hook), {{"If-None-Match", read.header("etag")}}).status, 304);
  const auto patch = [&](const Json& body, const std::string& etag) {
    return world.admin->send("PATCH", path(hook), body.dump(), {{"If-Match", etag}});
  };
  EXPECT_EQ(world.admin->send("PATCH", path(hook), "{}").status, 428);
  EXPECT_EQ(patch({{"description", "x"}}, "\"99\"").status, 412);
  EXPECT_EQ(patch({{"url", "https://10.0.0.1/"}}, read.header("etag")).status, 422);
  EXPECT_EQ(patch({{"secret", "whsec_x"}}, read.header("etag")).status, 422);
  const Reply off = patch({{"active", false}, {"types", {"consent.given"}}}, read.header("etag"));
  EXPECT_EQ(off.status, 200) << off.body;
  EXPECT_EQ(off.json().at("state"), "disabled");
  EXPECT_EQ(off.json().at("reason"), "by_admin");
  const Reply rotated = world.admin->post(path(hook, "/rotate"), Json::object());
  EXPECT_EQ(rotated.status, 200);
  EXPECT_NE(rotated.json().at("secret"), hook.at("secret"));
  EXPECT_EQ(world.admin->post(path(hook, "/test"), Json::object()).status, 202);
  EXPECT_EQ(send_all(), 1);
  for (const auto& secret : {rotated.json().at("secret"), hook.at("secret")})
    EXPECT_TRUE(is_signed_with(receiver.received().back(), secret.get<std::string>()));
  EXPECT_EQ(world.admin->send("DELETE", path(hook)).status, 204);
  EXPECT_EQ(world.admin->send("DELETE", path(hook)).status, 404);
  EXPECT_EQ(world.admin->get(path(hook)).status, 404);
}

TEST_F(WebhooksHttpTest, RefusesAddressesThatMayNotBeCalled) {
  for (const char* url : {"https://127.1/", "https://[::1]/", "https://169.254.169.254/latest",
                          "https://user@receiver.example.org/", "https://0x7f.1/", "javascript:x"}) {
    const Reply reply = world.admin->post("/v1/webhooks", {{"url", url}});
    EXPECT_EQ(reply.status, 422) << url;
    EXPECT_EQ(reply.json().at("errors")[0].at("pointer"), "#/url");
    EXPECT_EQ(reply.body.find("169.254"), std::string::npos);
  }
  // Its own listener is no receiver, though loopback is allowed here.
  Json hook = create("http://127.0.0.1:" + std::to_string(world.port()) + "/v1/subjects");
  send_all();
  EXPECT_EQ(delivery(hook, "endpoint.test").at("attempts")[0].at("error"), "refused");
}

TEST_F(WebhooksHttpTest, SendsByItselfWhileASlowReceiverIsWaitedFor) {
  std::atomic<bool> slow{false}, over{false};
  Receiver stuck([&](const Received& request) {
    while (slow.load() && !over.load()) std::this_thread::yield();
    return echo(request);
  });
  Receiver receiver(echo);
  const Json first = create(stuck.url()), second = create(receiver.url());
  connect_worker(3);
  const auto wait_for = [](const Receiver& from, std::size_t count) {
    while (from.received().size() < count) std::this_thread::yield();
  };
  const auto is_active = [this](const Json& hook) { return get(hook).at("state") == "active"; };
  while (!is_active(first) || !is_active(second)) std::this_thread::yield();
  slow.store(true);
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(world.consent(world.register_person("p" + std::to_string(i) + "@example.org"), kMatching, "given").status,
              201);
  wait_for(receiver, 11);
  wait_for(stuck, 2);
  EXPECT_EQ(stuck.received().size(), 2U);  // one at a time
  worker.reset();                          // calls off what is under way
  over.store(true);
  connect_worker(3);
  wait_for(stuck, 12);
  std::map<std::string, int> times;
  for (const auto& got : stuck.received()) ++times[got.headers.at("webhook-id")];
  EXPECT_EQ(times.size(), 11U);
}

// What the document publishes is what can be subscribed to, and a test.
TEST_F(WebhooksHttpTest, PublishesASchemaForEachType) {
  const Json document = world.nobody->get("/openapi.json").json();
  std::set<std::string> published, listed = {"endpoint.test"};
  for (const auto& type : document.at("components").at("schemas").at("WebhookTypes").at("items").at("enum"))
    listed.insert(type.get<std::string>());
  for (const auto& type : document.at("webhooks").items()) published.insert(type.key());
  EXPECT_EQ(published, listed);
  for (const auto& type : published) {
    int taken = 0;
    for (const char* tool : {"matcher", ""}) {
      Json body = {{"url", "https://receiver.example.org/"}, {"types", {type}}};
      if (*tool != '\0') body["tool"] = tool;
      const Reply reply = world.admin->post("/v1/webhooks", body);
      if (reply.status != 201) continue;
      ++taken;
      EXPECT_EQ(world.admin->send("DELETE", path(reply.json())).status, 204);
    }
    EXPECT_EQ(taken > 0, type != "endpoint.test") << type;
  }
}

TEST_F(WebhooksHttpTest, PagesThroughDeliveries) {
  Receiver receiver(echo);
  const Json hook = create(receiver.url());
  send_all();
  for (int i = 0; i < 5; ++i)
    world.consent(world.register_person("p" + std::to_string(i) + "@example.org"), kMatching, "given");
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const Reply reply = world.admin->get(path(hook, "/deliveries?limit=2" + cursor));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const Json page = reply.json();
    for (const auto& item : page.at("items")) seen.insert(item.at("id").get<std::string>());
    cursor = page.contains("next_cursor") ? "&cursor=" + page.at("next_cursor").get<std::string>() : std::string();
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(world.admin->get(path(hook, "/deliveries?state=pending")).json().at("items").size(), 5U);
  EXPECT_EQ(world.admin->get(path(hook, "/deliveries?state=odd")).status, 400);
  EXPECT_EQ(world.admin->get(path(hook, "/deliveries?limit=201")).status, 400);
}

}  // namespace
}  // namespace egide::testing
