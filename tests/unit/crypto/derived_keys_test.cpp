#include "egide/crypto/derived_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

#include "crypto_testing.h"

namespace egide::crypto {
namespace {

using base::ErrorCode;
using base::to_hex;

// Expected values: Python's hashlib.blake2b and hmac, after docs/cryptography.md.
class DerivedKeysTest : public ::testing::Test {
 protected:
  const DerivedKeys keys = DerivedKeys::make(filled(0x55)).value();
  const base::SubjectId subject = base::SubjectId::parse("0190b6f0-0000-7000-8000-000000000001").value();
};

static_assert(!std::is_copy_constructible_v<DerivedKeys>);
static_assert(!std::is_copy_constructible_v<PseudonymDomain> && !std::is_copy_constructible_v<BlindIndex>);

TEST_F(DerivedKeysTest, WritesTheDatabaseKeyAsHexOfKeyAndSalt) {
  EXPECT_EQ(base::as_text(keys.database_key().value().expose_secret()),
            "2ce9991b744f156ebf3fbd4100e139650560ef88fb0dddf9952089ce431c563f"
            "d3715b2f121c99280de5d3098b9376ca");
}

TEST_F(DerivedKeysTest, DerivesTheBackupKey) {
  EXPECT_EQ(to_hex(keys.backup_key()), "e333e033a6ba3cd4c65cc433b5b49a85036827dcdba0462cc9fa5968f9bac6eb");
}

TEST_F(DerivedKeysTest, ChangesEveryKeyWithTheVersion) {
  const auto next = DerivedKeys::make(filled(0x55), 2).value();
  EXPECT_NE(to_hex(next.backup_key()), to_hex(keys.backup_key()));
  EXPECT_NE(next.token_hash(filled(1)), keys.token_hash(filled(1)));
  EXPECT_NE(next.authenticate("c", {}), keys.authenticate("c", {}));
}

TEST_F(DerivedKeysTest, RefusesADerivationKeyOfAnotherSize) {
  for (std::size_t size : {0U, 31U, 33U})
    EXPECT_EQ(DerivedKeys::make(filled(1, size)).error().code(), ErrorCode::InvalidRequest) << size;
}

TEST_F(DerivedKeysTest, GivesOnePseudonymInOneDomain) {
  const auto domain = keys.pseudonym_domain("ai.mission_matching", "matcher").value();
  EXPECT_EQ(to_hex(domain.of(subject)), "ab1a14c7fd0895ab26317019f8ed7e1e");
  EXPECT_EQ(domain.of(subject), keys.pseudonym_domain("ai.mission_matching", "matcher").value().of(subject));
}

TEST_F(DerivedKeysTest, LinksNoTwoDomains) {
  std::set<Pseudonym> seen;
  for (const auto& [purpose, recipient, version] : std::vector<std::tuple<std::string, std::string, int>>{
           {"a", "b", 1}, {"a", "b", 2}, {"a", "c", 1}, {"b", "b", 1}, {"ab", "", 1}, {"", "ab", 1}})
    EXPECT_TRUE(seen.insert(keys.pseudonym_domain(purpose, recipient, version).value().of(subject)).second);
  EXPECT_TRUE(seen.insert(keys.export_domain(subject.uuid(), "b", filled(1)).value().of(subject)).second);
}

TEST_F(DerivedKeysTest, BindsExportPseudonymsToTheRandomBytesOfTheExport) {
  const auto of = [&](int random) {
    return to_hex(keys.export_domain(subject.uuid(), "insee", filled(random)).value().of(subject));
  };
  EXPECT_EQ(of(0x66), "98bc7475fe4f344fbf902a9c1939b9e0");
  EXPECT_NE(of(0x67), of(0x66));
  EXPECT_EQ(keys.export_domain(subject.uuid(), "insee", filled(1, 16)).error().code(), ErrorCode::InvalidRequest);
}

TEST_F(DerivedKeysTest, HashesTokensUnderItsOwnKey) {
  EXPECT_EQ(to_hex(keys.token_hash(filled(0x33))), "cd615feaa1e506bfea4d2506a37c968aaf6ce0ca4c65105c140f4c67e9161532");
}

TEST_F(DerivedKeysTest, FindsATokenByTheHashOfItsText) {
  const auto token = make_token(keys);
  EXPECT_EQ(token.text.size(), 43U);
  EXPECT_EQ(hash_of_token(keys, token.text), token.hash);
  EXPECT_NE(make_token(keys).text, token.text);
  EXPECT_NE(hash_of_token(DerivedKeys::make(filled(0x56)).value(), token.text), token.hash);
}

TEST_F(DerivedKeysTest, RefusesTextThatIsNoToken) {
  const auto text = make_token(keys).text;
  for (const std::string& bad :
       {std::string(), text + "=", text + "A", text.substr(1), " " + text, "+" + text.substr(1),
        base::to_base64url(filled(1, 31)), base::to_base64url(filled(1, 33))})
    EXPECT_FALSE(hash_of_token(keys, bad)) << bad;
}

TEST_F(DerivedKeysTest, AuthenticatesContextAndMessageApart) {
  EXPECT_EQ(to_hex(keys.authenticate("cursor", base::as_bytes("page 2"))),
            "074a199deb3eade645b117acff41279445e069ba9e2903b1129b97e47a6b4d4b");
  EXPECT_NE(keys.authenticate("ab", base::as_bytes("c")), keys.authenticate("a", base::as_bytes("bc")));
}

}  // namespace
}  // namespace egide::crypto
