#include "egide/api/problem.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace egide::api {
namespace {

using base::ErrorCode;

const Problems kProblems("https://vault.example.org");

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(ProblemTest, HasTheShapeOfRfc9457) {
  const auto response = kProblems.from(base::invalid_field("/purpose", "must be one of the granted purposes"),
                                       {"0f6c1b52", "/v1/subjects"});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"https://vault.example.org/problems/invalid-request","title":"The request is not valid",)"
            R"("status":422,"code":"invalid_request","request_id":"0f6c1b52",)"
            R"("errors":[{"detail":"must be one of the granted purposes","pointer":"#/purpose"}]})");
}

TEST(ProblemTest, GivesEachErrorItsStatus) {
  const std::pair<ErrorCode, int> expected[] = {{ErrorCode::InvalidRequest, 422}, {ErrorCode::Unauthenticated, 401},
                                                {ErrorCode::Forbidden, 403},      {ErrorCode::NotFound, 404},
                                                {ErrorCode::Conflict, 409},       {ErrorCode::Gone, 410},
                                                {ErrorCode::Precondition, 412},   {ErrorCode::TooLarge, 413},
                                                {ErrorCode::Integrity, 503},      {ErrorCode::Unavailable, 503}};
  for (const auto& [code, status] : expected) {
    const auto response = kProblems.from(base::Error(code, "words"), {"id", "/v1/x"});
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(nlohmann::json::parse(response.body)["status"], status);
  }
}

TEST(ProblemTest, AnswersInvalidAccessRequestsAndUrlsWith400) {
  const auto error = base::invalid_request("words");
  EXPECT_EQ(kProblems.from(error, {"id", "/access/v1/evaluation"}).status, 400);
  EXPECT_EQ(kProblems.from(error, {"id", "/v1/subjects", true}).status, 400);
  EXPECT_EQ(kProblems.from(error, {"id", "/accessories"}).status, 422);
}

TEST(ProblemTest, HidesWhatFailedAuthenticationInTheStore) {
  const auto response = kProblems.from(base::integrity_violation("row 17 of table x"), {"id", "/v1/x"});
  EXPECT_EQ(response.body.find("row 17"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(response.body)["code"], "unavailable");
}

TEST(ProblemTest, SaysWhatToDoNext) {
  EXPECT_EQ(header(kProblems.make(ProblemKind::Unavailable, {"id", ""}), "Retry-After"), "5");
  EXPECT_EQ(header(kProblems.unauthenticated({"id", ""}), "WWW-Authenticate"), "Bearer realm=\"egide\"");
  EXPECT_EQ(header(kProblems.from(base::Error(ErrorCode::Unauthenticated, ""), {"id", ""}), "WWW-Authenticate"),
            "Bearer realm=\"egide\"");
  EXPECT_EQ(header(kProblems.method_not_allowed({"id", ""}, "GET, HEAD"), "Allow"), "GET, HEAD");
}

TEST(ProblemTest, NamesTheExceededQuota) {
  const auto response = kProblems.too_many_requests({"id", ""}, "default", 7);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(header(response, "Retry-After"), "7");
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
  EXPECT_EQ(body["violated-policies"], nlohmann::json::array({"default"}));
}

TEST(ProblemTest, EscapesPointersAndCutsThem) {
  const auto response =
      kProblems.from(base::invalid_field("/a b/\xc3\xa9%" + std::string(500, 'x'), "unknown"), {"id", "/v1/x"});
  const auto pointer = nlohmann::json::parse(response.body)["errors"][0]["pointer"].get<std::string>();
  EXPECT_EQ(pointer.substr(0, 16), "#/a%20b/%C3%A9%2");
  EXPECT_LT(pointer.size(), 300U);
}

}  // namespace
}  // namespace egide::api
