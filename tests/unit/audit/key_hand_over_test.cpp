// Rotation of the signing key: who must have signed what before a new key is believed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egide/audit/log_verifier.h"
#include "memory_log.h"

namespace egide::audit {
namespace {

using ::testing::HasSubstr;
using testing::key_of;
using testing::line_of;
using testing::MemoryLog;
using testing::plain_leaf;
using testing::verifier_of;

struct Step {
  std::uint64_t at;
  unsigned char from;
  unsigned char to;
};

// A log of `size` entries with hand-overs at the given indexes. Not signed.
MemoryLog rotated_log(std::uint64_t size, const std::vector<Step>& steps) {
  MemoryLog log;
  for (std::uint64_t i = 0; i < size; ++i) {
    Leaf leaf = plain_leaf(i);
    for (const auto& step : steps) {
      if (step.at != i) continue;
      leaf.event = event::kLogKey;
      leaf.purpose = {};
      leaf.old_vkey = verifier_of(key_of(step.from)).str();
      leaf.new_vkey = verifier_of(key_of(step.to)).str();
    }
    log.append(line_of(leaf));
  }
  return log;
}

std::string note_of(const MemoryLog& log, const std::vector<unsigned char>& seeds) {
  const auto state = log.state();
  std::string note = sign_checkpoint(state, key_of(seeds.front()));
  for (std::size_t i = 1; i < seeds.size(); ++i) note = add_signature(note, state, key_of(seeds[i]));
  return note;
}

const std::vector<Step> kOnce = {{50, 7, 9}};
const std::vector<Step> kTwice = {{50, 7, 9}, {80, 9, 11}};

base::Result<VerifiedLog> verify(MemoryLog& log, unsigned char trusted, std::vector<std::string> pins = {}) {
  return verify_log(log, verifier_of(key_of(trusted)), {std::move(pins), {}});
}

void expect_broken(const base::Result<VerifiedLog>& result, const std::string& why) {
  ASSERT_FALSE(result) << why;
  EXPECT_EQ(result.error().code(), base::ErrorCode::Integrity);
  EXPECT_THAT(result.error().message(), HasSubstr(why));
}

TEST(KeyHandOverTest, AcceptsANoteOfTheOverlapUnderEitherKey) {
  auto log = rotated_log(60, kOnce);
  log.note = note_of(log, {7, 9});
  EXPECT_TRUE(verify(log, 7));
  EXPECT_TRUE(verify(log, 9));
  expect_broken(verify(log, 11), "do not include the trusted one");
}

TEST(KeyHandOverTest, FollowsTheNewKeyByANoteOfTheOverlap) {
  auto log = rotated_log(100, kOnce);
  log.note = note_of(log, {9});
  const auto overlap = note_of(rotated_log(51, kOnce), {7, 9});
  const auto result = verify(log, 7, {overlap});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(verify(log, 9));
  EXPECT_TRUE(verify(log, 9, {overlap}));
}

TEST(KeyHandOverTest, RefusesAHandOverThatTheOldKeyNeverSigned) {
  auto log = rotated_log(100, kOnce);
  log.note = note_of(log, {9});
  expect_broken(verify(log, 7), "Entry 50 (log.key): no checkpoint that covers this entry is signed by the old key");
  // Signed by the old key, but before the entry: that says nothing of it.
  expect_broken(verify(log, 7, {note_of(rotated_log(50, kOnce), {7})}), "Entry 50");
}

TEST(KeyHandOverTest, RefusesANoteOfTheOldKeyAloneAfterTheHandOver) {
  auto log = rotated_log(100, kOnce);
  log.note = note_of(log, {7});
  expect_broken(verify(log, 7), "Checkpoint of size 100: The checkpoint is not signed by the trusted key");
}

TEST(KeyHandOverTest, AcceptsPinsOfTheOldKeyFromBeforeTheHandOver) {
  auto log = rotated_log(100, kOnce);
  log.note = note_of(log, {9});
  const auto before = note_of(rotated_log(50, kOnce), {7});
  const auto result = verify(log, 9, {before});
  EXPECT_TRUE(result) << result.error().message();
  // But none that the later key made up for that time.
  expect_broken(verify(log, 9, {note_of(rotated_log(50, kOnce), {9})}), "Checkpoint of size 50");
}

TEST(KeyHandOverTest, FollowsAChainOfHandOvers) {
  auto log = rotated_log(100, kTwice);
  log.note = note_of(log, {11});
  const auto first = note_of(rotated_log(60, kTwice), {7, 9});
  const auto second = note_of(rotated_log(90, kTwice), {9, 11});
  EXPECT_TRUE(verify(log, 7, {first, second}));
  EXPECT_TRUE(verify(log, 9, {second}));
  EXPECT_TRUE(verify(log, 11));
  expect_broken(verify(log, 7, {first}), "Entry 80");
  expect_broken(verify(log, 7, {second}), "Entry 50");
}

TEST(KeyHandOverTest, RefusesAForgedChain) {
  // The old key is not the one in force.
  auto skipped = rotated_log(100, {{50, 7, 9}, {80, 10, 11}});
  skipped.note = note_of(skipped, {7, 9, 11});
  expect_broken(verify(skipped, 7), "Entry 80 (log.key): the old key is not the one in force");
  // The trusted key appears nowhere: a log of somebody else's keys.
  auto foreign = rotated_log(100, {{50, 10, 11}});
  foreign.note = note_of(foreign, {7, 11});
  expect_broken(verify(foreign, 7), "do not include the trusted one");
  auto same = rotated_log(100, {{50, 7, 7}});
  same.note = note_of(same, {7});
  expect_broken(verify(same, 7), "the new key is the old one");
}

TEST(KeyHandOverTest, RefusesAHandOverToAnotherLogOrToNoKey) {
  for (const auto& [text, why] : {std::pair<std::string, std::string>{"nonsense", "not a verifier key"},
                                  {verifier_of(key_of(9), "other.example.org").str(), "another log"}}) {
    MemoryLog log(10);
    Leaf leaf = plain_leaf(10);
    leaf.event = event::kLogKey;
    leaf.purpose = {};
    leaf.old_vkey = verifier_of(key_of(7)).str();
    leaf.new_vkey = text;
    log.append(line_of(leaf));
    log.note = note_of(log, {7, 9});
    expect_broken(verify(log, 7), why);
  }
}

TEST(KeyHandOverTest, AForkBeforeTheHandOverFailsAgainstAPinOfTheOverlap) {
  const auto overlap = note_of(rotated_log(60, kOnce), {7, 9});
  MemoryLog fork(100);  // the thief of the retired key leaves the hand-over out
  fork.note = note_of(fork, {7});
  EXPECT_TRUE(verify(fork, 7));  // without a pin nobody can tell
  expect_broken(verify(fork, 7, {overlap}), "rewritten");
}

}  // namespace
}  // namespace egide::audit
