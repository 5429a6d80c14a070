#include "egide/storage/log_store.h"

#include <gtest/gtest.h>

#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

class LogStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_.start();
    TestChange change = appending(kEntries);
    ok(log_.committer->commit(change));
    log_.stop();
    connection_ = log_.connect();
  }
  static constexpr std::uint64_t kEntries = 13;
  TestLog log_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(LogStoreTest, RecomputesFromEveryStoredFrontier) {
  const LogStore store(*connection_);
  for (std::uint64_t old_size = 0; old_size <= kEntries; ++old_size)
    for (std::uint64_t size = old_size; size <= kEntries; ++size) {
      const auto roots = ok(store.recompute_roots(old_size, size));
      EXPECT_EQ(roots.old_root, ok(audit::root_at(store, old_size))) << old_size;
      EXPECT_EQ(roots.new_root, ok(audit::root_at(store, size))) << size;
    }
  EXPECT_EQ(code_of(store.recompute(0, kEntries + 1)), ErrorCode::Integrity);
  EXPECT_EQ(code_of(store.recompute(2, 1)), ErrorCode::InvalidRequest);
}

TEST_F(LogStoreTest, NoChangedLeafOrNodeSurvivesRecomputing) {
  const LogStore store(*connection_);
  for (std::uint64_t i = 0; i < kEntries; ++i) {
    ok(connection_->begin_write());
    ok(connection_->execute("UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE i = " +
                            std::to_string((i + 1) % kEntries) + ") WHERE i = " + std::to_string(i)));
    EXPECT_EQ(code_of(store.recompute(0, kEntries)), ErrorCode::Integrity) << "leaf " << i;
    connection_->rollback();
  }
  const std::uint64_t nodes = audit::stored_hash_count(kEntries);
  for (std::uint64_t i = 0; i < nodes; ++i)
    for (const std::string& change :
         {"UPDATE node SET h = (SELECT h FROM node WHERE i = " + std::to_string((i + 1) % nodes) + ")",
          std::string("UPDATE node SET h = 'short'"), std::string("DELETE FROM node")}) {
      ok(connection_->begin_write());
      ok(connection_->execute(change + " WHERE i = " + std::to_string(i)));
      EXPECT_EQ(code_of(store.recompute(0, kEntries)), ErrorCode::Integrity) << change << ", node " << i;
      connection_->rollback();
    }
  EXPECT_EQ(ok(store.recompute(0, kEntries)), ok(audit::root_at(store, kEntries)));
}

TEST_F(LogStoreTest, AnswersRangesUpToTheEnd) {
  const LogStore store(*connection_);
  EXPECT_EQ(ok(store.size()), kEntries);
  EXPECT_EQ(ok(store.node_count()), audit::stored_hash_count(kEntries));
  EXPECT_EQ(ok(store.leaves(0, 1'000'000)).size(), kEntries);
  EXPECT_EQ(ok(store.leaves(12, 5)).size(), 1U);
  EXPECT_TRUE(ok(store.leaves(13, 5)).empty());
  EXPECT_TRUE(ok(store.leaves(0, 0)).empty());
  EXPECT_TRUE(ok(store.leaves(~std::uint64_t{0}, ~std::uint64_t{0})).empty());
  EXPECT_EQ(ok(store.leaf(3)), ok(store.leaves(3, 1)).front());
  EXPECT_EQ(code_of(store.leaf(13)), ErrorCode::NotFound);
  EXPECT_EQ(code_of(store.leaf(~std::uint64_t{0})), ErrorCode::NotFound);
  EXPECT_EQ(ok(store.nodes_from(3, 4)), ok(store.read_nodes({3, 4, 5, 6})));
  EXPECT_EQ(code_of(store.read_nodes({3, 1'000})), ErrorCode::Integrity);
}

TEST_F(LogStoreTest, GivesAnEmptyTextForAPrunedEntry) {
  ok(connection_->execute("DELETE FROM entry WHERE i < 4"));
  const auto leaves = ok(LogStore(*connection_).leaves(2, 4));
  ASSERT_EQ(leaves.size(), 4U);
  EXPECT_TRUE(leaves[0].empty());
  EXPECT_TRUE(leaves[1].empty());
  EXPECT_FALSE(leaves[2].empty());
}

TEST_F(LogStoreTest, KeepsDetailsAndTheirChain) {
  LogStore store(*connection_);
  const auto subject = base::SubjectId::parse("0190b6f0-0000-7000-8000-000000000002");
  const auto record = *base::RecordId::parse("0190b6f0-0000-7000-8000-000000000003");
  const base::Bytes sealed = {std::byte{0}, std::byte{1}, std::byte{0}};
  ok(store.insert_detail(100, subject, 7, record, sealed));
  ok(store.insert_detail(101, std::nullopt, 0, base::RecordId(), {}));
  const auto kept = *ok(store.detail(100));
  EXPECT_EQ(kept.index, 100U);
  EXPECT_EQ(kept.subject, subject);
  EXPECT_EQ(kept.previous, 7U);
  EXPECT_EQ(kept.record, record);
  EXPECT_EQ(kept.sealed, sealed);
  EXPECT_FALSE(ok(store.detail(101))->subject);
  EXPECT_TRUE(ok(store.detail(101))->sealed.empty());
  std::vector<std::uint64_t> found;
  ok(store.scan_subjects([&](const base::SubjectId& who, std::uint64_t index) {
    if (who == *subject) found.push_back(index);
  }));
  EXPECT_EQ(found, std::vector<std::uint64_t>{100});
  ok(store.delete_detail(100));
  EXPECT_FALSE(ok(store.detail(100)));
}

TEST_F(LogStoreTest, TheStoredLogVerifiesAsASource) {
  const auto verified = ok(log_.verify());
  EXPECT_EQ(verified.entries, kEntries);
  EXPECT_EQ(verified.nodes_checked, audit::stored_hash_count(kEntries));
}

TEST(EmptyLogTest, HasNoCheckpoint) {
  TestLog log;
  const auto connection = log.connect();
  const LogStore store(*connection);
  EXPECT_EQ(ok(store.size()), 0U);
  EXPECT_EQ(ok(store.node_count()), 0U);
  EXPECT_FALSE(ok(store.newest_checkpoint()));
  EXPECT_EQ(ok(store.recompute(0, 0)), audit::empty_root());
  StoredLogSource source(*connection);
  EXPECT_EQ(code_of(source.checkpoint()), ErrorCode::NotFound);
}

}  // namespace
}  // namespace egide::storage
