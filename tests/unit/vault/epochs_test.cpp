// The daily turn of epoch keys: a new key each day, everybody wrapped under it, old keys destroyed, and a turn that is
// stopped anywhere is finished by the next one.
#include <gtest/gtest.h>

#include <filesystem>

#include "egide/storage/epoch_repository.h"
#include "egide/storage/files.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/epochs.h"
#include "egide/vault/maintenance.h"
#include "requests_fixture.h"
#include "vault_files.h"

namespace egide::vault {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class EpochsTest : public RequestsFixture {
 protected:
  crypto::Epoch today() const {
    return static_cast<crypto::Epoch>(std::chrono::floor<std::chrono::days>(clock_->now()).time_since_epoch().count());
  }
  EpochTurn turn(const EpochOptions& options = {}) {
    const auto turned = turn_epoch(*vault_, options);
    EXPECT_TRUE(turned) << turned.error().message();
    return turned ? *turned : EpochTurn{};
  }
  crypto::EpochKeys keys_in(const std::string& directory) {
    const auto text = storage::read_file(in_vault(directory, kEpochKeysFile));
    EXPECT_TRUE(text);
    auto keys = crypto::EpochKeys::parse(services().root, *text);
    EXPECT_TRUE(keys);
    return std::move(*keys);
  }
  // The person reads, evaluates and is written to as before, whatever the turn has done.
  void expect_alive(const base::SubjectId& id) {
    const auto record = GetSubject(services()).execute(dpo_, id, "check");
    ASSERT_TRUE(record) << record.error().message();
  }
  // As after a crash: what is in memory is gone, and the tokens with it are read again.
  void crash() { reopen(); }
};

TEST_F(EpochsTest, DoesNothingOnTheDayOfTheVault) {
  const auto before = log_size();
  const auto turned = turn();
  EXPECT_FALSE(turned.added);
  EXPECT_EQ(turned.wrapped, 0U);
  EXPECT_EQ(log_size(), before);
}

TEST_F(EpochsTest, WrapsEveryLivingPersonUnderTheNewDay) {
  const auto other = register_person("Other", "other@example.org");
  const auto erased = register_person("Gone", "gone@example.org");
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, erased));
  clock_->advance(hours(24));
  const auto size = log_size();
  const auto turned = turn();
  EXPECT_TRUE(turned.added);
  EXPECT_EQ(turned.wrapped, 2U);
  EXPECT_EQ(turned.destroyed, 0U);
  EXPECT_EQ(services().subjects.find(subject_)->keys.epoch, today());
  EXPECT_EQ(events_from(size), std::vector<std::string>{"key.rotated"});
  expect_alive(subject_);
  give_consent("ai.mission_matching");
  EXPECT_TRUE(evaluate().decision.permit);
  reopen();
  expect_alive(subject_);
  expect_alive(other);
  EXPECT_TRUE(services().subjects.find(erased)->erased);
}

TEST_F(EpochsTest, DestroysKeysPastTheHorizonAndNoEarlier) {
  const crypto::Epoch first = today();
  const auto row = [&] {
    const auto reads = services().reads->lease();
    return **storage::SubjectRepository(**reads).find(subject_);
  };
  const auto old_wrap = row().keys;  // what a backup of the first day holds
  EpochOptions options;
  options.keep_days = 30;
  for (int day = 1; day <= 30; ++day) {
    clock_->advance(hours(24));
    EXPECT_EQ(turn(options).destroyed, 0U) << day;
  }
  EXPECT_TRUE(crypto::unwrap_dek(services().epoch_keys, subject_, old_wrap));
  clock_->advance(hours(24));
  EXPECT_EQ(turn(options).destroyed, 1U);
  EXPECT_EQ(crypto::unwrap_dek(services().epoch_keys, subject_, old_wrap).error().code(), base::ErrorCode::Gone);
  EXPECT_EQ(crypto::unwrap_dek(keys_in(services().directory), subject_, old_wrap).error().code(),
            base::ErrorCode::Gone);
  EXPECT_EQ(keys_in(services().directory).find(first), nullptr);
  expect_alive(subject_);
}

TEST_F(EpochsTest, AVaultThatSleptForAYearLosesNobody) {
  clock_->advance(hours(24 * 400));
  const auto turned = turn();
  EXPECT_EQ(turned.destroyed, 1U);
  EXPECT_EQ(keys_in(services().directory).size(), 1U);
  reopen();
  expect_alive(subject_);
}

TEST_F(EpochsTest, AClockSetBackAddsAndDestroysNothing) {
  clock_->advance(hours(24 * 3));
  turn();
  const auto before = keys_in(services().directory).size();
  clock_->advance(-hours(24 * 2));
  const auto turned = turn();
  EXPECT_FALSE(turned.added);
  EXPECT_EQ(keys_in(services().directory).size(), before);
  expect_alive(subject_);
}

TEST_F(EpochsTest, RefusesAHorizonOutOfRange) {
  for (const int days : {0, -1, 1001}) {
    EpochOptions options;
    options.keep_days = days;
    EXPECT_EQ(turn_epoch(*vault_, options).error().code(), base::ErrorCode::InvalidRequest);
  }
}

// Stopped before each step that a turn takes, in a vault whose turn has everything to do.
TEST_F(EpochsTest, ATurnStoppedAnywhereIsFinishedByTheNext) {
  const std::string mirror = dir_.file("mirror");
  std::vector<base::SubjectId> people = {subject_};
  for (int i = 0; i < 5; ++i)
    people.push_back(register_person("P" + std::to_string(i), "p" + std::to_string(i) + "@example.org"));
  int stops = 0;
  for (int stop_at = 1;; ++stop_at) {
    clock_->advance(hours(24 * 40));
    int step = 0;
    EpochOptions options;
    options.batch = 2;
    options.mirror = mirror;
    options.before_step = [&](EpochStep) -> base::Result<void> {
      if (++step == stop_at) return base::unavailable("stopped here");
      return {};
    };
    const auto turned = turn_epoch(*vault_, options);
    if (turned) break;
    ++stops;
    crash();
    for (const auto& id : people) expect_alive(id);
    options.before_step = nullptr;
    const auto finished = turn(options);
    EXPECT_EQ(finished.epoch, today());
    const auto reads = services().reads->lease();
    const auto in_use = storage::EpochRepository(**reads).in_use();
    ASSERT_TRUE(in_use && *in_use);
    EXPECT_EQ((*in_use)->oldest, today()) << "stopped at step " << stop_at;
    EXPECT_EQ(keys_in(services().directory).size(), 1U) << "stopped at step " << stop_at;
    EXPECT_EQ(*storage::read_file(in_vault(mirror, kEpochKeysFile)),
              *storage::read_file(in_vault(services().directory, kEpochKeysFile)));
    for (const auto& id : people) expect_alive(id);
  }
  EXPECT_EQ(stops, 8);  // new key, mirror, 3 batches, log, destroyed, mirror
}

TEST_F(EpochsTest, WithoutItsMirrorATurnWrapsNothing) {
  clock_->advance(hours(24));
  EpochOptions options;
  options.mirror = dir_.file("file");
  ASSERT_TRUE(storage::write_file_durably(options.mirror, "not a directory"));
  const auto turned = turn_epoch(*vault_, options);
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().code(), base::ErrorCode::Unavailable);
  EXPECT_EQ(services().subjects.find(subject_)->keys.epoch, today() - 1);
  expect_alive(subject_);
}

TEST_F(EpochsTest, NoHalfWrittenCopyOfTheKeysOutlivesAStart) {
  const std::string mirror = dir_.file("mirror");
  EpochOptions options;
  options.mirror = mirror;
  turn(options);
  for (const auto& directory : {services().directory, mirror})
    fs::copy_file(in_vault(directory, kEpochKeysFile), in_vault(directory, kEpochKeysFile) + ".tmp-kiLLed");
  reopen();
  turn(options);
  for (const auto& directory : {services().directory, mirror})
    EXPECT_FALSE(fs::exists(in_vault(directory, kEpochKeysFile) + ".tmp-kiLLed")) << directory;
}

TEST_F(EpochsTest, PeopleAreRegisteredReadAndErasedWhileTheTurnRuns) {
  for (int i = 0; i < 40; ++i) register_person("P", "p" + std::to_string(i) + "@example.org");
  clock_->advance(hours(24 * 2));
  std::atomic<bool> done{false};
  std::vector<base::SubjectId> made;
  std::thread others([&] {
    for (int i = 0; !done.load() || i < 20; ++i) {
      made.push_back(register_person("Q", "q" + std::to_string(i) + "@example.org"));
      if (i % 3 == 2) {
        EXPECT_TRUE(EraseSubject(services()).execute(dpo_, made[static_cast<std::size_t>(i) - 1]));
      }
      give_consent("ai.mission_matching", i % 2 == 0 ? "given" : "withdrawn");
    }
  });
  EpochOptions options;
  options.batch = 3;
  turn(options);
  done = true;
  others.join();
  turn(options);  // those registered between
  EXPECT_EQ(services().subjects.find(subject_)->keys.epoch, today());
  reopen();
  for (std::size_t i = 0; i < made.size(); ++i) {
    const bool erased = services().subjects.find(made[i])->erased;
    if (!erased) expect_alive(made[i]);
    EXPECT_EQ(erased, i % 3 == 1 && i + 1 < made.size()) << i;
  }
}

TEST_F(EpochsTest, TheKeeperTurnsAtItsStart) {
  clock_->advance(hours(24));
  const auto keeper = EpochKeeper::start(*vault_, {});
  ASSERT_TRUE(keeper);
  EXPECT_EQ(services().subjects.find(subject_)->keys.epoch, today());
}

TEST_F(EpochsTest, TheDoctorSeesThatTheTurnDoesNotRun) {
  const auto finds = [&](int days) {
    const auto findings = examine(services().directory, clock_->now() + hours(24 * days));
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& f) { return f.what.find("epoch key") != std::string::npos; });
  };
  EXPECT_FALSE(finds(1));
  EXPECT_TRUE(finds(3));
  clock_->advance(hours(24 * 3));
  turn();
  EXPECT_FALSE(finds(0));
}

}  // namespace
}  // namespace egide::vault
