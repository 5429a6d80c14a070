#include "egide/crypto/hash.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "crypto_testing.h"

namespace egide::crypto {
namespace {

using base::as_bytes;
using base::to_hex;

// FIPS 180-4 examples.
TEST(Sha256Test, MatchesTheStandard) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(base::ByteView{})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(filled('a', 1000000))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, JoinsItsParts) { EXPECT_EQ(sha256({as_bytes("a"), {}, as_bytes("bc")}), sha256(as_bytes("abc"))); }

// RFC 4231.
TEST(HmacTest, MatchesTheStandard) {
  const auto mac = [](base::ByteView key, base::ByteView data) { return to_hex(hmac_sha256(key, {data})); };
  EXPECT_EQ(mac(filled(0x0b, 20), as_bytes("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(filled(0xaa, 20), filled(0xdd, 50)),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(mac(filled(0xaa, 131), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(mac(filled(0xaa, 131), as_bytes("This is a test using a larger than block-size key and a larger than "
                                            "block-size data. The key needs to be hashed before being used by the "
                                            "HMAC algorithm.")),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacTest, JoinsItsParts) {
  EXPECT_EQ(hmac_sha256(filled(1), {as_bytes("a"), {}, as_bytes("bc")}), hmac_sha256(filled(1), {as_bytes("abc")}));
}

// Why keys here have one length: HMAC pads with zeros.
TEST(HmacTest, TakesAKeyAndTheSameKeyWithZerosForOne) {
  EXPECT_EQ(hmac_sha256(as_bytes("k"), {as_bytes("m")}),
            hmac_sha256(as_bytes(std::string_view("k\0", 2)), {as_bytes("m")}));
}

TEST(HmacTest, TellsKeysOnEachSideOfABlockApart) {
  EXPECT_NE(hmac_sha256(filled(1, 63), {}), hmac_sha256(filled(1, 64), {}));
  EXPECT_NE(hmac_sha256(filled(1, 64), {}), hmac_sha256(filled(1, 65), {}));
}

TEST(HashTest, GivesTheSameInEveryThread) {
  const auto expected = hmac_sha256(filled(1), {as_bytes("m")});
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) wrong[t] += hmac_sha256(filled(1), {as_bytes("m")}) == expected ? 0 : 1;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

// RFC 7693's reference code and Python's hashlib agree on these.
TEST(Blake2bTest, MatchesOtherImplementations) {
  EXPECT_EQ(to_hex(blake2b_256({}, {})), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  // The token hash of docs/cryptography.md.
  EXPECT_EQ(to_hex(blake2b_256(filled(0x44), filled(0x33))),
            "fc326af887cd38c6306da9ee43cc7499eea214bdb364b3545550fa332fecfa87");
}

TEST(Blake2bTest, SeparatesByPersonalString) {
  const auto key = filled(1);
  const auto plain = blake2b_256(key, as_bytes("m"));
  EXPECT_EQ(blake2b_256(key, "", as_bytes("m")), plain);
  EXPECT_NE(blake2b_256(key, "a", as_bytes("m")), plain);
  EXPECT_NE(blake2b_256(key, "a", as_bytes("m")), blake2b_256(key, "b", as_bytes("m")));
}

TEST(Blake2bDeathTest, StopsOnKeysAndPersonalStringsOfAWrongSize) {
  EXPECT_DEATH(static_cast<void>(blake2b_256(filled(1, 15), {})), "KEYBYTES_MIN");
  EXPECT_DEATH(static_cast<void>(blake2b_256(filled(1, 65), {})), "KEYBYTES_MAX");
  EXPECT_DEATH(static_cast<void>(blake2b_256({}, "seventeen letters", {})), "padded");
}

TEST(EncTest, WritesEachLengthInEightBytesLittleEndian) {
  EXPECT_EQ(to_hex(enc({as_bytes("ab"), {}, as_bytes("c")})),
            "0200000000000000"
            "6162"
            "0000000000000000"
            "0100000000000000"
            "63");
  EXPECT_TRUE(enc({}).empty());
}

TEST(EncTest, DependsOnWhereItemsEnd) {
  EXPECT_NE(enc({as_bytes("ab"), as_bytes("c")}), enc({as_bytes("a"), as_bytes("bc")}));
  EXPECT_NE(enc({as_bytes("abc")}), enc({as_bytes("abc"), {}}));
}

}  // namespace
}  // namespace egide::crypto
