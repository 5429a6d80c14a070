// A whole log against a source that is honest, and against one that is not.
#include "egide/audit/log_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "memory_log.h"

namespace egide::audit {
namespace {

using ::testing::HasSubstr;
using testing::key_of;
using testing::kOrigin;
using testing::line_of;
using testing::MemoryLog;
using testing::plain_leaf;
using testing::verifier_of;

constexpr unsigned char kSeed = 7;

MemoryLog signed_log(std::uint64_t size) {
  MemoryLog log(size);
  log.sign(key_of(kSeed));
  return log;
}

void expect_broken(MemoryLog& log, const std::string& why, const VerifyOptions& options = {}) {
  const auto result = verify_log(log, verifier_of(key_of(kSeed)), options);
  ASSERT_FALSE(result) << why;
  EXPECT_EQ(result.error().code(), base::ErrorCode::Integrity);
  EXPECT_THAT(result.error().message(), HasSubstr(why));
}

// The log as a dishonest operator rewrites it: everything recomputed and signed again.
MemoryLog rebuilt(std::vector<std::string> lines) {
  MemoryLog log;
  for (auto& line : lines) log.append(std::move(line));
  log.sign(key_of(kSeed));
  return log;
}

TEST(LogVerifierTest, AcceptsHonestLogsOfManySizes) {
  for (const std::uint64_t size : {0u, 1u, 2u, 3u, 7u, 255u, 256u, 257u, 511u, 512u, 1000u}) {
    auto log = signed_log(size);
    std::uint64_t last = 0;
    const auto result = verify_log(log, verifier_of(key_of(kSeed)), {{}, [&](std::uint64_t done, std::uint64_t total) {
                                                                       EXPECT_LE(done, total);
                                                                       last = done;
                                                                     }});
    ASSERT_TRUE(result) << size << ": " << result.error().message();
    EXPECT_EQ(result->entries, size);
    EXPECT_EQ(result->checkpoint.size, size);
    EXPECT_EQ(result->nodes_checked, stored_hash_count(size));
    EXPECT_EQ(result->pruned_below, 0u);
    EXPECT_EQ(last, size);
    EXPECT_LE(log.largest_request, 256u);  // memory: one bundle
  }
}

TEST(LogVerifierTest, AcceptsASourceWithoutStoredNodes) {
  auto log = signed_log(300);
  log.offers_nodes = false;
  const auto result = verify_log(log, verifier_of(key_of(kSeed)));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->nodes_checked, 0u);
}

TEST(LogVerifierTest, AcceptsEntriesBeyondTheCheckpoint) {
  auto log = signed_log(300);
  for (std::uint64_t i = 300; i < 310; ++i) log.append(line_of(plain_leaf(i)));
  const auto result = verify_log(log, verifier_of(key_of(kSeed)));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->entries, 300u);
}

TEST(LogVerifierTest, AcceptsPinsOfEverySize) {
  VerifyOptions options;
  for (const std::uint64_t size : {700u, 0u, 1u, 256u, 1000u, 700u})
    options.older_checkpoints.push_back(signed_log(size).note);
  auto log = signed_log(1000);
  const auto result = verify_log(log, verifier_of(key_of(kSeed)), options);
  ASSERT_TRUE(result) << result.error().message();
}

TEST(LogVerifierTest, FindsARewrittenLeaf) {
  auto log = signed_log(1000);
  Leaf other = plain_leaf(423);
  other.outcome = Outcome::Deny;
  log.leaves_[423] = line_of(other);
  expect_broken(log, "Entry 423: stored node 840 differs");
  log.offers_nodes = false;
  expect_broken(log, "is not the signed root");
}

TEST(LogVerifierTest, FindsARewrittenHistoryByItsPin) {
  const auto honest = signed_log(1000);
  auto lines = honest.leaves_;
  Leaf other = plain_leaf(423);
  other.outcome = Outcome::Deny;
  lines[423] = line_of(other);
  auto log = rebuilt(lines);
  EXPECT_TRUE(verify_log(log, verifier_of(key_of(kSeed))));  // consistent in itself: only the pin shows it
  expect_broken(log, "rewritten: its first 1000 entries", {{honest.note}, {}});
  expect_broken(log, "rewritten: its first 424 entries", {{signed_log(424).note}, {}});
  VerifyOptions before{{signed_log(423).note}, {}};
  EXPECT_TRUE(verify_log(log, verifier_of(key_of(kSeed)), before));  // the part before the change is the same
}

TEST(LogVerifierTest, FindsALogThatWasRolledBack) {
  auto log = signed_log(700);
  expect_broken(log, "rolled back: it has 700 entries, a checkpoint kept from before has 1000",
                {{signed_log(1000).note}, {}});
}

TEST(LogVerifierTest, FindsSwappedLeaves) {
  auto log = signed_log(300);
  std::swap(log.leaves_[10], log.leaves_[11]);
  expect_broken(log, "Entry 10: it says that it is entry 11");
  auto lines = signed_log(300).leaves_;
  std::swap(lines[10], lines[11]);
  auto again = rebuilt(lines);
  expect_broken(again, "Entry 10: it says that it is entry 11");
}

TEST(LogVerifierTest, FindsAFallingTime) {
  auto lines = signed_log(300).leaves_;
  Leaf early = plain_leaf(200);
  early.time -= std::chrono::milliseconds(100);
  lines[200] = line_of(early);
  auto log = rebuilt(lines);
  expect_broken(log, "Entry 200: its time");
}

TEST(LogVerifierTest, FindsALeafOutsideTheForm) {
  auto lines = signed_log(300).leaves_;
  lines[299].insert(1, " ");
  auto log = rebuilt(lines);
  expect_broken(log, "Entry 299: The entry is not in the canonical form");
  lines = signed_log(300).leaves_;
  lines[5].replace(lines[5].find("membership"), 10, "m\xc3\xa9lanie");
  auto again = rebuilt(lines);
  expect_broken(again, "Entry 5: The entry is not in the canonical form");
}

TEST(LogVerifierTest, FindsMissingLeaves) {
  auto log = signed_log(300);
  log.leaves_.pop_back();
  expect_broken(log, "Entry 299: missing");
  log.leaves_.clear();
  expect_broken(log, "Entry 0: missing");
}

TEST(LogVerifierTest, FindsAFlippedBitInEachStoredNode) {
  auto log = signed_log(70);
  for (std::size_t i = 0; i < log.nodes_.size(); ++i) {
    log.nodes_[i][i % 32] ^= std::byte{1};
    expect_broken(log, "stored node " + std::to_string(i) + " differs");
    log.nodes_[i][i % 32] ^= std::byte{1};
  }
  ASSERT_TRUE(verify_log(log, verifier_of(key_of(kSeed))));
  log.nodes_.pop_back();
  expect_broken(log, "stored nodes instead of");
}

TEST(LogVerifierTest, RefusesACheckpointOfAnotherKeyOriginOrRoot) {
  auto log = signed_log(10);
  log.sign(key_of(9));
  expect_broken(log, "Checkpoint of size 10: The checkpoint is not signed by the trusted key");
  auto state = log.state();
  state.origin = "evil.example.org/audit";
  log.note = sign_checkpoint(state, key_of(kSeed));
  expect_broken(log, "origin");
  state = log.state();
  state.root[0] ^= std::byte{1};
  log.note = sign_checkpoint(state, key_of(kSeed));
  expect_broken(log, "root");
  state = log.state();
  state.size = std::uint64_t{1} << 63;
  log.note = sign_checkpoint(state, key_of(kSeed));
  expect_broken(log, "size");
  log.note = "nonsense";
  expect_broken(log, "note");
}

TEST(LogVerifierTest, RefusesAPinThatNobodySigned) {
  auto log = signed_log(10);
  expect_broken(log, "Checkpoint of size 4", {{sign_checkpoint(MemoryLog(4).state(), key_of(9))}, {}});
  auto foreign = MemoryLog(4).state();
  foreign.origin = "other.example.org";
  expect_broken(log, "origin", {{sign_checkpoint(foreign, key_of(kSeed))}, {}});
}

TEST(LogVerifierTest, PassesOnTheErrorOfTheSource) {
  struct Failing final : LogSource {
    base::Result<std::string> checkpoint() override { return signed_log(3).note; }
    base::Result<std::vector<std::string>> leaves(std::uint64_t, std::uint64_t) override {
      return base::unavailable("connection lost");
    }
    base::Result<std::vector<base::Hash32>> nodes(std::uint64_t, std::uint64_t) override {
      return std::vector<base::Hash32>();
    }
  } source;
  const auto result = verify_log(source, verifier_of(key_of(kSeed)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), base::ErrorCode::Unavailable);
}

// 600 entries, then a log.prune with `min`, then leaves below `deleted` gone.
MemoryLog pruned_log(std::uint64_t min, std::uint64_t deleted) {
  MemoryLog log(600);
  Leaf prune = plain_leaf(600);
  prune.event = event::kLogPrune;
  prune.purpose = {};
  prune.min = min;
  log.append(line_of(prune));
  log.append(line_of(plain_leaf(601)));
  log.sign(key_of(kSeed));
  for (std::size_t i = 0; i < deleted; ++i) log.leaves_[i].clear();
  return log;
}

TEST(LogVerifierTest, AcceptsPrunedLeavesBelowTheMinimum) {
  auto log = pruned_log(512, 512);
  const auto result = verify_log(log, verifier_of(key_of(kSeed)), {{signed_log(100).note}, {}});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->pruned_below, 512u);
  EXPECT_EQ(result->entries, 602u);
}

TEST(LogVerifierTest, RefusesAbsentLeavesThatNoPruneAllows) {
  auto log = pruned_log(512, 513);
  expect_broken(log, "Entry 512: absent");
  auto plain = signed_log(100);
  plain.leaves_[99].clear();
  expect_broken(plain, "Entry 99: absent");
  auto hidden = pruned_log(512, 512);
  hidden.offers_nodes = false;
  expect_broken(hidden, "Entry 0: absent");
  auto forged = pruned_log(512, 512);
  forged.nodes_[stored_hash_index(0, 17)][0] ^= std::byte{1};
  expect_broken(forged, "Entry 17");
}

TEST(LogVerifierTest, RefusesAPruneOfTheFutureAndAMinimumThatFalls) {
  auto future = pruned_log(601, 0);
  expect_broken(future, "Entry 600: it prunes entries that did not exist yet");
  auto log = pruned_log(512, 0);
  Leaf again = plain_leaf(602);
  again.event = event::kLogPrune;
  again.purpose = {};
  again.min = 256;
  log.append(line_of(again));
  log.sign(key_of(kSeed));
  expect_broken(log, "Entry 602: it lowers the minimum");
}

}  // namespace
}  // namespace egide::audit
