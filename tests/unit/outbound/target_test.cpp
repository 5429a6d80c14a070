#include "egide/outbound/target.h"

#include <gtest/gtest.h>

namespace egide::outbound {
namespace {

Policy loopback() {
  Policy out;
  out.allow = {*parse_network("127.0.0.0/8"), *parse_network("::1")};
  return out;
}

TEST(TargetTest, TakesHttpsToAHostOrAPublicAddress) {
  const auto target = parse_target("https://Hooks.Example.org/a?b=c", Policy());
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "hooks.example.org");
  EXPECT_EQ(target->port, 443);
  EXPECT_EQ(target->url, "https://Hooks.Example.org/a?b=c");
  EXPECT_FALSE(target->literal);
  EXPECT_TRUE(parse_target("https://example.org", Policy()));
  EXPECT_TRUE(parse_target("https://example.org:443/", Policy()));
  EXPECT_TRUE(parse_target("https://xn--caf-dma.example.org/", Policy()));
  EXPECT_TRUE(parse_target("https://8.8.8.8/hook", Policy()));
  EXPECT_EQ(parse_target("https://[2a01:4f8::1]/hook", Policy())->host, "2a01:4f8::1");
}

TEST(TargetTest, RefusesEverythingElse) {
  const std::string long_host = std::string(60, 'a') + ".";
  for (const std::string& url : {std::string(),
                                 std::string("https://"),
                                 std::string("http://example.org/"),
                                 std::string("ftp://example.org/"),
                                 std::string("file:///etc/passwd"),
                                 std::string("HTTPS:/example.org"),
                                 std::string("//example.org/"),
                                 std::string("https://user@example.org/"),
                                 std::string("https://user:pass@example.org/"),
                                 std::string("https://example.org\\@evil.org/"),
                                 std::string("https://example.org/#fragment"),
                                 std::string("https://example.org:80/"),
                                 std::string("https://example.org:8443/"),
                                 std::string("https://example.org:/"),
                                 std::string("https://example.org:0443/"),
                                 std::string("https://example.org:99999/"),
                                 std::string("https://example.org:443x/"),
                                 std::string("https://localhost/"),
                                 std::string("https://intranet/"),
                                 std::string("https://example.org./"),
                                 std::string("https://-a.example.org/"),
                                 std::string("https://a..example.org/"),
                                 std::string("https://exa%6dple.org/"),
                                 std::string("https://exa mple.org/"),
                                 std::string("https://caf\xc3\xa9.fr/"),
                                 std::string("https://127.1/"),
                                 std::string("https://0x7f.1/"),
                                 std::string("https://0x7f.0x0.0x0.0x1/"),
                                 std::string("https://2130706433/"),
                                 std::string("https://0177.0.0.1/"),
                                 std::string("https://127.0.0.1./"),
                                 std::string("https://127.0.0.1/"),
                                 std::string("https://10.0.0.1/"),
                                 std::string("https://169.254.169.254/"),
                                 std::string("https://[::1]/"),
                                 std::string("https://[::ffff:127.0.0.1]/"),
                                 std::string("https://[fe80::1%25lo]/"),
                                 std::string("https://[8.8.8.8]/"),
                                 std::string("https://::1/"),
                                 std::string("https://[::1/"),
                                 std::string("https://[2a01:4f8::1]evil.org/"),
                                 std::string("https://[64:ff9b::a00:1]/"),
                                 "https://" + long_host + long_host + long_host + long_host + long_host + "org/",
                                 "https://example.org/" + std::string(2000, 'a'),
                                 std::string("https://example.org/\r\nX: y"),
                                 std::string("https://example.org/\0", 21)})
    EXPECT_FALSE(parse_target(url, Policy())) << url;
}

TEST(TargetTest, TakesWhatTheConfigurationAllowsAndNoMore) {
  EXPECT_TRUE(parse_target("http://127.0.0.1:9000/hook", loopback()));
  EXPECT_TRUE(parse_target("http://[::1]:9000/hook", loopback()));
  EXPECT_FALSE(parse_target("http://8.8.8.8/hook", loopback()));
  EXPECT_FALSE(parse_target("https://8.8.8.8:9000/hook", loopback()));
  EXPECT_FALSE(parse_target("http://10.0.0.1/hook", loopback()));
  EXPECT_FALSE(parse_target("http://127.1/hook", loopback()));
  Policy ports;
  ports.ports = {443, 8443};
  EXPECT_TRUE(parse_target("https://example.org:8443/", ports));
  Policy listening = loopback();
  listening.own_ports = {9000};
  EXPECT_FALSE(parse_target("http://127.0.0.1:9000/v1/tools", listening));
  EXPECT_FALSE(parse_target("http://127.9.9.9:9000/v1/tools", listening));
  EXPECT_FALSE(parse_target("http://[::1]:9000/v1/tools", listening));
  EXPECT_TRUE(parse_target("http://127.0.0.1:9001/hook", listening));
  Policy own;
  own.own_hosts = {"vault.example.org"};
  EXPECT_FALSE(parse_target("https://Vault.example.org/v1/tools", own));
}

TEST(TargetTest, LooksAtEachAddressOfAName) {
  const auto https = *parse_target("https://hook.example.org/", loopback());
  EXPECT_TRUE(may_connect(https, *parse_address("8.8.8.8"), loopback()));
  EXPECT_TRUE(may_connect(https, *parse_address("127.0.0.1"), loopback()));
  EXPECT_FALSE(may_connect(https, *parse_address("127.0.0.1"), Policy()));
  EXPECT_FALSE(may_connect(https, *parse_address("::ffff:127.0.0.1"), loopback()));
  const auto http = *parse_target("http://hook.example.org/", loopback());
  EXPECT_FALSE(may_connect(http, *parse_address("8.8.8.8"), loopback()));
  const auto odd = *parse_target("https://hook.example.org:9000/", loopback());
  EXPECT_FALSE(may_connect(odd, *parse_address("8.8.8.8"), loopback()));
  EXPECT_TRUE(may_connect(odd, *parse_address("127.0.0.1"), loopback()));
}

}  // namespace
}  // namespace egide::outbound
