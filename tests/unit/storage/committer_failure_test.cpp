// What stops a committer for good, and what does not.
#include <gtest/gtest.h>

#include "storage_testing.h"
#include "tampering_connection.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

class CommitterFailureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_.decorate = [this](std::unique_ptr<Connection> inside) {
      auto made = std::make_unique<TamperingConnection>(std::move(inside));
      connection_ = made.get();
      return made;
    };
    log_.start();
    TestChange change = appending(kEntries);
    ok(log_.committer->commit(change));
    note_ = *log_.committer->checkpoint();
  }

  // The committer refuses everything, the stored log is the one before, and a new committer goes on from it.
  void expect_stopped_for_good() {
    EXPECT_TRUE(log_.committer->failed());
    TestChange later = appending();
    EXPECT_EQ(code_of(log_.committer->commit(later)), ErrorCode::Unavailable);
    EXPECT_EQ(code_of(log_.committer->purge_history()), ErrorCode::Unavailable);
    EXPECT_EQ(*log_.committer->checkpoint(), note_);
    log_.stop();
    EXPECT_EQ(ok(log_.verify()).entries, kEntries);
    log_.start();
    EXPECT_EQ(*log_.committer->checkpoint(), note_);
    ok(log_.committer->commit(later));
    EXPECT_EQ(ok(log_.verify()).entries, kEntries + 1);
  }

  static constexpr int kEntries = 5;  // the stored frontier has two nodes
  TestLog log_;
  TamperingConnection* connection_ = nullptr;
  std::string note_;
};

struct Damage {
  const char* name;
  const char* statement;
  int row;
};

class DamagedReReadTest : public CommitterFailureTest, public ::testing::WithParamInterface<Damage> {};

TEST_P(DamagedReReadTest, SignsNothing) {
  connection_->flip_bit(GetParam().statement, GetParam().row);
  std::size_t notes = 0;
  log_.committer->on_commit([&notes](const std::string&, std::uint64_t) { ++notes; });
  TestChange first = appending(2), second = appending();
  for (const auto& result : commit_together(*log_.committer, {&first, &second}))
    EXPECT_EQ(code_of(result), ErrorCode::Unavailable);
  EXPECT_TRUE(connection_->tampered());
  EXPECT_EQ(notes, 0U);
  expect_stopped_for_good();
}

INSTANTIATE_TEST_SUITE_P(Committer, DamagedReReadTest,
                         ::testing::Values(Damage{"first_leaf", "SELECT i, leaf FROM entry", 0},
                                           Damage{"last_leaf", "SELECT i, leaf FROM entry", 2},
                                           Damage{"first_node", "SELECT i, h FROM node", 0},
                                           Damage{"last_node", "SELECT i, h FROM node", 6},
                                           Damage{"frontier", "SELECT h FROM node", 0},
                                           Damage{"frontiers_last", "SELECT h FROM node", 1}),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(CommitterFailureTest, AFailedCommitIsNeverTriedAgain) {
  const int before = connection_->commits();
  connection_->fail_commit();
  TestChange change = appending();
  EXPECT_EQ(code_of(log_.committer->commit(change)), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(log_.committer->commit(change)), ErrorCode::Unavailable);
  EXPECT_EQ(connection_->commits(), before + 1);
  expect_stopped_for_good();
}

struct FailingStatement {
  const char* name;
  const char* text;
};
class FailingStatementTest : public CommitterFailureTest, public ::testing::WithParamInterface<FailingStatement> {};

TEST_P(FailingStatementTest, StopsForGood) {
  connection_->fail_statement(GetParam().text);
  TestChange change = appending(2);
  EXPECT_EQ(code_of(log_.committer->commit(change)), ErrorCode::Unavailable);
  expect_stopped_for_good();
}

INSTANTIATE_TEST_SUITE_P(Committer, FailingStatementTest,
                         ::testing::Values(FailingStatement{"leaf", "INSERT INTO entry "},
                                           FailingStatement{"detail", "INSERT INTO entry_detail"},
                                           FailingStatement{"node", "INSERT INTO node"},
                                           FailingStatement{"checkpoint", "INSERT INTO checkpoint"},
                                           FailingStatement{"re_read", "SELECT i, leaf FROM entry"}),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(CommitterFailureTest, ABatchThatCannotBeginIsRefusedAndTheNextGoesOn) {
  connection_->fail_begin(true);
  TestChange change = appending();
  EXPECT_EQ(code_of(log_.committer->commit(change)), ErrorCode::Unavailable);
  EXPECT_FALSE(log_.committer->failed());
  connection_->fail_begin(false);
  ok(log_.committer->commit(change));
  EXPECT_EQ(ok(log_.verify()).entries, kEntries + 1);
}

TEST_F(CommitterFailureTest, ATransactionThatTheEngineGaveUpStopsForGood) {
  TestChange first = appending(), giving_up([](ChangeContext&context) -> base::Result<void> {
    context.connection().rollback();  // as the engine does on a full disk
    return {};
  });
  giving_up.savepoint = false;
  for (const auto& result : commit_together(*log_.committer, {&first, &giving_up}))
    EXPECT_EQ(code_of(result), ErrorCode::Unavailable);
  expect_stopped_for_good();
}

TEST_F(CommitterFailureTest, AnErrorOfOneStatementInAChangeIsTheChangesOwn) {
  connection_->fail_statement("INSERT INTO meta");
  TestChange failing([](ChangeContext& context) -> base::Result<void> {
    Statement& insert = context.connection().prepare("INSERT INTO meta (name, value) VALUES ('a', 'b')");
    EGIDE_TRY_VOID(insert.step());
    return {};
  });
  EXPECT_EQ(code_of(log_.committer->commit(failing)), ErrorCode::Unavailable);
  EXPECT_FALSE(log_.committer->failed());
  ok(log_.committer->commit(failing));
}

}  // namespace
}  // namespace egide::storage
