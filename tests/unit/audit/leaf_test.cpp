#include "egide/audit/leaf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egide/audit/merkle.h"

namespace egide::audit {
namespace {

using ::testing::HasSubstr;

template <std::size_t N>
base::ByteArray<N> filled(unsigned char value) {
  base::ByteArray<N> out;
  out.fill(static_cast<std::byte>(value));
  return out;
}

constexpr char kExample[] =
    R"({"v":1,"i":423,"t":1795000000123,"ev":"record.read","act":"a_AAECAwQFBgcICQoLDA0ODw",)"
    R"("sub":"s_PDMvCPl0T2-WWm2QMog0KA","res":"r_PDxzRNlQpytCjfa5lH2OCQ","pur":"membership","lb":"contract",)"
    R"("dec":"allow","pol":"sha256:823412d1eacb67956220e532959f0104","rq":"qqqqqqqqqqqqqqqqqqqqqg",)"
    R"("cm":"NOfeLINpZMIdRVYotsHhITZe9GK9hEOzLz9JAFX5URo="})"
    "\n";

Leaf example_leaf() {
  const auto kaudit = filled<32>(0x22);
  Leaf leaf;
  leaf.index = 423;
  leaf.time = base::Timestamp(std::chrono::milliseconds(1795000000123));
  leaf.event = event::kRecordRead;
  leaf.actor.emplace();
  for (unsigned char i = 0; i < 16; ++i) (*leaf.actor)[i] = static_cast<std::byte>(i);
  leaf.subject_tag = subject_tag(kaudit, 423);
  leaf.resource_tag = resource_tag(kaudit, 423, *base::Uuid::parse("0190b6f0-0000-7000-8000-000000000001"));
  leaf.purpose = "membership";
  leaf.legal_basis = "contract";
  leaf.outcome = Outcome::Allow;
  leaf.policy = base::to_array<16>(*base::from_hex("823412d1eacb67956220e532959f0104"));
  leaf.request = filled<16>(0xaa);
  leaf.commitment = detail_commitment(filled<32>(0x11), 423, base::as_bytes(R"({"ip":"192.0.2.7"})"));
  return leaf;
}

std::string written(const Leaf& leaf) {
  std::string out;
  const auto result = write_leaf(leaf, out);
  EXPECT_TRUE(result) << (result ? "" : result.error().message());
  return out;
}

// A refused leaf leaves the output as it was.
void expect_refused(const Leaf& leaf, const std::string& why) {
  std::string out = "before";
  const auto result = write_leaf(leaf, out);
  ASSERT_FALSE(result) << out;
  EXPECT_EQ(result.error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_THAT(result.error().message(), HasSubstr(why));
  EXPECT_EQ(out, "before");
}

Leaf bare(std::string_view event) {
  Leaf leaf;
  leaf.event = event;
  return leaf;
}

TEST(LeafTest, WritesTheWorkedExampleByteForByte) {
  const auto line = written(example_leaf());
  EXPECT_EQ(line, kExample);
  EXPECT_EQ(line.size(), 331u);
  EXPECT_EQ(base::to_base64(leaf_hash(base::as_bytes(line))), "DcKNu6VfZTGtMTsWRgjfcRfDEcf7rzVS7pU4DeklZGU=");
}

TEST(LeafTest, AppendsToWhatIsThere) {
  std::string out = "first\n";
  ASSERT_TRUE(write_leaf(example_leaf(), out));
  EXPECT_EQ(out, std::string("first\n") + kExample);
}

TEST(LeafTest, LeavesAbsentMembersOut) {
  EXPECT_EQ(written(bare(event::kServerStarted)), "{\"v\":1,\"i\":0,\"t\":0,\"ev\":\"server.started\"}\n");
  Leaf leaf = bare(event::kConsentGiven);
  leaf.actor_is_self = true;
  leaf.outcome = Outcome::Fail;
  EXPECT_EQ(written(leaf), "{\"v\":1,\"i\":0,\"t\":0,\"ev\":\"consent.given\",\"act\":\"self\",\"dec\":\"fail\"}\n");
}

TEST(LeafTest, WritesTheMembersOfReservedEventsAfterTheEvent) {
  Leaf key = bare(event::kLogKey);
  key.old_vkey = "a+b";
  key.new_vkey = "c+d";
  EXPECT_THAT(written(key), HasSubstr(R"("ev":"log.key","old":"a+b","new":"c+d"})"));
  Leaf prune = bare(event::kLogPrune);
  prune.min = 512;
  prune.actor_is_self = true;
  EXPECT_THAT(written(prune), HasSubstr(R"("ev":"log.prune","min":512,"act":"self"})"));
  Leaf restore = bare(event::kLogRestore);
  restore.size = 7;
  restore.tail = 9;
  EXPECT_THAT(written(restore), HasSubstr(R"("ev":"log.restore","size":7,"tail":9})"));
  Leaf erased = bare(event::kSubjectErased);
  erased.fingerprint = erasure_fingerprint(filled<32>(0x22));
  EXPECT_THAT(written(erased), HasSubstr(R"("ev":"subject.erased","fp":"f_z9xKSnd4EmplK5XMYYRAmg"})"));
}

TEST(LeafTest, RefusesMembersOfOtherEvents) {
  Leaf leaf = bare(event::kRecordRead);
  leaf.fingerprint = filled<16>(1);
  expect_refused(leaf, "fp");
  leaf = bare(event::kRecordRead);
  leaf.min = 1;
  expect_refused(leaf, "min");
  expect_refused(bare(event::kLogPrune), "min");
  leaf = bare(event::kLogKey);
  expect_refused(leaf, "old and new");
  leaf.old_vkey = "a";
  expect_refused(leaf, "old and new");
  leaf.event = event::kRecordRead;
  leaf.new_vkey = "b";
  expect_refused(leaf, "old and new");
  leaf = bare(event::kLogRestore);
  leaf.size = 3;
  expect_refused(leaf, "size and tail");
  leaf = bare(event::kKeyRotated);
  leaf.tail = 3;
  expect_refused(leaf, "size and tail");
  leaf = bare(event::kRecordRead);
  leaf.actor_is_self = true;
  leaf.actor = filled<16>(1);
  expect_refused(leaf, "act");
}

TEST(LeafTest, RefusesEveryCharacterOutsideTheForm) {
  for (int c = 0; c < 256; ++c) {
    const bool allowed = c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    const std::string text = std::string("pur") + static_cast<char>(c) + "pose";
    for (auto member : {&Leaf::purpose, &Leaf::legal_basis}) {
      Leaf leaf = bare(event::kRecordRead);
      leaf.*member = text;
      std::string out;
      EXPECT_EQ(write_leaf(leaf, out).has_value(), allowed) << c;
    }
    Leaf key = bare(event::kLogKey);
    key.old_vkey = text;
    key.new_vkey = "b";
    std::string out;
    EXPECT_EQ(write_leaf(key, out).has_value(), allowed) << c;
  }
}

TEST(LeafTest, RefusesAnUnknownEvent) {
  expect_refused(bare("test"), "ev");
  expect_refused(bare(""), "ev");
  expect_refused(bare("record.read "), "ev");
  EXPECT_TRUE(is_known_event("subject.restriction_lifted"));
  EXPECT_TRUE(is_known_event("access.evaluated"));
  EXPECT_TRUE(is_known_event("user.changed"));
  EXPECT_FALSE(is_known_event("record.rea"));
}

TEST(LeafTest, RefusesATimeBefore1970AndNumbersOverTheLimit) {
  Leaf leaf = bare(event::kRecordRead);
  leaf.time = base::Timestamp(std::chrono::milliseconds(-1));
  expect_refused(leaf, "t lies before 1970");
  leaf = bare(event::kRecordRead);
  leaf.index = std::uint64_t{1} << 63;
  expect_refused(leaf, "i is too large");
  leaf = bare(event::kLogPrune);
  leaf.min = std::uint64_t{1} << 63;
  expect_refused(leaf, "too large");
}

TEST(LeafTest, HoldsTheLimitOf65535Bytes) {
  Leaf leaf = bare(event::kRecordRead);
  const std::string empty = written(leaf);
  const std::string fits(65535 - empty.size() - std::string_view(R"(,"pur":"")").size(), 'x');
  leaf.purpose = fits;
  const auto line = written(leaf);
  EXPECT_EQ(line.size(), 65535u);
  ParsedLeaf parsed;
  EXPECT_TRUE(parse_leaf(line, parsed));
  const std::string too_long = fits + "x";
  leaf.purpose = too_long;
  expect_refused(leaf, "65,535");
}

TEST(LeafParseTest, ReadsBackTheWorkedExample) {
  ParsedLeaf parsed;
  ASSERT_TRUE(parse_leaf(kExample, parsed));
  const Leaf expected = example_leaf();
  EXPECT_EQ(parsed.text, kExample);
  EXPECT_EQ(parsed.leaf.index, 423u);
  EXPECT_EQ(parsed.leaf.time, expected.time);
  EXPECT_EQ(parsed.leaf.event, "record.read");
  EXPECT_EQ(parsed.leaf.actor, expected.actor);
  EXPECT_EQ(parsed.leaf.subject_tag, expected.subject_tag);
  EXPECT_EQ(parsed.leaf.resource_tag, expected.resource_tag);
  EXPECT_EQ(parsed.leaf.purpose, "membership");
  EXPECT_EQ(parsed.leaf.legal_basis, "contract");
  EXPECT_EQ(parsed.leaf.outcome, Outcome::Allow);
  EXPECT_EQ(parsed.leaf.policy, expected.policy);
  EXPECT_EQ(parsed.leaf.request, expected.request);
  EXPECT_EQ(parsed.leaf.commitment, expected.commitment);
  EXPECT_FALSE(parsed.leaf.fingerprint);
}

TEST(LeafParseTest, ForgetsTheLeafBefore) {
  ParsedLeaf parsed;
  ASSERT_TRUE(parse_leaf(kExample, parsed));
  ASSERT_TRUE(parse_leaf("{\"v\":1,\"i\":0,\"t\":0,\"ev\":\"server.started\"}\n", parsed));
  EXPECT_FALSE(parsed.leaf.subject_tag);
  EXPECT_TRUE(parsed.leaf.purpose.empty());
}

void expect_not_canonical(const std::string& line) {
  ParsedLeaf parsed;
  const auto result = parse_leaf(line, parsed);
  ASSERT_FALSE(result) << line;
  EXPECT_EQ(result.error().code(), base::ErrorCode::Integrity);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(LeafParseTest, RefusesASecondSpellingOfTheSameEntry) {
  const std::string good = kExample;
  const std::pair<const char*, const char*> cases[] = {
      {"\"i\":423", "\"i\":0423"},
      {"\"i\":423", "\"i\":+423"},
      {"\"i\":423", "\"i\":423.0"},
      {"\"i\":423", "\"i\": 423"},
      {"\"i\":423", "\"i\":18446744073709551616"},
      {"\"t\":1795000000123", "\"t\":-1"},
      {"\"t\":1795000000123", "\"t\":18446744073709551615"},
      {"{\"v\":1", "{\"v\":2"},
      {"{\"v\":1,", "{"},
      {"record.read", "record.reas"},
      {"record.read", "record\\u002eread"},
      {"allow", "ALLOW"},
      {"allow", "maybe"},
      {"s_PDMvCPl0T2-WWm2QMog0KA", "s_PDMvCPl0T2-WWm2QMog0KB"},    // non-zero trailing bits
      {"s_PDMvCPl0T2-WWm2QMog0KA", "s_PDMvCPl0T2-WWm2QMog0KA=="},  // padding
      {"s_PDMvCPl0T2-WWm2QMog0KA", "s_PDMvCPl0T2-WWm2QMog0"},
      {"s_PDMvCPl0T2-", "s_PDMvCPl0T2+"},
      {"\"sub\":\"s_", "\"sub\":\"r_"},
      {"URo=\"", "URo\""},
      {"sha256:8234", "sha256:823A"},
      {"sha256:823412d1", "sha256:823412D1"},
      {"membership", ""},
      {"membership", "m\xc3\xa9"},
      {"membership", "a b"},
      {"\"pur\":\"membership\",\"lb\":\"contract\"", "\"lb\":\"contract\",\"pur\":\"membership\""},
      {"\"lb\":\"contract\"", "\"lb\":null"},
      {"\"lb\":\"contract\"", "\"lb\":\"contract\",\"lb\":\"contract\""},
      {"\"lb\":\"contract\"", "\"lb\":\"contract\",\"extra\":\"x\""},
      {"\"dec\":", "\"fp\":\"f_z9xKSnd4EmplK5XMYYRAmg\",\"dec\":"},
      {"}\n", ",\"fp\":\"f_z9xKSnd4EmplK5XMYYRAmg\"}\n"},
      {"}\n", "}"},
      {"}\n", "}\n\n"},
      {"}\n", "}\r\n"},
      {"{\"v\"", " {\"v\""},
  };
  for (const auto& [from, to] : cases) expect_not_canonical(replaced(good, from, to));
  expect_not_canonical("");
  expect_not_canonical("\n");
  expect_not_canonical("{\"v\":1,\"i\":0,\"ev\":\"test\"}\n");
  expect_not_canonical("{\"v\":1,\"i\":0,\"t\":0,\"ev\":\"log.prune\",\"min\":}\n");
  expect_not_canonical("{\"v\":1,\"i\":0,\"t\":0,\"ev\":\"log.prune\",\"min\":007}\n");
  expect_not_canonical(std::string(70000, 'x'));
}

TEST(LeafParseTest, RefusesEveryCutAndEveryFlippedBitOutsideFreeCharacters) {
  const std::string good = kExample;
  for (std::size_t length = 0; length < good.size(); ++length) expect_not_canonical(good.substr(0, length));
  // A flipped bit may give another canonical leaf (a digit becomes another digit), never a leaf that reads the same.
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      ParsedLeaf parsed;
      if (!parse_leaf(bad, parsed)) continue;
      EXPECT_EQ(written(parsed.leaf), bad);
    }
  }
}

}  // namespace
}  // namespace egide::audit
