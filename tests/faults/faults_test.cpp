// The vault's database under every fault of its disk: each write, sync, truncation, deletion, read and opening fails in
// turn, the power goes at each of them, bits flip. After each fault: nothing answered is lost, no change is half there,
// the log verifies, its root recomputes, and it only grew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "egide/base/log.h"
#include "egide/crypto/secret.h"
#include "vault_life.h"

namespace egide::faults {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kPowerCuts = 1'000;  // ten times as slow
#else
constexpr std::uint64_t kPowerCuts = 10'000;
#endif

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* set = std::getenv(name);
  return set != nullptr ? std::strtoull(set, nullptr, 10) : otherwise;
}

// EGIDE_FAULT_SEED repeats a run; EGIDE_CRASH_POINTS says how many power cuts to try at least.
class FaultsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(crypto::initialize());
    base::configure_log(base::LogLevel::Error, "/dev/null");  // faults are the subject here
  }
  void SetUp() override {
    std::cout << "seed " << seed_ << std::endl;
    // A vault that was closed, and one whose process was killed: its WAL is still to be read.
    live(closed_, closed_history_, 3, random_, true);
    ASSERT_EQ(check(closed_, closed_history_).why, "");
    FaultDisk killed(closed_);
    killed_history_ = closed_history_;
    killed.plan({4, static_cast<unsigned>(Operation::Sync), Effect::PowerCut}, seed_);
    live(killed, killed_history_, 6, random_);
    killed_ = killed.after_power_cut(Survival::Everything, random_);
    FaultDisk looked_at(*killed_);
    ASSERT_EQ(check(looked_at, killed_history_).why, "");
  }
  void TearDown() override {
    std::cout << points_ << " crash points, " << detected_ << " of them damage that was detected" << std::endl;
  }

  // One crash point: the disk and the history after a fault.
  void expect_whole(FaultDisk& disk, const History& history, const std::string& where) {
    ++points_;
    const auto found = check(disk, history);
    ASSERT_EQ(found.finding, Finding::Whole) << where << ": " << found.why;
  }
  void expect_whole_or_detected(FaultDisk& disk, const History& history, const std::string& where) {
    ++points_;
    const auto found = check(disk, history);
    detected_ += found.finding == Finding::Detected ? 1U : 0U;
    ASSERT_NE(found.finding, Finding::Wrong) << where << ": " << found.why;
  }
  // The vault works: a next process commits, and what it was answered survives a power cut at once.
  void expect_goes_on(FaultDisk& disk, History& history, const std::string& where) {
    disk.plan({}, 0);
    const auto before = history.changes.size();
    std::unique_ptr<FaultDisk> after;
    // While the vault is open: closing it would write the WAL's pages once more.
    live(disk, history, 2, random_, false, [&] { after = disk.after_power_cut(Survival::Nothing, random_); });
    ASSERT_EQ(history.changes.size(), before + 2) << where;
    for (int n = 0; n < 2; ++n) ASSERT_TRUE(std::prev(history.changes.end(), n + 1)->second.answered) << where;
    expect_whole(*after, history, where + ", then two commits and a power cut");
  }

  const std::uint64_t seed_ = from_environment("EGIDE_FAULT_SEED", std::random_device{}());
  Random random_{seed_};
  FaultDisk closed_;
  History closed_history_;
  std::unique_ptr<FaultDisk> killed_;
  History killed_history_;
  std::uint64_t points_ = 0, detected_ = 0;
};

std::string at_operation(const char* what, std::uint64_t n) { return std::string(what) + " " + std::to_string(n); }

TEST_F(FaultsTest, APowerCutAtAnyChangeOfTheDisk) {
  const std::uint64_t wanted = from_environment("EGIDE_CRASH_POINTS", kPowerCuts);
  constexpr Survival kSurvivals[] = {
      Survival::Nothing,       Survival::Everything,    Survival::PrefixAndTornWrite, Survival::PrefixAndTornWrite,
      Survival::RandomSectors, Survival::RandomSectors, Survival::RandomSectors};
  for (int round = 0; points_ < wanted; ++round) {
    const bool after_kill = round % 2 == 1;
    const std::uint64_t life = random_();
    bool struck = true;
    for (std::uint64_t n = 1; struck; ++n) {
      FaultDisk disk(after_kill ? *killed_ : closed_);
      History history = after_kill ? killed_history_ : closed_history_;
      disk.plan({n, kChanging, Effect::PowerCut}, life);
      Random same_life(life);
      live(disk, history, 5, same_life);
      struck = disk.struck();
      std::string last;
      for (const Survival survival : kSurvivals) {
        const auto after = disk.after_power_cut(survival, random_);
        if (after->fingerprint() == last) continue;  // the same disk again is no new point
        last = after->fingerprint();
        expect_whole(*after, history, at_operation("power cut at change", n));
        if (HasFatalFailure()) return;
        if (survival == Survival::RandomSectors && n % 4 == 0) {
          History next = history;
          expect_goes_on(*after, next, at_operation("after", n));
        }
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_F(FaultsTest, APowerCutWhileTheVaultIsMade) {
  bool struck = true;
  for (std::uint64_t n = 1; struck; ++n)
    for (const Survival survival : {Survival::Nothing, Survival::Everything, Survival::RandomSectors}) {
      FaultDisk disk;
      History history;
      disk.plan({n, kChanging, Effect::PowerCut}, seed_);
      Random same_life(seed_);
      live(disk, history, 2, same_life, true);
      struck = disk.struck();
      const auto after = disk.after_power_cut(survival, random_);
      // Not yet answered to be there: it opens and can be made to its end, or is refused and made anew.
      if (!history.created) live(*after, history, 2, random_);
      if (history.created)
        expect_whole(*after, history, at_operation("power cut at change", n));
      else
        ++points_;
      if (HasFatalFailure()) return;
    }
}

struct Failing {
  const char* name;
  Operation operation;
  Effect effect;
};
class FailingDiskTest : public FaultsTest, public ::testing::WithParamInterface<Failing> {};

TEST_P(FailingDiskTest, LosesNothingThatWasAnswered) {
  for (const bool after_kill : {false, true}) {
    bool struck = true;
    for (std::uint64_t n = 1; struck; ++n) {
      FaultDisk disk(after_kill ? *killed_ : closed_);
      History history = after_kill ? killed_history_ : closed_history_;
      disk.plan({n, static_cast<unsigned>(GetParam().operation), GetParam().effect}, seed_);
      Random same_life(seed_);
      live(disk, history, 5, same_life);
      struck = disk.struck();
      const std::string where = at_operation(GetParam().name, n) + (after_kill ? ", after a kill" : "");
      disk.plan({}, 0);
      // The power goes with the failed process, or the next process finds what the kernel still holds.
      for (const Survival survival : {Survival::Nothing, Survival::RandomSectors}) {
        const auto after = disk.after_power_cut(survival, random_);
        expect_whole(*after, history, where + ", power cut");
        if (HasFatalFailure()) return;
      }
      expect_goes_on(disk, history, where);
      if (HasFatalFailure()) return;
      expect_whole(disk, history, where + ", restarted");
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Disk, FailingDiskTest,
                         ::testing::Values(Failing{"read", Operation::Read, Effect::Error},
                                           Failing{"reads", Operation::Read, Effect::ErrorsFromNowOn},
                                           Failing{"write", Operation::Write, Effect::Error},
                                           Failing{"writes", Operation::Write, Effect::ErrorsFromNowOn},
                                           Failing{"sync", Operation::Sync, Effect::Error},
                                           Failing{"syncs", Operation::Sync, Effect::ErrorsFromNowOn},
                                           Failing{"truncate", Operation::Truncate, Effect::Error},
                                           Failing{"delete", Operation::Delete, Effect::Error},
                                           Failing{"open", Operation::Open, Effect::Error}),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(FaultsTest, ABitThatFlipsInOneRead) {
  bool struck = true;
  for (std::uint64_t n = 1; struck; ++n)
    for (std::uint64_t bit = 0; bit < 4; ++bit) {
      FaultDisk disk(closed_);
      History history = closed_history_;
      disk.plan({n, static_cast<unsigned>(Operation::Read), Effect::FlippedBit}, seed_ + bit);
      Random same_life(seed_);
      live(disk, history, 5, same_life);
      struck = disk.struck();
      disk.plan({}, 0);
      // Damage that stays: a page was copied from the WAL into the database while the bit flipped.
      expect_whole_or_detected(disk, history, at_operation("flip in read", n));
      if (HasFatalFailure()) return;
    }
}

TEST_F(FaultsTest, ABitThatFlipsBetweenWriteAndReRead) {
  bool struck = true;
  for (std::uint64_t n = 1; struck; ++n)
    for (std::uint64_t bit = 0; bit < 4; ++bit) {
      FaultDisk disk(closed_);
      History history = closed_history_;
      disk.plan({n, static_cast<unsigned>(Operation::Write), Effect::FlippedBit}, seed_ + bit);
      Random same_life(seed_);
      live(disk, history, 5, same_life);
      struck = disk.struck();
      disk.plan({}, 0);
      expect_whole_or_detected(disk, history, at_operation("flip in write", n));
      if (HasFatalFailure()) return;
    }
}

TEST_F(FaultsTest, ABitThatFlipsOnTheDisk) {
  for (int n = 0; n < 400; ++n) {
    const bool after_kill = n % 2 == 1;
    FaultDisk disk(after_kill ? *killed_ : closed_);
    ASSERT_TRUE(disk.flip_stored_bit(random_));
    expect_whole_or_detected(disk, after_kill ? killed_history_ : closed_history_, "flip on the disk");
    if (HasFatalFailure()) return;
  }
}

TEST_F(FaultsTest, AConnectionWritesNoMoreOnceASyncFailed) {
  for (const bool in_commit : {true, false}) {
    FaultDisk disk(closed_);
    const auto connection = connect(disk, 1);  // every commit copies the WAL
    ASSERT_NE(connection, nullptr);
    ASSERT_TRUE(connection->begin_write());
    ASSERT_TRUE(connection->execute("UPDATE tally SET n = n + 1"));
    // The first two syncs make the commit durable (the new WAL's head, its pages), the third begins the copying.
    disk.plan({in_commit ? std::uint64_t{2} : std::uint64_t{3}, static_cast<unsigned>(Operation::Sync), Effect::Error},
              seed_);
    EXPECT_EQ(connection->commit().has_value(), !in_commit);
    EXPECT_TRUE(disk.struck());
    connection->rollback();
    EXPECT_TRUE(connection->broken());
    const auto begun = connection->begin_write();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code(), base::ErrorCode::Unavailable);
    const auto purged = connection->purge_history();
    ASSERT_FALSE(purged);
    EXPECT_EQ(purged.error().code(), base::ErrorCode::Unavailable);
    ++points_;
  }
}

}  // namespace
}  // namespace egide::faults
