#include "egide/outbound/address.h"

#include <gtest/gtest.h>

namespace egide::outbound {
namespace {

TEST(AddressTest, TakesPlainSpellingsOnly) {
  for (const char* text : {"1.2.3.4", "8.8.8.8", "::1", "2001:4860:4860::8888", "::ffff:1.2.3.4"}) {
    ASSERT_TRUE(parse_address(text)) << text;
    EXPECT_EQ(parse_address(text)->str(), text);
  }
  for (const std::string& text :
       {std::string(), std::string("127.1"), std::string("0x7f.0.0.1"), std::string("2130706433"),
        std::string("0177.0.0.1"), std::string("127.0.0.01"), std::string("1.2.3"), std::string("1.2.3.4.5"),
        std::string("256.1.1.1"), std::string("1.2.3.4 "), std::string("fe80::1%eth0"), std::string("[::1]"),
        std::string(":::"), std::string("1.2.3.4\0", 8), std::string(100, '1'), std::string("localhost")})
    EXPECT_FALSE(parse_address(text)) << text;
}

TEST(AddressTest, ReadsNetworks) {
  const auto network = parse_network("10.1.0.0/16");
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(*parse_address("10.1.255.255")));
  EXPECT_FALSE(network->contains(*parse_address("10.2.0.0")));
  EXPECT_FALSE(network->contains(*parse_address("::1")));
  EXPECT_TRUE(parse_network("192.0.2.7")->contains(*parse_address("192.0.2.7")));
  EXPECT_TRUE(parse_network("0.0.0.0/0")->contains(*parse_address("255.1.2.3")));
  for (const char* text : {"10.1.0.1/16", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "/8"})
    EXPECT_FALSE(parse_network(text)) << text;
}

// The first and the last address of each special network, and their neighbours outside.
TEST(AddressTest, KnowsWhatIsNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.0.0",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.0",
                           "192.0.2.255",
                           "192.88.99.1",
                           "192.168.0.0",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.255",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.0",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::7f00:1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "64:ff9b::7f00:1",
                           "64:ff9b:1::1",
                           "100::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2001:0:1::1",
                           "2001:10::1",
                           "3fff::1"})
    EXPECT_FALSE(is_public(*parse_address(text))) << text;
  for (const char* text :
       {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2a01:4f8::1", "2001:4860:4860::8888", "2606:4700::1"})
    EXPECT_TRUE(is_public(*parse_address(text))) << text;
}

}  // namespace
}  // namespace egide::outbound
