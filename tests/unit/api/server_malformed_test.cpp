// What Pistache 0.0.5 lets through, sent to the running server: one problem answer, then the connection ends.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "raw_client.h"

namespace egide::api {
namespace {

struct Malformed {
  const char* name;
  std::string bytes;
  int status;
};

class ServerMalformedTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(ServerMalformedTest, IsRefusedOnceAndTheConnectionEnds) {
  TestServer server;
  RawClient client(server.port());
  // The request behind it must not be read as one: that is how a request is smuggled.
  client.send(GetParam().bytes + get("/hello"));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, GetParam().status);
  EXPECT_TRUE(response->closes());
  EXPECT_NE(response->head.find("application/problem+json"), std::string::npos);
  const auto problem = nlohmann::json::parse(response->body);
  EXPECT_EQ(problem["status"], GetParam().status);
  EXPECT_EQ(problem["request_id"].get<std::string>().size(), 36U);
  EXPECT_TRUE(client.ends());
}

const std::string kPost = "POST /size HTTP/1.1\r\nHost: h\r\n";
INSTANTIATE_TEST_SUITE_P(
    Traps, ServerMalformedTest,
    ::testing::Values(
        Malformed{"TwoContentLength", kPost + "Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc", 400},
        Malformed{"LengthWithLetters", kPost + "Content-Length: 3abc\r\n\r\nabc", 400},
        Malformed{"LengthWithPlus", kPost + "Content-Length: +3\r\n\r\nabc", 400},
        Malformed{"NegativeLength", kPost + "Content-Length: -1\r\n\r\nabc", 400},
        Malformed{"SpaceBeforeColon", kPost + "Content-Length : 3\r\n\r\nabc", 400},
        Malformed{"NoHost", "GET /hello HTTP/1.1\r\n\r\n", 400},
        Malformed{"VersionTokenH", "GET /hello H\r\nHost: h\r\n\r\n", 400},
        Malformed{"UnknownVersion", "GET /hello HTTP/3.0\r\nHost: h\r\n\r\n", 505},
        Malformed{"LengthAndTransferEncoding",
                  kPost + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Malformed{"Chunked", kPost + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400},
        Malformed{"HugeChunk", kPost + "Transfer-Encoding: chunked\r\n\r\n40000000\r\n", 400},
        Malformed{"HeaderTooLarge", "GET /hello HTTP/1.1\r\nHost: h\r\nX-A: " + std::string(17000, 'a') + "\r\n\r\n",
                  431},
        Malformed{"BodyTooLarge", kPost + "Content-Length: 2000000\r\n\r\n" + std::string(2000000, 'a'), 413},
        Malformed{"TargetTooLong", "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
        Malformed{"BareLineFeeds", "GET /hello HTTP/1.1\nHost: h\n\n", 400},
        Malformed{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), 400}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace egide::api
