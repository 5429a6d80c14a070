#include <gtest/gtest.h>

#include <random>
#include <set>

#include "egide/audit/leaf.h"

namespace egide::audit {
namespace {

base::ByteArray<32> key_bytes(unsigned char value) {
  base::ByteArray<32> out;
  out.fill(static_cast<std::byte>(value));
  return out;
}

TEST(LeafTagsTest, GivesTheTagsOfTheWorkedExample) {
  const auto kaudit = key_bytes(0x22);
  const auto record = *base::Uuid::parse("0190b6f0-0000-7000-8000-000000000001");
  EXPECT_EQ(base::to_base64url(subject_tag(kaudit, 423)), "PDMvCPl0T2-WWm2QMog0KA");
  EXPECT_EQ(base::to_base64url(resource_tag(kaudit, 423, record)), "PDxzRNlQpytCjfa5lH2OCQ");
  EXPECT_EQ(base::to_base64(detail_commitment(key_bytes(0x11), 423, base::as_bytes(R"({"ip":"192.0.2.7"})"))),
            "NOfeLINpZMIdRVYotsHhITZe9GK9hEOzLz9JAFX5URo=");
  EXPECT_EQ(base::to_base64url(erasure_fingerprint(kaudit)), "z9xKSnd4EmplK5XMYYRAmg");
}

// Who holds all leaves and no key finds nothing that two entries of one person have in common.
TEST(LeafTagsTest, EntriesOfOneSubjectShareNoTagNorCommitment) {
  const std::uint64_t seed = 20261124;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto draw = [&random] {
    base::ByteArray<32> out;
    for (auto& b : out) b = static_cast<std::byte>(random() & 0xff);
    return out;
  };
  const auto kaudit = draw();
  const auto record = *base::Uuid::parse("0190b6f0-0000-7000-8000-000000000001");
  std::set<std::string> seen;
  std::size_t values = 0;
  for (LeafIndex i = 0; i < 5000; ++i) {
    Leaf leaf;
    leaf.index = i;
    leaf.event = event::kRecordRead;
    leaf.subject_tag = subject_tag(kaudit, i);
    leaf.resource_tag = resource_tag(kaudit, i, record);                                // the same record each time
    leaf.commitment = detail_commitment(draw(), i, base::as_bytes("the same detail"));  // and the same detail
    const auto request = draw();
    leaf.request = base::to_array<16>(base::ByteView(request).first(16));
    std::string line;
    ASSERT_TRUE(write_leaf(leaf, line));
    ParsedLeaf parsed;
    ASSERT_TRUE(parse_leaf(line, parsed));
    for (const auto& tag : {parsed.leaf.subject_tag, parsed.leaf.resource_tag, parsed.leaf.request}) {
      seen.insert(base::to_hex(*tag));
      ++values;
    }
    seen.insert(base::to_hex(*parsed.leaf.commitment));
    ++values;
  }
  EXPECT_EQ(values, 20000u);
  EXPECT_EQ(seen.size(), values);
}

TEST(LeafTagsTest, KeepsLabelsKeysAndIndexesApart) {
  const base::Uuid nil;
  EXPECT_NE(subject_tag(key_bytes(1), 0), subject_tag(key_bytes(2), 0));
  EXPECT_NE(subject_tag(key_bytes(1), 0), subject_tag(key_bytes(1), 1));
  EXPECT_NE(subject_tag(key_bytes(1), 0), resource_tag(key_bytes(1), 0, nil));
  EXPECT_NE(resource_tag(key_bytes(1), 0, nil),
            resource_tag(key_bytes(1), 0, *base::Uuid::parse("00000000-0000-0000-0000-000000000001")));
  EXPECT_NE(detail_commitment(key_bytes(1), 0, base::as_bytes("a")), detail_commitment(key_bytes(1), 0, {}));
}

using LeafTagsDeathTest = ::testing::Test;
TEST(LeafTagsDeathTest, StopsOnAKeyOfAnotherLength) {
  const base::Bytes short_key(31, std::byte{1});
  EXPECT_DEATH(static_cast<void>(subject_tag(short_key, 0)), "");
  EXPECT_DEATH(static_cast<void>(detail_commitment(short_key, 0, {})), "");
}

}  // namespace
}  // namespace egide::audit
