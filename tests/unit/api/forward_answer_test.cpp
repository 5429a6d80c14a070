// Forwarded requests at the dispatcher: whatever happens inside, what leaves is 200, 401 or 403.
#include <gtest/gtest.h>

#include <stdexcept>

#include "egide/api/dispatcher.h"
#include "egide/api/request_context.h"
#include "egide/testing/fake_clock.h"
#include "raw_text.h"

namespace egide::api {
namespace {

constexpr RoleRule kTable[] = {{"forward.ask", {Role::Tool}}};

class FakeAuthenticator final : public Authenticator {
 public:
  base::Result<Caller> authenticate(std::string_view token) override {
    if (token == "tool-key") return Caller{CallerKind::Tool, Role::Tool, "mailer", {}};
    if (token == "sealed") return base::unavailable("The vault is sealed");
    return base::Error(base::ErrorCode::Unauthenticated, "never shown");
  }
};

class ForwardAnswerTest : public ::testing::Test {
 protected:
  ForwardAnswerTest() {
    Route route;
    route.pattern = "/gateway/forward/{profile}";
    route.name = "forward.ask";
    route.any_method = true;
    route.any_query = true;
    route.handler = [](const RequestContext& in) -> base::Result<HttpResponse> {
      const auto& what = in.path_value("profile");
      if (what == "throws") throw std::runtime_error("secret text");
      if (what == "unlogged") return base::unavailable("The log can't be written");
      if (what == "broken") return base::integrity_violation("secret text");
      if (what == "bare") return HttpResponse::text(200, "secret text");
      if (what == "moved") return HttpResponse::empty(302).with("Location", "https://elsewhere.example.org");
      return base::Error(base::ErrorCode::NotFound, "secret text");
    };
    router_.add(std::move(route));
  }

  HttpResponse call(const std::string& what, const std::string& token = "tool-key") {
    const auto raw =
        raw_request("GET /gateway/forward/" + what, token.empty() ? "" : "Authorization: Bearer " + token + "\r\n");
    return dispatcher_.handle(raw, "127.0.0.1").response;
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return "none";
  }
  void expect_denial(const HttpResponse& response, int status, const char* reason) {
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(header(response, "X-Consent-Decision"), "deny");
    EXPECT_EQ(header(response, "X-Consent-Reason"), reason);
    EXPECT_EQ(header(response, "X-Subject-Pseudonym"), "");
    EXPECT_EQ(header(response, "X-Consent-Record"), "");
    EXPECT_EQ(header(response, "X-Consent-Purpose"), "");
    EXPECT_EQ(header(response, "X-Consent-Evaluation"), "");
    EXPECT_EQ(header(response, "Location"), "none");
    EXPECT_EQ(response.body.find("secret text"), std::string::npos);
  }

  testing::FakeClock clock_{base::Timestamp(std::chrono::milliseconds(1000))};
  Router router_{kTable};
  FakeAuthenticator authenticator_;
  Dispatcher dispatcher_{{.address_rate = {"address", 20, std::chrono::seconds(10)}},
                         {&router_, &authenticator_, nullptr, &clock_, nullptr}};
};

TEST_F(ForwardAnswerTest, DeniesWhenTheLogCanNotBeWritten) { expect_denial(call("unlogged"), 403, "unavailable"); }

TEST_F(ForwardAnswerTest, DeniesWhateverElseFails) {
  expect_denial(call("throws"), 403, "unavailable");
  expect_denial(call("broken"), 403, "unavailable");
  expect_denial(call("lost"), 403, "unknown_profile");
  expect_denial(call("moved"), 403, "invalid_request");
  expect_denial(call("any", "sealed"), 403, "unavailable");
  expect_denial(call("any", ""), 401, "unauthenticated");
  expect_denial(call("any", "wrong"), 401, "unauthenticated");
}

TEST_F(ForwardAnswerTest, TakesNoBare200ForAPermit) { expect_denial(call("bare"), 403, "invalid_request"); }

TEST_F(ForwardAnswerTest, DeniesAboveTheRate) {
  for (int i = 0; i < 20; ++i) call("lost");
  expect_denial(call("lost"), 403, "too_many_requests");
}

TEST_F(ForwardAnswerTest, DeniesWithoutABodyWhatNeverBecameARequest) {
  const auto raw = raw_request("HEAD /gateway/forward/lost", "");
  const auto refused = dispatcher_.refuse({400, "A header is malformed"}, raw).response;
  expect_denial(refused, 403, "invalid_request");
  EXPECT_EQ(refused.body, "");
  const auto stopping = dispatcher_.unavailable(raw).response;
  expect_denial(stopping, 403, "unavailable");
  EXPECT_EQ(stopping.body, "");
}

TEST_F(ForwardAnswerTest, LeavesOtherAnswersAlone) {
  const auto raw = raw_request("GET /gateway/other", "Authorization: Bearer tool-key\r\n");
  EXPECT_EQ(dispatcher_.handle(raw, "127.0.0.1").response.status, 404);
  EXPECT_EQ(dispatcher_.unavailable(raw).response.status, 503);
}

}  // namespace
}  // namespace egide::api
