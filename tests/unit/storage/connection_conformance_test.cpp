// One suite for every engine: an instance below for each driver.
#include <gtest/gtest.h>

#include <limits>

#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

struct Engine {
  std::string name;
  std::function<std::unique_ptr<Database>(const testing::TempDir&)> create;
};

std::ostream& operator<<(std::ostream& out, const Engine& engine) { return out << engine.name; }

class ConnectionConformance : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    database_ = GetParam().create(directory_);
    connection_ = ok(database_->connect());
    ok(connection_->execute("CREATE TABLE item (k INTEGER PRIMARY KEY, n INTEGER, s TEXT UNIQUE, b BLOB)"));
    ok(connection_->execute("CREATE TABLE part (k INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES item (k))"));
  }
  base::Result<bool> insert(Connection& connection, std::int64_t key, std::string_view text = "") {
    Statement& statement = connection.prepare("INSERT INTO item (k, s) VALUES (?1, ?2)");
    statement.bind(1, key);
    if (text.empty())
      statement.bind_null(2);
    else
      statement.bind(2, text);
    return statement.step();
  }
  std::int64_t count(Connection& connection) { return query_integer(connection, "SELECT count(*) FROM item"); }

  testing::TempDir directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(ConnectionConformance, KeepsEveryTypeWithItsExtremes) {
  const base::Bytes blob = {std::byte{0}, std::byte{255}, std::byte{0}, std::byte{'\''}};
  Statement& insert = connection_->prepare("INSERT INTO item (k, n, s, b) VALUES (?1, ?2, ?3, ?4)");
  for (const std::int64_t n : {std::numeric_limits<std::int64_t>::min(), std::int64_t{0}, std::int64_t{1} << 53,
                               std::numeric_limits<std::int64_t>::max()}) {
    insert.bind(1, n);
    insert.bind(2, n);
    insert.bind(3, "n" + std::to_string(n));
    insert.bind(4, blob);
    ASSERT_FALSE(ok(insert.step()));
  }
  Statement& rows = connection_->prepare("SELECT k, n, s, b FROM item ORDER BY k");
  int found = 0;
  while (ok(rows.step())) {
    EXPECT_EQ(rows.integer(0), rows.integer(1));
    EXPECT_EQ(rows.text(2), "n" + std::to_string(rows.integer(0)));
    EXPECT_EQ(base::to_bytes(rows.blob(3)), blob);
    ++found;
  }
  EXPECT_EQ(found, 4);
}

TEST_P(ConnectionConformance, TellsNullFromEmpty) {
  Statement& insert = connection_->prepare("INSERT INTO item (k, n, s, b) VALUES (?1, ?2, ?3, ?4)");
  insert.bind(1, 1);
  insert.bind_null(2);
  insert.bind_null(3);
  insert.bind_null(4);
  ASSERT_FALSE(ok(insert.step()));
  insert.bind(1, 2);
  insert.bind(2, 0);
  insert.bind(3, std::string_view());
  insert.bind(4, base::ByteView());
  ASSERT_FALSE(ok(insert.step()));
  Statement& rows = connection_->prepare("SELECT n, s, b FROM item ORDER BY k");
  ASSERT_TRUE(ok(rows.step()));
  for (int column = 0; column < 3; ++column) EXPECT_TRUE(rows.is_null(column)) << column;
  EXPECT_TRUE(rows.text(1).empty());
  EXPECT_TRUE(rows.blob(2).empty());
  ASSERT_TRUE(ok(rows.step()));
  for (int column = 0; column < 3; ++column) EXPECT_FALSE(rows.is_null(column)) << column;
  EXPECT_TRUE(rows.text(1).empty());
  EXPECT_TRUE(rows.blob(2).empty());
  EXPECT_FALSE(ok(rows.step()));
}

TEST_P(ConnectionConformance, KeepsALargeBlob) {
  const base::Bytes blob(3'000'000, std::byte{0xa5});
  Statement& insert = connection_->prepare("INSERT INTO item (k, b) VALUES (1, ?1)");
  insert.bind(1, blob);
  ok(insert.step());
  Statement& row = connection_->prepare("SELECT b FROM item");
  ASSERT_TRUE(ok(row.step()));
  EXPECT_EQ(base::to_bytes(row.blob(0)), blob);
  row.reset();
}

TEST_P(ConnectionConformance, ASecondRowOfOneKeyIsAConflict) {
  ok(insert(*connection_, 1, "a"));
  EXPECT_EQ(code_of(insert(*connection_, 1, "b")), ErrorCode::Conflict);
  EXPECT_EQ(code_of(insert(*connection_, 2, "a")), ErrorCode::Conflict);
  EXPECT_EQ(count(*connection_), 1);
}

TEST_P(ConnectionConformance, ADanglingReferenceIsAConflict) {
  Statement& insert = connection_->prepare("INSERT INTO part (k, item) VALUES (1, ?1)");
  insert.bind(1, 99);
  EXPECT_EQ(code_of(insert.step()), ErrorCode::Conflict);
}

TEST_P(ConnectionConformance, QuotesAndLettersStayText) {
  const std::string text = "O'Neil\"; DROP TABLE item; -- \\ % \xc3\xa9\xf0\x9f\x98\x80\n\t";
  ok(insert(*connection_, 1, text));
  Statement& row = connection_->prepare("SELECT k FROM item WHERE s = ?1");
  row.bind(1, text);
  ASSERT_TRUE(ok(row.step()));
  EXPECT_EQ(row.integer(0), 1);
  row.reset();
}

TEST_P(ConnectionConformance, RefusesNulInText) {
  EXPECT_EQ(code_of(insert(*connection_, 1, std::string_view("a\0b", 3))), ErrorCode::InvalidRequest);
  EXPECT_EQ(count(*connection_), 0);
  EXPECT_FALSE(ok(insert(*connection_, 1, "ab")));  // the statement goes on
}

TEST_P(ConnectionConformance, AReusedStatementBeginsWithoutParameters) {
  Statement& first = connection_->prepare("INSERT INTO item (k, s) VALUES (?1, ?2)");
  first.bind(1, 1);
  first.bind(2, "kept?");
  ok(first.step());
  Statement& second = connection_->prepare("INSERT INTO item (k, s) VALUES (?1, ?2)");
  EXPECT_EQ(&first, &second);
  second.bind(1, 2);
  ok(second.step());
  EXPECT_EQ(query_integer(*connection_, "SELECT count(*) FROM item WHERE s IS NULL"), 1);
}

TEST_P(ConnectionConformance, AnAbandonedStatementBeginsAnew) {
  for (int k = 1; k <= 3; ++k) ok(insert(*connection_, k));
  ASSERT_TRUE(ok(connection_->prepare("SELECT k FROM item ORDER BY k").step()));
  Statement& again = connection_->prepare("SELECT k FROM item ORDER BY k");
  ASSERT_TRUE(ok(again.step()));
  EXPECT_EQ(again.integer(0), 1);
  again.reset();
}

TEST_P(ConnectionConformance, CountsChangedRows) {
  for (int k = 1; k <= 3; ++k) ok(insert(*connection_, k));
  ok(connection_->execute("UPDATE item SET n = 5 WHERE k >= 2"));
  EXPECT_EQ(connection_->changes(), 2);
  ok(connection_->execute("DELETE FROM item WHERE k = 99"));
  EXPECT_EQ(connection_->changes(), 0);
}

TEST_P(ConnectionConformance, KnowsUpsertReturningAndWindows) {
  for (int turn = 1; turn <= 2; ++turn) {
    Statement& upsert = connection_->prepare(
        "INSERT INTO item (k, n) VALUES (1, ?1) ON CONFLICT (k) DO UPDATE SET n = item.n + excluded.n RETURNING n");
    upsert.bind(1, turn);
    ASSERT_TRUE(ok(upsert.step()));
    EXPECT_EQ(upsert.integer(0), turn == 1 ? 1 : 3);
    EXPECT_FALSE(ok(upsert.step()));
  }
  EXPECT_EQ(query_integer(*connection_, "SELECT row_number() OVER (ORDER BY k) FROM item"), 1);
}

TEST_P(ConnectionConformance, ACommitIsSeenByOthersARollbackByNobody) {
  const auto other = ok(database_->connect());
  ok(connection_->begin_write());
  EXPECT_TRUE(connection_->in_transaction());
  ok(insert(*connection_, 1));
  EXPECT_EQ(count(*other), 0);
  ok(connection_->commit());
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(count(*other), 1);
  ok(connection_->begin_write());
  ok(insert(*connection_, 2));
  connection_->rollback();
  connection_->rollback();  // nothing to do
  EXPECT_EQ(count(*connection_), 1);
  EXPECT_EQ(count(*other), 1);
}

TEST_P(ConnectionConformance, ASavepointRollsBackAlone) {
  ok(connection_->begin_write());
  ok(insert(*connection_, 1));
  ok(connection_->savepoint());
  ok(insert(*connection_, 2));
  EXPECT_EQ(code_of(insert(*connection_, 2)), ErrorCode::Conflict);
  ok(connection_->rollback_to_savepoint());
  ok(connection_->savepoint());
  ok(insert(*connection_, 3));
  ok(connection_->release_savepoint());
  ok(connection_->commit());
  EXPECT_EQ(query_integer(*connection_, "SELECT sum(k) FROM item"), 4);
}

TEST_P(ConnectionConformance, AReadTransactionKeepsItsSnapshot) {
  ok(insert(*connection_, 1));
  const auto reader = ok(database_->connect());
  ok(reader->begin_read());
  ok(insert(*connection_, 2));  // before the reader's first query: the snapshot was taken at its beginning
  EXPECT_EQ(count(*reader), 1);
  ok(insert(*connection_, 3));
  EXPECT_EQ(count(*reader), 1);
  ok(reader->commit());
  EXPECT_EQ(count(*reader), 3);
}

TEST_P(ConnectionConformance, PurgingWaitsForOldSnapshots) {
  ok(insert(*connection_, 1));
  const auto reader = ok(database_->connect());
  ok(reader->begin_read());
  ok(insert(*connection_, 2));
  EXPECT_EQ(code_of(connection_->purge_history()), ErrorCode::Unavailable);
  EXPECT_FALSE(connection_->broken());
  ok(reader->commit());
  ok(connection_->purge_history());
  EXPECT_EQ(count(*reader), 2);
}

TEST_P(ConnectionConformance, AHealthyDatabasePassesItsCheck) {
  for (int k = 1; k <= 200; ++k) ok(insert(*connection_, k, std::string(100, 'x') + std::to_string(k)));
  ok(connection_->check_integrity());
}

TEST_P(ConnectionConformance, SaysWhichEngineRuns) { EXPECT_FALSE(database_->engine().empty()); }

INSTANTIATE_TEST_SUITE_P(Engines, ConnectionConformance,
                         ::testing::Values(Engine{"sqlcipher",
                                                  [](const testing::TempDir& directory) {
                                                    return create_database(directory.file("vault.db"));
                                                  }}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace egide::storage
