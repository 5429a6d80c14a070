#include "egide/storage/migrations.h"

#include <gtest/gtest.h>

#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

class MigrationsTest : public ::testing::Test {
 protected:
  std::int64_t tables() {
    return query_integer(*connection_, "SELECT count(*) FROM sqlite_master WHERE type = 'table'");
  }

  testing::TempDir directory_;
  std::unique_ptr<Database> database_ = create_database(directory_.file("vault.db"));
  std::unique_ptr<Connection> connection_ = ok(database_->connect());
  const std::vector<Migration> first_ = {{1, "one", "CREATE TABLE one (k INTEGER PRIMARY KEY)"}};
  const std::vector<Migration> both_ = {
      first_[0], {2, "two", "CREATE TABLE two (k INTEGER PRIMARY KEY); INSERT INTO one (k) VALUES (1)"}};
};

TEST_F(MigrationsTest, RunEachOnce) {
  EXPECT_EQ(ok(migrate(*connection_)), static_cast<int>(migrations().size()));
  EXPECT_EQ(ok(migrate(*connection_)), 0);
  EXPECT_EQ(ok(migrate(*ok(database_->connect()))), 0);
  EXPECT_EQ(query_integer(*connection_, "SELECT count(*) FROM entry"), 0);
}

TEST_F(MigrationsTest, GoOnWhereTheyStopped) {
  EXPECT_EQ(ok(migrate(*connection_, first_)), 1);
  EXPECT_EQ(ok(migrate(*connection_, both_)), 1);
  EXPECT_EQ(query_integer(*connection_, "SELECT count(*) FROM one"), 1);
}

TEST_F(MigrationsTest, RefuseANewerSchema) {
  ok(migrate(*connection_, both_));
  EXPECT_EQ(code_of(migrate(*connection_, first_)), ErrorCode::Unavailable);
}

TEST_F(MigrationsTest, RefuseAnotherSchema) {
  ok(migrate(*connection_, first_));
  EXPECT_EQ(code_of(migrate(*connection_, {{1, "uno", "CREATE TABLE uno (k INTEGER PRIMARY KEY)"}})),
            ErrorCode::Unavailable);
}

TEST_F(MigrationsTest, OneThatFailsHalfWayLeavesNothing) {
  ok(migrate(*connection_, first_));
  const auto before = tables();
  auto broken = both_;
  broken[1].sql = "CREATE TABLE two (k INTEGER PRIMARY KEY); INSERT INTO one (k) VALUES (1), (1)";
  EXPECT_FALSE(migrate(*connection_, broken));
  EXPECT_EQ(tables(), before);
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(query_integer(*connection_, "SELECT count(*) FROM one"), 0);
  EXPECT_EQ(ok(migrate(*connection_, both_)), 1);
}

TEST_F(MigrationsTest, TheListCountsUpFromOne) {
  int expected = 1;
  for (const auto& migration : migrations()) EXPECT_EQ(migration.number, expected++);
}

}  // namespace
}  // namespace egide::storage
