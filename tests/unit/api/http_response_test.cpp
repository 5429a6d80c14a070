#include "egide/api/http_response.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace egide::api {
namespace {

std::string wire(const HttpResponse& response, const WireOptions& options = {}) {
  std::string out;
  append_to_wire(out, response, options);
  return out;
}

TEST(HttpResponseTest, CarriesTheHeadersOfEveryAnswer) {
  EXPECT_EQ(wire(HttpResponse::text(200, "ok"), {.request_id = "r1"}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Request-ID: r1\r\n\r\nok");
}

TEST(HttpResponseTest, LeavesTheBodyOutForHeadAndKeepsItsLength) {
  const auto out = wire(HttpResponse::text(200, "hello"), {.head_only = true});
  EXPECT_NE(out.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(out.substr(out.size() - 4), "\r\n\r\n");
}

TEST(HttpResponseTest, SaysThatItCloses) {
  EXPECT_NE(wire(HttpResponse::empty(200), {.keep_alive = false}).find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(wire(HttpResponse::empty(200)).find("Connection"), std::string::npos);
}

TEST(HttpResponseTest, HasNoBodyWhereTheStatusForbidsIt) {
  for (const int status : {204, 304}) {
    const auto out = wire(HttpResponse::text(status, "x"));
    EXPECT_EQ(out.find("Content-Length"), std::string::npos);
    EXPECT_EQ(out.substr(out.size() - 4), "\r\n\r\n");
  }
}

TEST(HttpResponseTest, DropsAHeaderThatWouldForgeALine) {
  HttpResponse response;
  response.with("Location", "/a\r\nSet-Cookie: b").with("Bad Name", "x").with("ETag", "\"1\"");
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers.front().first, "ETag");
}

TEST(HttpResponseTest, WritesJson) {
  base::Json value;
  value["a"] = "Zo\xc3\xa9";
  EXPECT_EQ(HttpResponse::json(201, value).body, "{\"a\":\"Zo\xc3\xa9\"}");
  value["a"] = "\xff";
  EXPECT_EQ(HttpResponse::json(200, value).body, "{\"a\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace egide::api
