// What a working committer promises: order, one transaction a batch, failing changes alone, time, limits.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>

#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

std::vector<std::int64_t> times_of(TestLog& log) {
  const auto connection = log.connect();
  std::vector<std::int64_t> times;
  for (const auto& line : ok(LogStore(*connection).leaves(0, 100'000))) {
    audit::ParsedLeaf parsed;
    ok(audit::parse_leaf(line, parsed));
    times.push_back(parsed.leaf.time.time_since_epoch().count());
  }
  return times;
}

TEST(CommitterTest, TheLogsOrderIsTheOrderOfEffects) {
  constexpr int kThreads = 64;
  constexpr int kChangesEach = 25;
  TestLog log;
  ok(log.connect()->execute("CREATE TABLE effect (i INTEGER PRIMARY KEY, n INTEGER NOT NULL)"));
  log.start();
  std::vector<std::uint64_t> applied;  // by the committer thread alone

  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < kChangesEach; ++k) {
        std::uint64_t index = 0;
        TestChange change([&](ChangeContext& context) -> base::Result<void> {
          const std::int64_t before = query_integer(context.connection(), "SELECT count(*) FROM effect");
          EGIDE_TRY(index, context.append(decision_draft()));
          Statement& insert = context.connection().prepare("INSERT INTO effect (i, n) VALUES (?1, ?2)");
          insert.bind(1, index);
          insert.bind(2, before);
          EGIDE_TRY_VOID(insert.step());
          return {};
        });
        change.applied = [&] { applied.push_back(index); };
        ok(log.committer->commit(change));
      }
    });
  for (auto& thread : threads) thread.join();

  const auto statistics = log.committer->statistics();
  EXPECT_EQ(statistics.entries, kThreads * kChangesEach);
  EXPECT_EQ(statistics.changes, kThreads * kChangesEach);
  EXPECT_LE(statistics.batches, statistics.changes);
  ASSERT_EQ(applied.size(), kThreads * kChangesEach);
  for (std::size_t i = 0; i < applied.size(); ++i) EXPECT_EQ(applied[i], i);
  const auto connection = log.connect();
  EXPECT_EQ(query_integer(*connection, "SELECT count(*) FROM effect WHERE n = i"), kThreads * kChangesEach);
  EXPECT_EQ(ok(log.verify()).entries, kThreads * kChangesEach);
}

TEST(CommitterTest, WhatWaitsTravelsInOneTransaction) {
  TestLog log;
  log.start();
  TestChange first = appending(), second = appending(500), third = appending();
  for (const auto& result : commit_together(*log.committer, {&first, &second, &third})) EXPECT_TRUE(result);
  const auto statistics = log.committer->statistics();
  EXPECT_EQ(statistics.largest_batch, 3U);
  EXPECT_EQ(statistics.batches, 2U);  // the gate's and theirs
  EXPECT_EQ(statistics.entries, 502U);
  const auto verified = ok(log.verify());
  EXPECT_EQ(verified.entries, 502U);
  EXPECT_EQ(verified.nodes_checked, audit::stored_hash_count(502));
  EXPECT_EQ(query_integer(*log.connect(), "SELECT count(*) FROM checkpoint"), 1);
}

TEST(CommitterTest, ABatchHasItsLimit) {
  TestLog log;
  log.start({2, 16});
  std::deque<TestChange> changes;
  for (int i = 0; i < 5; ++i) changes.emplace_back(append_entries(1));
  std::vector<Change*> pointers;
  for (auto& change : changes) pointers.push_back(&change);
  for (const auto& result : commit_together(*log.committer, pointers)) EXPECT_TRUE(result);
  EXPECT_EQ(log.committer->statistics().largest_batch, 2U);
  EXPECT_EQ(log.committer->statistics().batches, 4U);
  EXPECT_EQ(ok(log.verify()).entries, 5U);
}

TEST(CommitterTest, AFailingChangeRollsBackAlone) {
  TestLog log;
  ok(log.connect()->execute("CREATE TABLE effect (n INTEGER PRIMARY KEY)"));
  log.start();
  bool told = false;
  const auto writing = [](int n, bool fail) {
    return TestChange([n, fail](ChangeContext& context) -> base::Result<void> {
      EGIDE_TRY_VOID(context.append(decision_draft()));
      Statement& insert = context.connection().prepare("INSERT INTO effect (n) VALUES (?1)");
      insert.bind(1, n);
      EGIDE_TRY_VOID(insert.step());
      EGIDE_TRY_VOID(context.append(decision_draft()));
      if (fail) return base::forbidden("not today");
      return {};
    });
  };
  TestChange first = writing(1, false), failing = writing(2, true), last = writing(3, false);
  failing.applied = [&told] { told = true; };
  const auto results = commit_together(*log.committer, {&first, &failing, &last});
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(code_of(results[1]), ErrorCode::Forbidden);
  EXPECT_TRUE(results[2]);
  EXPECT_FALSE(told);
  EXPECT_EQ(log.committer->statistics().largest_batch, 3U);
  const auto connection = log.connect();
  EXPECT_EQ(query_integer(*connection, "SELECT sum(n) FROM effect"), 4);
  EXPECT_EQ(query_integer(*connection, "SELECT count(*) FROM entry_detail"), 4);
  EXPECT_EQ(ok(log.verify()).entries, 4U);
}

TEST(CommitterTest, ARefusedDraftFailsItsChangeAlone) {
  TestLog log;
  log.start();
  auto wrong_event = decision_draft();
  wrong_event.leaf.event = "nothing.known";
  auto short_key = decision_draft();
  short_key.kaudit = short_key.kaudit.first(31);
  auto untagged = decision_draft();
  untagged.kaudit = {};
  auto unbound = decision_draft();
  unbound.detail = {};
  auto guessable = decision_draft();
  guessable.r32 = {};
  for (const auto& draft : {wrong_event, short_key, untagged, unbound, guessable}) {
    TestChange refused([&draft](ChangeContext& context) -> base::Result<void> {
      EGIDE_TRY_VOID(context.append(decision_draft()));
      EGIDE_TRY_VOID(context.append(draft));
      return {};
    });
    EXPECT_EQ(code_of(log.committer->commit(refused)), ErrorCode::InvalidRequest);
  }
  TestChange good = appending();
  ok(log.committer->commit(good));
  EXPECT_EQ(ok(log.verify()).entries, 1U);
}

TEST(CommitterTest, AFailedChangeLeavesItsFailureEntry) {
  TestLog log;
  log.start();
  auto draft = decision_draft();
  TestChange failing([&draft](ChangeContext& context) -> base::Result<void> {
    EGIDE_TRY_VOID(context.append(draft));
    return base::conflict("taken");
  });
  failing.on_failure = &draft;
  TestChange after = appending();
  const auto results = commit_together(*log.committer, {&failing, &after});
  EXPECT_EQ(code_of(results[0]), ErrorCode::Conflict);
  EXPECT_TRUE(results[1]);
  ASSERT_EQ(ok(log.verify()).entries, 2U);
  const auto connection = log.connect();
  audit::ParsedLeaf failure;
  ok(audit::parse_leaf(ok(LogStore(*connection).leaf(0)), failure));
  EXPECT_EQ(failure.leaf.outcome, audit::Outcome::Fail);
}

TEST(CommitterTest, AChangeThatThrowsHasFailed) {
  TestLog log;
  log.start();
  TestChange throwing([](ChangeContext& context) -> base::Result<void> {
    ok(context.append(decision_draft()));
    throw std::length_error("of a library");
  });
  TestChange after = appending();
  const auto results = commit_together(*log.committer, {&throwing, &after});
  EXPECT_EQ(code_of(results[0]), ErrorCode::Unavailable);
  EXPECT_TRUE(results[1]);
  EXPECT_FALSE(log.committer->failed());
  EXPECT_EQ(ok(log.verify()).entries, 1U);
}

TEST(CommitterTest, AChangeSeesTheEffectsOfThoseBeforeIt) {
  TestLog log;
  log.start();
  TestChange appends = appending(3);
  std::int64_t seen = 0;
  TestChange deletes([&seen](ChangeContext& context) -> base::Result<void> {
    // As an erasure does: the details of entries that stand in the same batch are there to be deleted.
    seen = query_integer(context.connection(), "SELECT count(*) FROM entry_detail");
    return LogStore(context.connection()).delete_detail(1);
  });
  bool told_first = false, in_order = false;
  appends.applied = [&] { told_first = true; };
  TestChange checks([&](ChangeContext&) -> base::Result<void> {
    in_order = told_first;
    return {};
  });
  for (const auto& result : commit_together(*log.committer, {&appends, &deletes, &checks})) EXPECT_TRUE(result);
  EXPECT_EQ(seen, 3);
  EXPECT_TRUE(in_order);
  EXPECT_EQ(query_integer(*log.connect(), "SELECT count(*) FROM entry_detail"), 2);
  EXPECT_EQ(ok(log.verify()).entries, 3U);
}

TEST(CommitterTest, ReadingWithoutASavepointLosesNothingOfOthers) {
  TestLog log;
  log.start();
  TestChange appends = appending(2);
  TestChange reads([](ChangeContext& context) -> base::Result<void> {
    EGIDE_TRY_VOID(context.append(decision_draft()));
    query_integer(context.connection(), "SELECT count(*) FROM entry");
    return base::not_found("nobody");
  });
  reads.savepoint = false;
  const auto results = commit_together(*log.committer, {&appends, &reads});
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(code_of(results[1]), ErrorCode::NotFound);
  EXPECT_EQ(ok(log.verify()).entries, 2U);
}

TEST(CommitterTest, TimeNeverFalls) {
  TestLog log;
  log.start();
  const auto now = log.clock->now();
  for (const int step : {0, 5, -1000, 10}) {
    log.clock->advance(std::chrono::milliseconds(step));
    TestChange change = appending();
    ok(log.committer->commit(change));
  }
  log.stop();
  log.clock->set(now - std::chrono::hours(1));
  log.start();
  TestChange change = appending();
  ok(log.committer->commit(change));
  const std::int64_t t = now.time_since_epoch().count();
  EXPECT_EQ(times_of(log), (std::vector<std::int64_t>{t, t + 5, t + 5, t + 5, t + 5}));
}

TEST(CommitterTest, AFullQueueRefusesAtOnce) {
  TestLog log;
  log.start({512, 1});
  std::promise<void> held, released;
  TestChange gate([&](ChangeContext&) -> base::Result<void> {
    held.set_value();
    released.get_future().wait();
    return {};
  });
  std::thread gate_thread([&] { ok(log.committer->commit(gate)); });
  held.get_future().wait();
  TestChange queued = appending();
  std::thread queued_thread([&] { ok(log.committer->commit(queued)); });
  while (log.committer->statistics().waiting != 1) std::this_thread::yield();
  TestChange surplus = appending();
  EXPECT_EQ(code_of(log.committer->commit(surplus)), ErrorCode::Unavailable);
  released.set_value();
  gate_thread.join();
  queued_thread.join();
  ok(log.committer->commit(surplus));
  EXPECT_EQ(ok(log.verify()).entries, 2U);
}

TEST(CommitterTest, TheCheckpointIsThereWhenTheCallerIsAnswered) {
  TestLog log;
  log.start();
  EXPECT_EQ(log.committer->checkpoint(), nullptr);
  std::vector<std::uint64_t> sizes;
  std::string newest;
  log.committer->on_commit([&](const std::string& note, std::uint64_t size) {
    newest = note;
    sizes.push_back(size);
  });
  for (int n = 1; n <= 3; ++n) {
    TestChange change = appending(n);
    ok(log.committer->commit(change));
    EXPECT_EQ(*log.committer->checkpoint(), newest);
    EXPECT_EQ(ok(audit::open_checkpoint(newest, verifier_key())).size, sizes.back());
  }
  TestChange silent([](ChangeContext&) -> base::Result<void> { return {}; });
  ok(log.committer->commit(silent));  // no entry, no checkpoint
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{1, 3, 6}));
}

TEST(CommitterTest, DestructionCommitsWhatIsQueued) {
  TestLog log;
  log.start();
  std::promise<void> held, released;
  TestChange gate([&](ChangeContext&) -> base::Result<void> {
    held.set_value();
    released.get_future().wait();
    return {};
  });
  Committer& committer = *log.committer;
  std::thread gate_thread([&] { ok(committer.commit(gate)); });
  held.get_future().wait();
  std::atomic<int> answered{0};
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      TestChange change = appending();
      if (committer.commit(change)) ++answered;
    });
    while (committer.statistics().waiting != i + 1) std::this_thread::yield();
  }
  std::thread stopper([&] { log.stop(); });
  released.set_value();
  stopper.join();
  for (auto& caller : callers) caller.join();
  gate_thread.join();
  EXPECT_EQ(answered, 20);
  EXPECT_EQ(ok(log.verify()).entries, 20U);
}

TEST(CommitterTest, PurgingRunsBetweenBatches) {
  TestLog log;
  log.start();
  TestChange change = appending(50);
  ok(log.committer->commit(change));
  ASSERT_GT(std::filesystem::file_size(log.path + "-wal"), 0U);
  {
    const auto reader = log.connect();
    ok(reader->begin_read());
    ok(log.committer->commit(change));
    EXPECT_EQ(code_of(log.committer->purge_history()), ErrorCode::Unavailable);
    EXPECT_FALSE(log.committer->failed());
  }
  ok(log.committer->purge_history());
  EXPECT_EQ(std::filesystem::file_size(log.path + "-wal"), 0U);
  ok(log.committer->commit(change));
  EXPECT_EQ(ok(log.verify()).entries, 150U);
}

}  // namespace
}  // namespace egide::storage
