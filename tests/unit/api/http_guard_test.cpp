#include "egide/api/http_guard.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace egide::api {
namespace {

using State = HttpGuard::State;

struct Outcome {
  State state = State::Head;
  int status = 0;
  std::size_t used = 0;
  std::string target, body;
  bool keep_alive = false;
  bool operator==(const Outcome&) const = default;
};

// Feeds `text` in pieces of the given sizes (the last one repeats) until the guard stops.
Outcome feed(std::string_view text, const std::vector<std::size_t>& sizes, const GuardLimits& limits = {}) {
  HttpGuard guard(limits);
  Outcome out;
  std::size_t piece = 0;
  while (out.used < text.size() && guard.state() != State::Complete && guard.state() != State::Failed) {
    const std::size_t size = sizes[std::min(piece++, sizes.size() - 1)];
    out.used += guard.feed(text.substr(out.used, size));
  }
  out.state = guard.state();
  if (out.state == State::Failed) out.status = guard.error().status;
  if (out.state == State::Complete) {
    out.target = guard.request().target();
    out.body = guard.request().body;
    out.keep_alive = guard.request().keep_alive;
  }
  return out;
}

Outcome feed_whole(std::string_view text, const GuardLimits& limits = {}) { return feed(text, {text.size()}, limits); }

struct Case {
  const char* what;
  std::string text;
  int status;  // 0: accepted
};

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"; }
std::string post(const std::string& fields) { return "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\nabc"; }

std::vector<Case> cases() {
  std::vector<Case> all = {
      {"plain", get(""), 0},
      {"body", post("Content-Length: 3\r\n"), 0},
      {"no body for a POST without length", "POST / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0},
      {"white space round a value", get("X-A: \t b c \t\r\n"), 0},
      {"empty value", get("X-A:\r\n"), 0},
      {"obs-text in a value", get("X-A: \xc3\xa9\r\n"), 0},
      {"escapes", "GET /a%20b?c=%C3%A9 HTTP/1.1\r\nHost: h\r\n\r\n", 0},
      {"repeated Accept", get("Accept: a/b\r\nAccept: c/d\r\n"), 0},
      {"IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 0},

      {"two Content-Length", post("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {"two equal Content-Length", post("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {"Content-Length list", post("Content-Length: 3, 3\r\n"), 400},
      {"3abc", post("Content-Length: 3abc\r\n"), 400},
      {"+3", post("Content-Length: +3\r\n"), 400},
      {"-1", post("Content-Length: -1\r\n"), 400},
      {"inner space", post("Content-Length: 3 3\r\n"), 400},
      {"hexadecimal", post("Content-Length: 0x3\r\n"), 400},
      {"empty length", post("Content-Length:\r\n"), 400},
      {"length beyond 64 bits", post("Content-Length: 18446744073709551619\r\n"), 400},
      {"length beyond the limit", post("Content-Length: 1048577\r\n"), 413},
      {"CL and TE", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunked", post("Transfer-Encoding: chunked\r\n"), 400},
      {"TE of another case and coding", post("tRANSFER-eNCODING: identity\r\n"), 400},
      {"space before the colon", post("Content-Length : 3\r\n"), 400},
      {"tab before the colon", post("Content-Length\t: 3\r\n"), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Host", get("Host: h\r\n"), 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: a@h\r\n\r\n", 400},
      {"version token H", "GET / H\r\nHost: h\r\n\r\n", 400},
      {"version in lower case", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"space at the end", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
      {"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"empty first line", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"method in lower case", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"CONNECT", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"absolute target", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"fragment", "GET /#a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"backslash", "GET /a\\b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"raw UTF-8 in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"half an escape", "GET /a%2 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"escape of no digits", "GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"escaped NUL", "GET /a%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"escaped line break in the query", "GET /?a=%0d%0a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"folded line", get("X-A: b\r\n c\r\n"), 400},
      {"folded by a tab", get("X-A: b\r\n\tc\r\n"), 400},
      {"line without a colon", get("X-A\r\n"), 400},
      {"empty name", get(": b\r\n"), 400},
      {"name with a slash", get("X/A: b\r\n"), 400},
      {"name with obs-text", get("X-\xc3\xa9: b\r\n"), 400},
      {"bare LF", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"LF at a header's end", get("X-A: b\nX-B: c\r\n"), 400},
      {"bare CR", get("X-A: b\rX-B: c\r\n"), 400},
      {"CR CR LF", get("X-A: b\r\r\n"), 400},
      {"NUL in a value", get(std::string("X-A: b\0c\r\n", 10)), 400},
      {"escape character in a value", get("X-A: \x1b[0m\r\n"), 400},
      {"DEL in a value", get("X-A: \x7f\r\n"), 400},
      {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400},
      {"another expectation", post("Content-Length: 3\r\nExpect: 200-ok\r\n"), 417},
      {"long target", "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"endless first line", std::string(100000, 'G'), 414},
      {"large header", get("X-A: " + std::string(20000, 'a') + "\r\n"), 431},
  };
  std::string many;
  for (int i = 0; i < 100; ++i) many += "X-A: b\r\n";
  all.push_back({"too many fields", get(many), 431});
  for (const char* name : {"Authorization", "Content-Type", "Cookie", "Idempotency-Key", "If-Match", "X-Request-ID",
                           "X-Purpose", "Expect", "Origin"}) {
    const std::string field = std::string(name) + (std::string(name) == "Expect" ? ": 100-continue\r\n" : ": a\r\n");
    all.push_back({name, get(field + field), 400});
  }
  return all;
}

TEST(HttpGuardTest, RefusesWhatTwoReadersCouldReadInTwoWays) {
  for (const auto& test : cases()) {
    const auto out = feed_whole(test.text);
    EXPECT_EQ(out.status, test.status) << test.what;
    EXPECT_EQ(out.state, test.status == 0 ? State::Complete : State::Failed) << test.what;
  }
}

TEST(HttpGuardTest, DecidesTheSameHoweverTheBytesAreCut) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  for (const auto& test : cases()) {
    const auto whole = feed_whole(test.text);
    EXPECT_EQ(feed(test.text, {1}), whole) << test.what;
    for (int round = 0; round < 20; ++round) {
      std::vector<std::size_t> sizes;
      for (int i = 0; i < 50; ++i) sizes.push_back(1 + random() % 40);
      EXPECT_EQ(feed(test.text, sizes), whole) << test.what << ", seed " << seed;
    }
  }
}

TEST(HttpGuardTest, DecidesTheSameOnMutilatedRequestsHoweverTheyAreCut) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const std::string sound = "POST /v1/a%20b?c=d HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello";
  for (int round = 0; round < 3000; ++round) {
    std::string text = sound;
    for (unsigned i = 0; i <= random() % 3; ++i) text[random() % text.size()] = static_cast<char>(random() % 256);
    EXPECT_EQ(feed(text, {1}), feed_whole(text)) << "seed " << seed << ", round " << round;
  }
}

TEST(HttpGuardTest, WaitsForTheRestOfEveryTruncatedRequest) {
  const std::string text = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto out = feed_whole(text.substr(0, size));
    EXPECT_TRUE(out.state == State::Head || out.state == State::Body) << size;
  }
}

TEST(HttpGuardTest, LeavesThePipelinedRequestForTheNextRound) {
  const std::string first = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  const std::string both = first + "GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const GuardLimits limits;
  HttpGuard guard(limits);
  ASSERT_EQ(guard.feed(both), first.size());
  EXPECT_EQ(guard.request().body, "abc");
  EXPECT_TRUE(guard.request().keep_alive);
  guard.next();
  ASSERT_EQ(guard.feed(std::string_view(both).substr(first.size())), both.size() - first.size());
  EXPECT_EQ(guard.state(), State::Complete);
  EXPECT_EQ(guard.request().target(), "/b");
  EXPECT_TRUE(guard.request().body.empty());
  EXPECT_FALSE(guard.request().keep_alive);
}

TEST(HttpGuardTest, ForgetsTheFieldsOfTheRequestBefore) {
  const GuardLimits limits;
  HttpGuard guard(limits);
  guard.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nAuthorization: Bearer x\r\n\r\na");
  ASSERT_EQ(guard.state(), State::Complete);
  guard.next();
  guard.feed("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(guard.state(), State::Failed);  // the Host of before does not count
  EXPECT_FALSE(guard.request().header("authorization"));
}

TEST(HttpGuardTest, ReadsNothingAfterAFailure) {
  const GuardLimits limits;
  HttpGuard guard(limits);
  guard.feed("nonsense\r\n");
  ASSERT_EQ(guard.state(), State::Failed);
  EXPECT_EQ(guard.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 0U);
  EXPECT_EQ(guard.state(), State::Failed);
}

TEST(HttpGuardTest, KnowsWhetherTheConnectionStaysOpen) {
  EXPECT_TRUE(feed_whole(get("")).keep_alive);
  EXPECT_TRUE(feed_whole(get("Connection: keep-alive\r\n")).keep_alive);
  EXPECT_FALSE(feed_whole(get("Connection: foo, Close\r\n")).keep_alive);
  EXPECT_TRUE(feed_whole(get("Connection: closed\r\n")).keep_alive);
  EXPECT_FALSE(feed_whole("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_FALSE(feed_whole("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(HttpGuardTest, AsksOnceForABodyThatIsHeldBack) {
  const GuardLimits limits;
  HttpGuard guard(limits);
  guard.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_TRUE(guard.take_continue());
  EXPECT_FALSE(guard.take_continue());
  guard.feed("abc");
  EXPECT_EQ(guard.state(), State::Complete);
  HttpGuard old(limits);
  old.feed("POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_FALSE(old.take_continue());
}

TEST(HttpGuardTest, GivesSingleRoutesALargerBody) {
  GuardLimits limits;
  limits.max_body = 10;
  limits.body_limits = {{Method::Post, "/v1/decisions", 20}};
  const auto request = [](const std::string& line) {
    return line + " HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n" + std::string(20, 'a');
  };
  EXPECT_EQ(feed_whole(request("POST /v1/decisions"), limits).status, 0);
  EXPECT_EQ(feed_whole(request("POST /v1/decisions?a=b"), limits).status, 0);
  EXPECT_EQ(feed_whole(request("PUT /v1/decisions"), limits).status, 413);
  EXPECT_EQ(feed_whole(request("POST /v1/decisions/x"), limits).status, 413);
}

TEST(HttpGuardTest, FindsFieldsInAnyCase) {
  const GuardLimits limits;
  HttpGuard guard(limits);
  guard.feed(get("X-PURPOSE: a b\r\nEmpty:\r\n"));
  ASSERT_EQ(guard.state(), State::Complete);
  EXPECT_EQ(guard.request().header("x-purpose"), "a b");
  EXPECT_EQ(guard.request().header("empty"), "");
  EXPECT_FALSE(guard.request().header("x-purpos"));
}

}  // namespace
}  // namespace egide::api
