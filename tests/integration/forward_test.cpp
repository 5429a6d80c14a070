// Forward-auth: the requests that nginx, Caddy, Traefik, HAProxy and Envoy really send, and those that an attacker
// would.
#include "forward_profiles.h"
#include "world.h"

namespace egide::testing {
namespace {

constexpr const char* kHeaders[] = {"x-consent-decision", "x-consent-reason",  "x-consent-evaluation",
                                    "x-consent-record",   "x-consent-purpose", "x-subject-pseudonym"};

class ForwardTest : public WorldTest {
 protected:
  std::string yes = agreed("yes@example.org");
  std::string no = world.register_person("no@example.org");

  std::string agreed(const std::string& email) {
    const auto person = world.register_person(email);
    EXPECT_EQ(world.consent(person, kNewsletter, "given").status, 201);
    EXPECT_EQ(world.consent(person, kMatching, "given").status, 201);
    return person;
  }
  Reply ask(Client& client, const std::string& profile, const std::string& person) {
    return client.get("/gateway/forward/" + profile, {{"X-Person", person}});
  }
  // As a proxy writes it: `fields` are whole lines.
  Reply sent(const std::string& line, const std::string& fields) {
    Client proxy(world.port(), "");
    return proxy.raw(line + "\r\nHost: vault\r\n" + fields + "\r\n");
  }
  std::string key() const { return "Authorization: Bearer " + world.mailer->token() + "\r\n"; }
  std::uint64_t log_size() const { return world.vault->info().log_size; }

  void expect_denied(const Reply& reply, const std::string& reason) {
    EXPECT_EQ(reply.status, 403) << reply.body;
    EXPECT_EQ(reply.header("x-consent-decision"), "deny");
    EXPECT_EQ(reply.header("x-consent-reason"), reason);
    EXPECT_EQ(reply.header("x-subject-pseudonym"), "");
    expect_every_header(reply);
  }
  void expect_permitted(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-consent-decision"), "permit");
    EXPECT_EQ(reply.header("x-consent-reason"), "permit");
    EXPECT_EQ(reply.header("content-length"), "0");
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.header("x-subject-pseudonym").substr(0, 2), "p_");
    expect_every_header(reply);
  }
  void expect_every_header(const Reply& reply) {
    for (const char* name : kHeaders) EXPECT_EQ(reply.headers.count(name), 1U) << name;
    EXPECT_EQ(reply.header("cache-control"), "no-store");
  }
};

TEST_F(ForwardTest, PermitsWithEveryHeaderAndOneEntry) {
  const auto before = log_size();
  const Reply reply = ask(*world.mailer, "letters", yes);
  expect_permitted(reply);
  EXPECT_EQ(reply.header("x-consent-purpose"), kNewsletter);
  EXPECT_EQ(reply.header("x-consent-evaluation").size(), 26U);
  EXPECT_EQ(reply.header("x-consent-record").size(), 36U);
  EXPECT_EQ(log_size(), before + 1);
  // The pseudonym is this tool's for this purpose, and asks for the same person.
  Json body = {{"subject", reply.header("x-subject-pseudonym")}, {"purpose", kNewsletter}};
  EXPECT_EQ(world.mailer->post("/v1/gateway/read", body).json().at("decision"), true);
  expect_permitted(ask(*world.mailer, "letters", reply.header("x-subject-pseudonym")));
}

TEST_F(ForwardTest, DeniesWithTheReasonAndOneEntry) {
  const auto before = log_size();
  expect_denied(ask(*world.mailer, "letters", no), "consent_missing");
  EXPECT_EQ(log_size(), before + 1);
  expect_denied(ask(*world.mailer, "letters", "nobody"), "unknown_subject");
  ASSERT_EQ(world.consent(yes, kNewsletter, "withdrawn").status, 201);
  expect_denied(ask(*world.mailer, "letters", yes), "consent_withdrawn");
}

TEST_F(ForwardTest, AnswersWhatNginxSends) {
  const std::string line = "GET /gateway/forward/letters HTTP/1.0";
  const std::string fields = key() + "X-Original-URI: /private/letter?a=1&a=2\r\nX-Original-Method: POST\r\n" +
                             "Connection: close\r\nCookie: a=b\r\nAccept: */*\r\n";
  expect_permitted(sent(line, fields + "X-Person: " + yes + "\r\n"));
  expect_denied(sent(line, fields + "X-Person: " + no + "\r\n"), "consent_missing");
}

TEST_F(ForwardTest, AnswersWhatCaddyAndTraefikSend) {
  const std::string fields = key() +
                             "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: app.example.org\r\n"
                             "X-Forwarded-Method: POST\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Uri: /private?x=1\r\n"
                             "X-Forwarded-Port: 443\r\nX-Real-Ip: 192.0.2.7\r\nAccept-Encoding: gzip\r\n";
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const std::string line = std::string(method) + " /gateway/forward/letters HTTP/1.1";
    expect_permitted(sent(line, fields + "Content-Length: 0\r\nX-Person: " + yes + "\r\n"));
    expect_denied(sent(line, fields + "Content-Length: 0\r\nX-Person: " + no + "\r\n"), "consent_missing");
  }
}

TEST_F(ForwardTest, AnswersHeadWithoutABodyAsHaproxySends) {
  const Headers headers = {{"X-Original-URI", "/private"}, {"X-Original-Method", "POST"}, {"X-Person", yes}};
  expect_permitted(world.mailer->send("HEAD", "/gateway/forward/letters", {}, headers));
  const Reply denied = world.mailer->send("HEAD", "/gateway/forward/letters", {}, {{"X-Person", no}});
  expect_denied(denied, "consent_missing");
  EXPECT_EQ(denied.body, "");
  // The connection still stands where both sides think it does.
  expect_denied(ask(*world.mailer, "letters", no), "consent_missing");
}

TEST_F(ForwardTest, AnswersWhatEnvoySends) {
  for (const char* path : {"", "/", "/private/letter", "/private/letter?a=1&a=1&b=%ff", "/a//b/", "?x"}) {
    const std::string line = std::string("DELETE /gateway/forward/letters") + path + " HTTP/1.1";
    const std::string fields = key() + "Content-Length: 0\r\n";
    expect_permitted(sent(line, fields + "X-Person: " + yes + "\r\n"));
    expect_denied(sent(line, fields + "X-Person: " + no + "\r\n"), "consent_missing");
  }
}

TEST_F(ForwardTest, AsksForTheToolsOwnKey) {
  for (const Reply& reply : {ask(*world.nobody, "letters", yes),
                             sent("GET /gateway/forward/letters HTTP/1.1", "Authorization: Bearer x\r\n"),
                             sent("GET /gateway/forward/letters HTTP/1.1", "Authorization: Basic !!\r\n"),
                             sent("GET /gateway/forward/letters HTTP/1.1", key() + "X-Egide-Key: wrong\r\n"),
                             sent("GET /gateway/forward/letters HTTP/1.1", key() + "X-Egide-Key:\r\n")}) {
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.header("www-authenticate"), "Bearer realm=\"egide\"");
    EXPECT_EQ(reply.header("x-consent-reason"), "unauthenticated");
    EXPECT_EQ(reply.header("x-consent-decision"), "deny");
    expect_every_header(reply);
  }
  const std::string own = "X-Egide-Key: " + world.mailer->token() + "\r\nX-Person: " + yes + "\r\n";
  expect_permitted(sent("GET /gateway/forward/letters HTTP/1.1", own + "Authorization: Basic dXNlcjpwYXNz\r\n"));
  const Reply twice = sent("GET /gateway/forward/letters HTTP/1.1", own + own);
  EXPECT_EQ(twice.status, 401);
  // Elsewhere that header is nothing.
  EXPECT_EQ(world.nobody->get("/v1/purposes", {{"X-Egide-Key", world.mailer->token()}}).status, 401);
}

TEST_F(ForwardTest, LetsNoToolAskForAnother) {
  expect_denied(ask(*world.matcher, "letters", yes), "forbidden");
  expect_permitted(ask(*world.gate, "letters", yes));  // may evaluate for any
  for (Client* staff : {world.dpo.get(), world.coordinator.get(), world.admin.get(), world.auditor.get()})
    expect_denied(ask(*staff, "letters", yes), "forbidden");
}

TEST_F(ForwardTest, DeniesObligationsThatNobodyBehindTheProxyCarriesOut) {
  expect_denied(ask(*world.matcher, "matching", yes), "obligation_not_handled");
  expect_permitted(ask(*world.matcher, "matching-handled", yes));
}

TEST_F(ForwardTest, BelievesConfiguredProxiesOnly) {
  api::ApplicationOptions options;
  options.server.threads = 2;
  options.dispatcher.trust_forwarded_for = true;  // which must not decide who the proxy is
  options.forward = forward_profiles();
  options.forward.trusted_proxies = {"192.0.2.0/24", "2001:db8::1"};
  auto other = api::Application::start(*world.vault, std::move(options));
  ASSERT_TRUE(other.has_value());
  Client client((*other)->port(), world.mailer->token());
  const auto before = log_size();
  expect_denied(ask(client, "letters", yes), "untrusted_proxy");
  expect_denied(client.get("/gateway/forward/letters", {{"X-Person", yes}, {"X-Forwarded-For", "192.0.2.1"}}),
                "untrusted_proxy");
  EXPECT_EQ(log_size(), before);
  EXPECT_EQ(client.get("/healthz").status, 200);
  (*other)->stop();
}

TEST_F(ForwardTest, TakesOnePersonInOneHeader) {
  const std::string line = "GET /gateway/forward/letters HTTP/1.1";
  const std::string person = "X-Person: " + yes + "\r\n";
  expect_denied(sent(line, key()), "person_missing");
  expect_denied(sent(line, key() + person + person), "person_ambiguous");
  expect_denied(sent(line, key() + person + "x-person: " + no + "\r\n"), "person_ambiguous");
  for (const std::string& wrong : {std::string(), std::string("yes@example.org"), std::string("a b"), yes + "," + no,
                                   std::string("..%2f"), std::string(300, 'a')})
    expect_denied(sent(line, key() + "X-Person: " + wrong + "\r\n"), "person_missing");
}

TEST_F(ForwardTest, AnswersNothingBut200And401And403) {
  const std::string ok = " HTTP/1.1";
  const std::string path = "/gateway/forward/letters";
  const std::string person = "X-Person: " + yes + "\r\n";
  const std::pair<std::string, std::string> requests[] = {
      {"GET /gateway/forward" + ok, key() + person},
      {"GET /gateway/forward/" + ok, key() + person},
      {"GET /gateway/forward/unknown" + ok, key() + person},
      {"GET /gateway/forward/%6cetters%2f" + ok, key() + person},
      {"GET " + path + "/../x" + ok, key() + person},
      {"GET " + path + "/%ff" + ok, key() + person},
      {"GET " + path + "/%zz" + ok, key() + person},
      {"GET " + path + "/{x}" + ok, key() + person},
      {"PROPFIND " + path + ok, key() + person},
      {"TRACE " + path + ok, key() + person},
      {"GET " + path + ok, key() + person + "X-Request-ID: a b\r\n"},
      {"GET " + path + ok, key() + person + "Expect: something\r\n"},
      {"GET " + path + ok, key() + person + "Transfer-Encoding: gzip\r\n"},
      {"GET " + path + ok, key() + person + "Content-Length: 99999999999\r\n"},
      {"GET " + path + "/" + std::string(60000, 'a') + ok, key() + person},
      {"GET " + path + ok, key() + person + "X-Long: " + std::string(90000, 'a') + "\r\n"},
      {"POST " + path + ok, person + "Content-Length: 0\r\n"},
  };
  for (const auto& [line, fields] : requests) {
    const Reply reply = sent(line, fields);
    const std::string what = line.substr(0, 60);
    EXPECT_TRUE(reply.status == 401 || reply.status == 403) << what << " " << reply.status;
    EXPECT_EQ(reply.header("x-consent-decision"), "deny") << what;
    EXPECT_NE(reply.header("x-consent-reason"), "") << what;
    EXPECT_EQ(reply.body.find("letters"), std::string::npos) << what;
  }
}

TEST_F(ForwardTest, KeepsRoutesBesideItAsTheyWere) {
  EXPECT_EQ(world.mailer->get("/gateway/forwards").status, 404);
  EXPECT_EQ(world.mailer->get("/gateway").status, 404);
  EXPECT_EQ(world.mailer->get("/v1/purposes?unknown=1").status, 400);
  EXPECT_EQ(world.mailer->send("PUT", "/v1/purposes").status, 405);
}

TEST(ForwardOptionsTest, RefusesProfilesThatCanNotWork) {
  World world;
  const auto start = [&world](const api::ForwardOptions& forward) {
    api::ApplicationOptions options;
    options.forward = forward;
    return api::Application::start(*world.vault, std::move(options));
  };
  const auto changed = [](auto change) {
    auto options = forward_profiles();
    change(options);
    return options;
  };
  using Options = api::ForwardOptions;
  const Options wrong[] = {
      changed([](Options& o) { o.trusted_proxies = {"proxy.example.org"}; }),
      changed([](Options& o) { o.trusted_proxies = {"10.1.2.3/8"}; }),
      changed([](Options& o) { o.trusted_proxies = {"10.0.0.0/33"}; }),
      changed([](Options& o) { o.trusted_proxies = {""}; }),
      changed([](Options& o) { o.profiles[0].name = "a/b"; }),
      changed([](Options& o) { o.profiles[1].name = o.profiles[0].name; }),
      changed([](Options& o) { o.profiles[0].tool = ""; }),
      changed([](Options& o) { o.profiles[0].purpose = ""; }),
      changed([](Options& o) { o.profiles[0].person.header = "not a name"; }),
      changed([](Options& o) { o.profiles[0].person.header = "X-Egide-Key"; }),
      changed([](Options& o) { o.profiles[1].person.pattern = "/people/("; }),
      changed([](Options& o) { o.profiles[1].person.pattern = "/people/.*"; }),
      changed([](Options& o) { o.profiles[1].person.pattern = "/(a)/(b)"; }),
      changed([](Options& o) { o.profiles[1].person.pattern = "(a){1000}{1000}"; }),
      changed([](Options& o) { o.profiles[2].person.jwt.secret = nullptr; }),
      changed([](Options& o) { o.profiles[2].person.jwt.claim = ""; }),
      changed([](Options& o) { o.profiles[3].person.jwt.header = ""; }),
  };
  for (const auto& options : wrong) {
    const auto started = start(options);
    ASSERT_FALSE(started.has_value());
    EXPECT_EQ(started.error().code(), base::ErrorCode::InvalidRequest);
    EXPECT_FALSE(started.error().fields().empty());
  }
}

}  // namespace
}  // namespace egide::testing
