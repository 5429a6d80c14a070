#include "egide/api/dispatcher.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "egide/api/request_context.h"
#include "egide/testing/fake_clock.h"
#include "raw_text.h"

namespace egide::api {
namespace {

constexpr RoleRule kTable[] = {{"open", {Role::Public}},        {"mine", {Role::Tool, Role::Dpo}},
                               {"make", {Role::Tool}},          {"change", {Role::Tool}},
                               {"throw", {Role::Public}},       {"fail", {Role::Public}},
                               {"access.echo", {Role::Public}}, {"events", {Role::Tool}}};

// Knows the tokens "tool-key" and "auditor-key".
class FakeAuthenticator final : public Authenticator {
 public:
  base::Result<Caller> authenticate(std::string_view token) override {
    if (token == "tool-key") return Caller{CallerKind::Tool, Role::Tool, "matcher", {}};
    if (token == "auditor-key") return Caller{CallerKind::Staff, Role::Auditor, "alice", {}};
    if (token == "sealed") return base::unavailable("The vault is sealed");
    return base::Error(base::ErrorCode::Unauthenticated, "never shown");
  }
};

class RecordingObserver final : public RequestObserver {
 public:
  void answered(std::string_view route, int status, std::chrono::nanoseconds) noexcept override {
    seen.emplace_back(std::string(route), status);
  }
  std::vector<std::pair<std::string, int>> seen;
};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    const auto ok = [](const RequestContext& in) -> base::Result<HttpResponse> {
      return HttpResponse::text(200, in.caller().id);
    };
    add(Method::Get, "/open", "open", BodyKind::None, ok);
    add(Method::Get, "/mine/{id}", "mine", BodyKind::None, [](const RequestContext& in) -> base::Result<HttpResponse> {
      EGIDE_TRY(const auto limit, in.limit(20, 100));
      return HttpResponse::text(200, in.path_value("id") + " " + std::to_string(limit));
    });
    router_.add({.method = Method::Post,
                 .pattern = "/make",
                 .name = "make",
                 .body = BodyKind::Json,
                 .idempotency = Idempotency::Required,
                 .handler = [this](const RequestContext& in) -> base::Result<HttpResponse> {
                   ++made_;
                   if (in.json().contains("throw")) throw std::runtime_error("secret text");
                   if (in.json().contains("busy")) return base::unavailable("The log can't be written");
                   return HttpResponse::text(201, "made " + std::to_string(made_));
                 }});
    router_.add({.method = Method::Patch,
                 .pattern = "/change",
                 .name = "change",
                 .body = BodyKind::MergePatch,
                 .needs_if_match = true,
                 .handler = [](const RequestContext& in) -> base::Result<HttpResponse> {
                   if (in.if_match() != etag_of(3)) return base::Error(base::ErrorCode::Precondition, "It has changed");
                   return HttpResponse::empty(204);
                 }});
    add(Method::Get, "/throw", "throw", BodyKind::None,
        [](const RequestContext&) -> base::Result<HttpResponse> { throw std::runtime_error("secret text"); });
    add(Method::Get, "/fail", "fail", BodyKind::None,
        [](const RequestContext&) -> base::Result<HttpResponse> { return base::integrity_violation("secret text"); });
    add(Method::Post, "/access/v1/echo", "access.echo", BodyKind::Json,
        [](const RequestContext& in) -> base::Result<HttpResponse> {
          if (!in.json().contains("subject")) return base::invalid_field("/subject", "is missing");
          return HttpResponse::json(200, in.json());
        });
    add(Method::Post, "/events", "events", BodyKind::CloudEvents, ok);
  }

  void add(Method method, const std::string& pattern, const std::string& name, BodyKind body, RouteHandler handler) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.name = name;
    route.body = body;
    route.query = name == "mine" ? std::vector<std::string>{"limit"} : std::vector<std::string>{};
    route.handler = std::move(handler);
    router_.add(std::move(route));
  }

  HttpResponse call(const std::string& line, const std::string& fields = "", const std::string& body = "") {
    const auto raw = raw_request(line, fields, body);
    const auto answer = dispatcher_.handle(raw, "192.0.2.1");
    request_id_ = answer.request_id;
    return answer.response;
  }
  static std::string code(const HttpResponse& response) {
    return nlohmann::json::parse(response.body)["code"].get<std::string>();
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  int made_ = 0;
  std::string request_id_;
  testing::FakeClock clock_{base::Timestamp(std::chrono::milliseconds(1000))};
  Router router_{kTable};
  FakeAuthenticator authenticator_;
  InMemoryIdempotencyStore idempotency_{clock_, std::chrono::hours(24)};
  RecordingObserver observer_;
  Dispatcher dispatcher_{{.public_base_url = "https://v",
                          .address_rate = {"address", 50, std::chrono::seconds(10)},
                          .caller_rate = {"default", 5, std::chrono::seconds(10)}},
                         {&router_, &authenticator_, &idempotency_, &clock_, &observer_}};

  const std::string tool_ = "Authorization: Bearer tool-key\r\n";
  const std::string json_ = "Content-Type: application/json\r\n";
};

TEST_F(DispatcherTest, GivesTheRequestIdBack) {
  call("GET /open", "X-Request-ID: abc-123\r\n");
  EXPECT_EQ(request_id_, "abc-123");
  const auto response = call("GET /nothing", "X-Request-ID: abc-123\r\n");
  EXPECT_EQ(nlohmann::json::parse(response.body)["request_id"], "abc-123");
  call("GET /open");
  EXPECT_EQ(request_id_.size(), 36U);
}

TEST_F(DispatcherTest, RefusesARequestIdItWouldNotRepeat) {
  for (const std::string& id : {std::string(129, 'a'), std::string("a b"), std::string("\xc3\xa9"), std::string()}) {
    EXPECT_EQ(call("GET /open", "X-Request-ID: " + id + "\r\n").status, 400);
    EXPECT_EQ(request_id_.size(), 36U);
  }
}

TEST_F(DispatcherTest, AsksWhoCalls) {
  const auto response = call("GET /mine/7");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer realm=\"egide\"");
  EXPECT_EQ(call("GET /mine/7", tool_).body, "7 20");
  EXPECT_EQ(call("GET /open").status, 200);
}

TEST_F(DispatcherTest, AnswersUnknownAndMalformedCredentialsAlike) {
  const std::string id = "X-Request-ID: same\r\n";
  const auto unknown = call("GET /mine/7", id + "Authorization: Bearer wrong\r\n");
  for (const char* other :
       {"", "Authorization: Bearer\r\n", "Authorization: tool-key\r\n", "Authorization: Digest tool-key\r\n",
        "Authorization: Basic !!!\r\n", "Authorization: Basic dG9vbC1rZXk=\r\n"}) {
    const auto response = call("GET /mine/7", id + other);
    EXPECT_EQ(response.status, 401) << other;
    EXPECT_EQ(response.body, unknown.body) << other;
    EXPECT_EQ(response.headers, unknown.headers) << other;
  }
}

TEST_F(DispatcherTest, TakesTheKeyAsPasswordOfBasic) {
  EXPECT_EQ(call("GET /mine/7", "Authorization: Basic YW55Om5hbWU6dG9vbC1rZXk=\r\n").status, 401);  // any:name:tool-key
  EXPECT_EQ(call("GET /mine/7", "authorization: basic dG9vbDp0b29sLWtleQ==\r\n").status, 200);      // tool:tool-key
}

TEST_F(DispatcherTest, SaysThatASealedVaultCanTellNothing) {
  EXPECT_EQ(call("GET /mine/7", "Authorization: Bearer sealed\r\n").status, 503);
}

TEST_F(DispatcherTest, RefusesARoleOutsideTheTable) {
  EXPECT_EQ(call("GET /mine/7", "Authorization: Bearer auditor-key\r\n").status, 403);
}

TEST_F(DispatcherTest, TellsUnknownPathsFromUnknownMethods) {
  EXPECT_EQ(call("GET /nothing").status, 404);
  const auto response = call("OPTIONS /open");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header(response, "Allow"), "GET, HEAD");
}

TEST_F(DispatcherTest, RefusesUnknownParametersAndLargeLimits) {
  EXPECT_EQ(call("GET /mine/7?limit=100", tool_).body, "7 100");
  for (const char* query : {"limit=101", "limit=0", "limit=-1", "limit=1x", "limit=", "other=1"}) {
    clock_.advance(std::chrono::seconds(10));
    EXPECT_EQ(call(std::string("GET /mine/7?") + query, tool_).status, 400) << query;
  }
}

TEST_F(DispatcherTest, WantsJsonWhereTheRouteDoes) {
  const std::string key = "Idempotency-Key: k\r\n";
  EXPECT_EQ(code(call("POST /make", tool_ + key, "{}")), "unsupported_media_type");
  EXPECT_EQ(call("POST /make", tool_ + key + "Content-Type: text/plain\r\n", "{}").status, 415);
  const auto broken = call("POST /make", tool_ + key + json_, "{\"iban\": \"secret");
  EXPECT_EQ(broken.status, 400);
  EXPECT_EQ(code(broken), "invalid_json");
  EXPECT_EQ(broken.body.find("secret"), std::string::npos);
  EXPECT_EQ(made_, 0);
}

TEST_F(DispatcherTest, TakesCloudEventsWhereTheRouteDoes) {
  for (const char* type :
       {"application/json", "application/cloudevents+json; charset=utf-8", "application/cloudevents-batch+json"})
    EXPECT_EQ(call("POST /events", tool_ + "Content-Type: " + type + "\r\n", "{}").status, 200) << type;
  EXPECT_EQ(call("POST /events", tool_ + "Content-Type: application/ld+json\r\n", "{}").status, 415);
}

TEST_F(DispatcherTest, AnswersEveryMistakeUnderAccessWith400) {
  EXPECT_EQ(call("POST /access/v1/echo", "", "{}").status, 400);
  EXPECT_EQ(call("POST /access/v1/echo", json_, "").status, 400);
  EXPECT_EQ(call("POST /access/v1/echo", json_, "{").status, 400);
  EXPECT_EQ(call("POST /access/v1/echo", json_, "{}").status, 400);
  EXPECT_EQ(call("POST /access/v1/echo", json_, "{\"subject\":1}").status, 200);
}

TEST_F(DispatcherTest, WantsIfMatchBeforeAChange) {
  EXPECT_EQ(call("PATCH /change", tool_ + json_, "{}").status, 428);
  EXPECT_EQ(call("PATCH /change", tool_ + json_ + "If-Match: \"2\"\r\n", "{}").status, 412);
  EXPECT_EQ(call("PATCH /change", tool_ + json_ + "If-Match: \"3\"\r\n", "{}").status, 204);
}

TEST_F(DispatcherTest, RunsARequestOnceForOneKey) {
  const std::string fields = tool_ + json_;
  EXPECT_EQ(call("POST /make", fields, "{}").status, 400);  // the key is needed
  EXPECT_EQ(call("POST /make", fields + "Idempotency-Key: \"k\"\r\n", "{}").body, "made 1");
  EXPECT_EQ(call("POST /make", fields + "Idempotency-Key: k\r\n", "{}").body, "made 1");
  EXPECT_EQ(call("POST /make", fields + "Idempotency-Key: k\r\n", "{ }").status, 422);
  EXPECT_EQ(made_, 1);
}

TEST_F(DispatcherTest, LetsARequestThatHadNoEffectBeSentAgain) {
  const std::string fields = tool_ + json_ + "Idempotency-Key: k\r\n";
  EXPECT_EQ(call("POST /make", fields, "{\"busy\":1}").status, 503);
  EXPECT_EQ(call("POST /make", fields, "{\"throw\":1}").status, 503);
  EXPECT_EQ(call("POST /make", fields, "{}").body, "made 3");
}

TEST_F(DispatcherTest, NeverShowsTheTextOfAnException) {
  for (const char* path : {"GET /throw", "GET /fail"}) {
    const auto response = call(path);
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(response.body.find("secret"), std::string::npos) << path;
    EXPECT_EQ(header(response, "Retry-After"), "5");
  }
}

TEST_F(DispatcherTest, LimitsEachCaller) {
  for (int i = 0; i < 5; ++i) {
    const auto response = call("GET /mine/7", tool_);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "RateLimit-Policy"), "\"default\";q=5;w=10");
  }
  const auto refused = call("GET /mine/7", tool_);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "2");
  EXPECT_EQ(header(refused, "RateLimit"), "\"default\";r=0;t=2");
  EXPECT_EQ(call("GET /mine/7", "Authorization: Bearer auditor-key\r\n").status, 403);  // its own bucket
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(call("GET /mine/7", tool_).status, 200);
}

TEST_F(DispatcherTest, LimitsEachAddressBeforeAskingWhoCalls) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(call("GET /mine/7").status, 401);
  EXPECT_EQ(call("GET /mine/7").status, 429);
  const auto raw = raw_request("GET /open", "");
  EXPECT_EQ(dispatcher_.handle(raw, "192.0.2.2").response.status, 200);
}

TEST_F(DispatcherTest, TellsTheObserver) {
  call("GET /open");
  call("GET /nothing");
  EXPECT_EQ(observer_.seen, (std::vector<std::pair<std::string, int>>{{"open", 200}, {"none", 404}}));
}

TEST(DispatcherProxyTest, CountsTheAddressThatTheProxyWrote) {
  testing::FakeClock clock{base::Timestamp(std::chrono::milliseconds(1000))};
  const Router router(kTable);
  Dispatcher dispatcher({.address_rate = {"address", 1, std::chrono::seconds(10)}, .trust_forwarded_for = true},
                        {&router, nullptr, nullptr, &clock, nullptr});
  const auto status = [&dispatcher](const std::string& forwarded) {
    const auto raw = raw_request("GET /x", "X-Forwarded-For: " + forwarded + "\r\n");
    return dispatcher.handle(raw, "127.0.0.1").response.status;
  };
  EXPECT_EQ(status("198.51.100.1"), 404);
  EXPECT_EQ(status("203.0.113.9, 198.51.100.1"), 429);  // the client's own claim does not count
  EXPECT_EQ(status("198.51.100.1, 203.0.113.9"), 404);
}

}  // namespace
}  // namespace egide::api
