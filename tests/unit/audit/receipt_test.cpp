// Signatures and receipts as a stranger checks them. The vector is the project's own: seed 000102...1f.
#include "egide/audit/receipt.h"

#include <gtest/gtest.h>

#include "egide/audit/jws.h"
#include "egide/base/check.h"
#include "egide/crypto/secret.h"

namespace egide::audit {
namespace {

constexpr std::string_view kPayload =
    R"({"receipt":"cr_demo_1","purpose":"ai.mission_matching","status":"dpv:ConsentGiven","at":"2026-11-24T10:15:00Z"})";
constexpr std::string_view kJws =
    "eyJhbGciOiJFZERTQSIsImtpZCI6IjFJRzJ0TUg3SjJ3Ykpabk9mOExKelFpdEtmN0xNdm9BRWxzdURNVk01NFkiLCJ0eXAiOiJlZ2lkZS1yZWNlaX"
    "B0K2p3cyJ9."
    "eyJyZWNlaXB0IjoiY3JfZGVtb18xIiwicHVycG9zZSI6ImFpLm1pc3Npb25fbWF0Y2hpbmciLCJzdGF0dXMiOiJkcHY6Q29uc2VudEdpdmVuIiwiYX"
    "QiOiIyMDI2LTExLTI0VDEwOjE1OjAwWiJ9."
    "xoufA0fkZfC9iBtts1_Ty0Ho6W8a_ejl0qqiZ9gJWHU9n9mflyr9GBogtvwtg4_6nv0GWSZPAe3teebpacwwBA";

crypto::SigningKey key_of(int first) {
  EGIDE_CHECK(crypto::initialize().has_value());
  base::ByteArray<32> seed;
  for (int i = 0; i < 32; ++i) seed[static_cast<std::size_t>(i)] = static_cast<std::byte>(first + i);
  return std::move(*crypto::SigningKey::from_seed(seed));
}

std::string why(const base::Result<std::string>& opened) { return opened ? "" : opened.error().message(); }

TEST(JwsTest, SignsAndOpensTheVector) {
  const auto key = key_of(0);
  EXPECT_EQ(base::to_base64(key.public_key()), "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
  EXPECT_EQ(key_thumbprint(key.public_key()), "1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y");
  EXPECT_EQ(sign_jws(kPayload, kReceiptType, key), kJws);
  const auto opened = open_jws(kJws, kReceiptType, key.public_key());
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(*opened, kPayload);
}

TEST(JwsTest, RefusesEveryFlippedCharacter) {
  const auto key = key_of(0);
  for (std::size_t i = 0; i < kJws.size(); ++i) {
    std::string spoiled(kJws);
    spoiled[i] = spoiled[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_jws(spoiled, kReceiptType, key.public_key())) << i;
  }
}

TEST(JwsTest, RefusesReorderedMembersAndOtherSpelling) {
  const auto key = key_of(0);
  const std::string header(kJws.substr(0, kJws.find('.')));
  const std::string signature(kJws.substr(kJws.rfind('.')));
  for (
      const std::string_view other :
      {R"({"at":"2026-11-24T10:15:00Z","purpose":"ai.mission_matching","receipt":"cr_demo_1","status":"dpv:ConsentGiven"})",
       R"({"receipt": "cr_demo_1", "purpose": "ai.mission_matching", "status": "dpv:ConsentGiven", "at": "2026-11-24T10:15:00Z"})",
       R"({"receipt":"cr_demo_1","purpose":"ai.mission_matching","status":"dpv:ConsentGiven","at":"2026-11-24T10:15:00\u005a"})"}) {
    const std::string jws = header + "." + base::to_base64url(base::as_bytes(other)) + signature;
    EXPECT_NE(why(open_jws(jws, kReceiptType, key.public_key())).find("changed, or re-encoded"), std::string::npos);
  }
}

TEST(JwsTest, SaysWhatIsWrong) {
  const auto key = key_of(0);
  const auto with_header = [&](std::string_view header) {
    return base::to_base64url(base::as_bytes(header)) + std::string(kJws.substr(kJws.find('.')));
  };
  EXPECT_NE(why(open_jws(kJws, kReceiptType, key_of(1).public_key())).find("another key"), std::string::npos);
  EXPECT_NE(why(open_jws(kJws, "other+jws", key.public_key())).find("another type"), std::string::npos);
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS256","kid":"x","typ":"egide-receipt+jws"})"})
    EXPECT_NE(why(open_jws(with_header(header), kReceiptType, key.public_key())).find("not EdDSA"), std::string::npos);
  for (const char* bad : {"", ".", "a.b", "a.b.c.d", "..", "!.!.!"})
    EXPECT_FALSE(open_jws(bad, kReceiptType, key.public_key())) << bad;
  const std::string extra = R"({"alg":"EdDSA","crit":["b64"],"kid":"1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y",)"
                            R"("typ":"egide-receipt+jws"})";
  EXPECT_NE(why(open_jws(with_header(extra), kReceiptType, key.public_key())).find("one form"), std::string::npos);
}

TEST(JwsTest, DetachedSignsTheBytesBesideIt) {
  const auto key = key_of(0);
  const std::string detached = detach_jws(kJws);
  EXPECT_NE(detached.find(".."), std::string::npos);
  EXPECT_TRUE(verify_detached_jws(detached, kPayload, kReceiptType, key.public_key()));
  EXPECT_FALSE(verify_detached_jws(detached, std::string(kPayload) + " ", kReceiptType, key.public_key()));
  EXPECT_FALSE(verify_detached_jws(kJws, kPayload, kReceiptType, key.public_key()));
}

class CertificateTest : public ::testing::Test {
 protected:
  crypto::SigningKey log_ = key_of(0), receipts_ = key_of(1), other_ = key_of(2);
  std::string origin_ = "vault.example.org/log";
  VerifierKey log_key_ = VerifierKey::make(origin_, log_.public_key());
  std::string note_ = certify_receipt_key(origin_, receipts_.public_key(), log_);
};

TEST_F(CertificateTest, TheLogsKeyVouchesForTheReceiptKey) {
  const auto opened = open_receipt_certificate(note_, log_key_);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->str(), VerifierKey::make(receipt_key_name(origin_), receipts_.public_key()).str());
  EXPECT_FALSE(open_checkpoint(note_, log_key_));  // and is no checkpoint
}

TEST_F(CertificateTest, RefusesForeignKeysAndChangedNotes) {
  EXPECT_FALSE(open_receipt_certificate(note_, VerifierKey::make(origin_, other_.public_key())));
  EXPECT_FALSE(open_receipt_certificate(note_, VerifierKey::make("other.example.org/log", log_.public_key())));
  const std::string forged = certify_receipt_key(origin_, other_.public_key(), other_);
  EXPECT_FALSE(open_receipt_certificate(forged, log_key_));
  for (std::size_t i = 0; i < note_.size(); ++i) {
    std::string spoiled = note_;
    spoiled[i] = spoiled[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_receipt_certificate(spoiled, log_key_)) << i;
  }
  Checkpoint checkpoint;
  checkpoint.origin = origin_;
  checkpoint.size = 1;
  EXPECT_FALSE(open_receipt_certificate(sign_checkpoint(checkpoint, log_), log_key_));
}

TEST(ReceiptTest, AFileThatIsNoReceiptIsSaidToBeNone) {
  for (const char* text :
       {"", "{}", R"({"receipt":{},"jws":"a.b.c"})", R"({"receipt":{},"receipt":{},"jws":""})", "a.b.c",
        R"({"receipt":{},"jws":"e30.e30.e30"})", R"({"receipt":{},"jws":"e30.e30.e30","more":1})"}) {
    const auto verified = verify_receipt(text, std::nullopt);
    ASSERT_FALSE(verified) << text;
    EXPECT_FALSE(verified.error().message().empty());
  }
}

}  // namespace
}  // namespace egide::audit
