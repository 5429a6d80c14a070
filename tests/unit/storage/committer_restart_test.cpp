// A committer goes on from the stored log, and from nothing that does not fit its newest checkpoint.
#include <gtest/gtest.h>

#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

TEST(CommitterRestartTest, ReopeningGoesOnWithTheTree) {
  TestLog log;
  std::uint64_t size = 0;
  for (const int entries : {1, 2, 4, 9, 1}) {
    log.start();
    TestChange change = appending(entries);
    ok(log.committer->commit(change));
    size += static_cast<std::uint64_t>(entries);
    log.stop();
    log.database.reset();
    log.database = open_database(log.path);
    EXPECT_EQ(ok(log.verify()).entries, size);
  }
  const auto connection = log.connect();
  const LogStore store(*connection);
  const auto newest = ok(audit::open_checkpoint(*ok(store.newest_checkpoint()), verifier_key()));
  EXPECT_EQ(ok(store.recompute(0, size)), newest.root);
  EXPECT_EQ(ok(audit::root_at(store, size)), newest.root);
  EXPECT_TRUE(ok(store.checkpoint_at(7)));
  EXPECT_FALSE(ok(store.checkpoint_at(2)));
}

struct Tampering {
  const char* name;
  const char* sql;
};

class DamagedLogTest : public ::testing::TestWithParam<Tampering> {};

TEST_P(DamagedLogTest, IsNotWrittenOnTo) {
  TestLog log;
  log.start();
  for (int i = 0; i < 3; ++i) {
    TestChange change = appending(2);
    ok(log.committer->commit(change));
  }
  log.stop();
  ok(log.try_start());
  ok(log.connect()->execute(GetParam().sql));
  EXPECT_EQ(code_of(log.try_start()), ErrorCode::Integrity);
}

// Six entries: the frontier is the nodes 6 (four leaves) and 9 (two).
INSTANTIATE_TEST_SUITE_P(
    Committer, DamagedLogTest,
    ::testing::Values(Tampering{"frontier_node", "UPDATE node SET h = (SELECT h FROM node WHERE i = 0) WHERE i = 6"},
                      Tampering{"short_node", "UPDATE node SET h = 'x' WHERE i = 9"},
                      Tampering{"missing_frontier_node", "DELETE FROM node WHERE i = 6"},
                      Tampering{"missing_node", "DELETE FROM node WHERE i = 9"},
                      Tampering{"surplus_node", "INSERT INTO node (i, h) SELECT 10, h FROM node WHERE i = 0"},
                      Tampering{"missing_entry", "DELETE FROM entry WHERE i = 5"},
                      Tampering{"surplus_entry", "INSERT INTO entry (i, leaf) SELECT 6, leaf FROM entry WHERE i = 5"},
                      Tampering{"last_leaf", "UPDATE entry SET leaf = 'x' WHERE i = 5"},
                      Tampering{"no_checkpoint", "DELETE FROM checkpoint"},
                      Tampering{"older_checkpoint", "DELETE FROM checkpoint WHERE size = 6"},
                      Tampering{"damaged_checkpoint",
                                "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 4) "
                                "WHERE size = 6"}),
    [](const auto& instance) { return instance.param.name; });

TEST(CommitterRestartTest, AnotherKeyOrOriginIsRefused) {
  TestLog log;
  log.start();
  TestChange change = appending();
  ok(log.committer->commit(change));
  log.stop();
  EXPECT_EQ(code_of(Committer::start(log.connect(), kTestOrigin, signing_key(8), log.clock)), ErrorCode::Integrity);
  EXPECT_EQ(code_of(Committer::start(log.connect(), "other.example.org/audit/2026", signing_key(), log.clock)),
            ErrorCode::Integrity);
  ok(log.try_start());
}

TEST(CommitterRestartTest, AnInnerNodeIsFoundByTheFullVerification) {
  TestLog log;
  log.start();
  TestChange change = appending(8);
  ok(log.committer->commit(change));
  log.stop();
  ok(log.connect()->execute("UPDATE node SET h = (SELECT h FROM node WHERE i = 0) WHERE i = 1"));
  ok(log.try_start());  // reads the end of the log only
  EXPECT_EQ(code_of(log.verify()), ErrorCode::Integrity);
}

}  // namespace
}  // namespace egide::storage
