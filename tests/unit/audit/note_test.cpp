#include "egide/audit/note.h"

#include <gtest/gtest.h>

#include "memory_log.h"

namespace egide::audit {
namespace {

using testing::key_of;
using testing::kOrigin;
using testing::verifier_of;

constexpr char kNote[] =
    "egide.example.org/audit/2026\n1000\nrF85lmxX8Cprbbj0yHGl32hlQ74Hk4zgYbppKmEflZo=\n\n"
    "\xE2\x80\x94 egide.example.org/audit/2026 "
    "mNKzYDMor3qT8qjxz672J+ExpgshYgM3XEZI6twrE7Dq6RECQUMukaN6G1/7RsvEqvUZT3OpzJkY0ElZWO1lwZPjBAY=\n";
constexpr char kVkey[] = "egide.example.org/audit/2026+98d2b360+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
constexpr char kCosignature[] =
    "\xE2\x80\x94 time.example.org/egide "
    "DLl0cgAAAABq/YbAdAFI3XCkEwKlnFEE9ufrc1aB2adO+T2nuoEl6q7v42oArDx8HMX2tG9kWlVfayGERdcTTYA/1zBFOztkpadpDw==\n";
const std::chrono::sys_seconds kTime{std::chrono::seconds(1795000000)};

Checkpoint example() {
  return {kOrigin, 1000, *base::to_array<32>(*base::from_base64("rF85lmxX8Cprbbj0yHGl32hlQ74Hk4zgYbppKmEflZo="))};
}

TEST(NoteTest, SignsTheWorkedCheckpointByteForByte) { EXPECT_EQ(sign_checkpoint(example(), key_of(7)), kNote); }

TEST(NoteTest, WritesAndReadsTheWorkedVerifierKey) {
  const auto key = verifier_of(key_of(7));
  EXPECT_EQ(key.str(), kVkey);
  EXPECT_EQ(key.id, 0x98d2b360u);
  const auto parsed = VerifierKey::parse(kVkey);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->name, kOrigin);
  EXPECT_EQ(parsed->id, key.id);
  EXPECT_EQ(parsed->key, key.key);
}

TEST(NoteTest, OpensTheWorkedCheckpoint) {
  const auto opened = open_checkpoint(kNote, *VerifierKey::parse(kVkey));
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->origin, kOrigin);
  EXPECT_EQ(opened->size, 1000u);
  EXPECT_EQ(opened->root, example().root);
  const auto unverified = read_unverified_checkpoint(kNote);
  ASSERT_TRUE(unverified);
  EXPECT_EQ(unverified->body(), opened->body());
}

TEST(NoteTest, AddsTheWorkedCosignatureByteForByte) {
  const auto note = add_cosignature(kNote, example(), "time.example.org/egide", key_of(8), kTime);
  EXPECT_EQ(note, std::string(kNote) + kCosignature);
  EXPECT_TRUE(open_checkpoint(note, verifier_of(key_of(7))));
  const auto time = verify_cosignature(note, "time.example.org/egide", key_of(8).public_key());
  ASSERT_TRUE(time) << time.error().message();
  EXPECT_EQ(*time, kTime);
}

TEST(NoteTest, RefusesACosignatureThatIsNotTheKeysOwn) {
  const std::string note = std::string(kNote) + kCosignature;
  EXPECT_FALSE(verify_cosignature(kNote, "time.example.org/egide", key_of(8).public_key()));
  EXPECT_FALSE(verify_cosignature(note, "time.example.org/other", key_of(8).public_key()));
  EXPECT_FALSE(verify_cosignature(note, "time.example.org/egide", key_of(9).public_key()));
  // The log's own signature is no statement of time, and another time is not what was signed.
  EXPECT_FALSE(verify_cosignature(note, kOrigin, key_of(7).public_key()));
  std::string later = note;
  later.replace(later.find("AAAABq/YbA"), 10, "AAAABq/YbB");
  EXPECT_FALSE(verify_cosignature(later, "time.example.org/egide", key_of(8).public_key()));
}

TEST(NoteTest, CarriesBothKeysDuringARotation) {
  const auto note = add_signature(kNote, example(), key_of(9));
  EXPECT_TRUE(open_checkpoint(note, verifier_of(key_of(7))));
  EXPECT_TRUE(open_checkpoint(note, verifier_of(key_of(9))));
  EXPECT_FALSE(open_checkpoint(note, verifier_of(key_of(10))));
}

TEST(NoteTest, OpensTheCheckpointOfAnEmptyLogOnlyWithTheEmptyRoot) {
  const auto key = key_of(7);
  EXPECT_TRUE(open_checkpoint(sign_checkpoint({kOrigin, 0, empty_root()}, key), verifier_of(key)));
  EXPECT_FALSE(open_checkpoint(sign_checkpoint({kOrigin, 0, example().root}, key), verifier_of(key)));
}

TEST(NoteTest, RefusesVerifierKeysOfAnotherForm) {
  const std::string good = kVkey;
  const auto refused = [](const std::string& text) {
    const auto parsed = VerifierKey::parse(text);
    return !parsed && parsed.error().code() == base::ErrorCode::InvalidRequest;
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("name"));
  EXPECT_TRUE(refused("name+98d2b360"));
  EXPECT_TRUE(refused("+98d2b360+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"));
  EXPECT_TRUE(refused("other.example.org+98d2b360+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"));
  EXPECT_TRUE(refused("a b" + good));
  EXPECT_TRUE(refused(good + "="));
  EXPECT_TRUE(refused(good + "\n"));
  std::string upper = good;
  upper.replace(upper.find("98d2b360"), 8, "98D2B360");
  EXPECT_TRUE(refused(upper));
  std::string wrong_id = good;
  wrong_id.replace(wrong_id.find("98d2b360"), 8, "98d2b361");
  EXPECT_TRUE(refused(wrong_id));
  std::string type = good;  // 0x04 in place of 0x01
  type.replace(type.find("+Aep") + 1, 2, "BO");
  EXPECT_TRUE(refused(type));
}

TEST(NoteTest, KnowsWhichNamesAreFitForAKey) {
  EXPECT_TRUE(is_key_name(kOrigin));
  EXPECT_FALSE(is_key_name(""));
  EXPECT_FALSE(is_key_name("a b"));
  EXPECT_FALSE(is_key_name("a+b"));
  EXPECT_FALSE(is_key_name("a\nb"));
  EXPECT_FALSE(is_key_name("\xc3\xa9gide"));
  EXPECT_FALSE(is_key_name(std::string(256, 'a')));
}

}  // namespace
}  // namespace egide::audit
