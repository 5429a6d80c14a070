#include "egide/base/bytes.h"

#include <gtest/gtest.h>

namespace egide::base {
namespace {

TEST(BytesTest, EncodesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    ASSERT_TRUE(from_base64(encoded)) << encoded;
    EXPECT_EQ(as_text(*from_base64(encoded)), plain);
  }
}

TEST(BytesTest, RefusesASecondSpellingOfTheSameBytes) {
  EXPECT_FALSE(from_base64("Zh=="));  // non-zero trailing bits
  EXPECT_FALSE(from_base64("Zg="));
  EXPECT_FALSE(from_base64("Zg"));
  EXPECT_FALSE(from_base64("Zg==\n"));
  EXPECT_FALSE(from_base64("Zm9v===="));
  EXPECT_FALSE(from_base64url("Zg=="));
  EXPECT_FALSE(from_base64url("a"));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

TEST(BytesTest, WritesAUlidOfSixteenBytes) {
  ByteArray<16> bytes;
  bytes.fill(std::byte{0xff});
  EXPECT_EQ(to_base32(bytes), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  bytes.fill(std::byte{0});
  EXPECT_EQ(to_base32(bytes), std::string(26, '0'));
}

TEST(BytesTest, WritesIntegersInBothOrders) {
  Bytes out;
  append_le64(out, 0x0102030405060708);
  append_be64(out, 0x0102030405060708);
  append_be16(out, 0x0102);
  EXPECT_EQ(to_hex(out), "080706050403020101020304050607080102");
}

}  // namespace
}  // namespace egide::base
