// A file that is not what was written: one answer, Integrity, and never an empty or clear-text database.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "egide/testing/shared_data.h"
#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;
using testing::read_file;

constexpr std::size_t kPage = 4096;

class SqlcipherDamageTest : public ::testing::Test {
 protected:
  void write(const std::string& content) { std::ofstream(path_, std::ios::binary | std::ios::trunc) << content; }
  // A closed database of some twenty pages: no WAL is left.
  std::string make_database() {
    const auto database = create_database(path_);
    const auto connection = ok(database->connect());
    ok(connection->execute("CREATE TABLE item (k INTEGER PRIMARY KEY, s TEXT)"));
    ok(connection->begin_write());
    for (int k = 1; k <= 200; ++k) {
      Statement& insert = connection->prepare("INSERT INTO item VALUES (?1, ?2)");
      insert.bind(1, k);
      insert.bind(2, std::string(300, 'x'));
      ok(insert.step());
    }
    ok(connection->commit());
    ok(connection->purge_history());
    return read_file(path_);
  }
  base::ErrorCode opening() { return code_of(open_sqlcipher({path_, "", false}, database_key())); }

  testing::TempDir directory_;
  const std::string path_ = directory_.file("vault.db");
};

TEST_F(SqlcipherDamageTest, AWrongKeyIsIntegrity) {
  const std::string before = make_database();
  EXPECT_EQ(code_of(open_sqlcipher({path_, "", false}, database_key(2))), ErrorCode::Integrity);
  // The right salt with a wrong key, too.
  const std::string mixed = key_digits(2).substr(0, 64) + key_digits(1).substr(64);
  auto key = ok(crypto::SecretBytes::copy_of(base::as_bytes(mixed)));
  EXPECT_EQ(code_of(open_sqlcipher({path_, "", false}, std::move(key))), ErrorCode::Integrity);
  EXPECT_EQ(read_file(path_), before);
}

TEST_F(SqlcipherDamageTest, APlaintextDatabaseIsIntegrity) {
  sqlite3* plain = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &plain), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(plain, "CREATE TABLE item (k INTEGER)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(plain);
  const std::string before = read_file(path_);
  ASSERT_EQ(before.substr(0, 15), "SQLite format 3");
  EXPECT_EQ(opening(), ErrorCode::Integrity);
  EXPECT_EQ(read_file(path_), before);
}

TEST_F(SqlcipherDamageTest, AnEmptyOrCutFileIsIntegrity) {
  const std::string whole = make_database();
  for (const std::size_t size : {std::size_t{0}, std::size_t{15}, std::size_t{16}, std::size_t{512}, kPage - 1}) {
    write(whole.substr(0, size));
    EXPECT_EQ(opening(), ErrorCode::Integrity) << size;
    EXPECT_EQ(std::filesystem::file_size(path_), size);
  }
}

TEST_F(SqlcipherDamageTest, AForeignFileIsIntegrity) {
  for (const std::string& content : {std::string(kPage * 3, '\0'), std::string(kPage * 3, 'x'), std::string("hello")}) {
    write(content);
    EXPECT_EQ(opening(), ErrorCode::Integrity);
    EXPECT_EQ(read_file(path_), content);
  }
}

TEST_F(SqlcipherDamageTest, OneFlippedBitInAnyPageIsFound) {
  const std::string whole = make_database();
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  ASSERT_EQ(whole.size() % kPage, 0U);
  ASSERT_GT(whole.size() / kPage, 15U);
  for (std::size_t page = 0; page < whole.size() / kPage; ++page)
    for (int turn = 0; turn < 3; ++turn) {
      const std::size_t bit = random() % (kPage * 8);
      std::string damaged = whole;
      damaged[page * kPage + bit / 8] = static_cast<char>(damaged[page * kPage + bit / 8] ^ (1 << (bit % 8)));
      write(damaged);
      auto database = open_sqlcipher({path_, "", false}, database_key());
      if (!database) {
        EXPECT_EQ(code_of(database), ErrorCode::Integrity) << "page " << page << ", bit " << bit;
        continue;
      }
      const auto connection = ok((*database)->connect());
      EXPECT_EQ(code_of(connection->check_integrity()), ErrorCode::Integrity) << "page " << page << ", bit " << bit;
    }
  write(whole);
  ok(ok(open_database(path_)->connect())->check_integrity());
}

TEST_F(SqlcipherDamageTest, ADamagedPageIsAnErrorOfTheStatementThatReadsIt) {
  std::string damaged = make_database();
  for (std::size_t page = 2; page < damaged.size() / kPage; ++page) damaged[page * kPage + 100] ^= 1;
  write(damaged);
  const auto database = open_database(path_);
  const auto connection = ok(database->connect());
  Statement& rows = connection->prepare("SELECT s FROM item ORDER BY k");
  auto row = rows.step();
  while (row && *row) row = rows.step();
  EXPECT_EQ(code_of(row), ErrorCode::Integrity);
}

TEST_F(SqlcipherDamageTest, PagesOfTwoPlacesCannotBeSwapped) {
  std::string swapped = make_database();
  const std::string third = swapped.substr(3 * kPage, kPage), fourth = swapped.substr(4 * kPage, kPage);
  swapped.replace(3 * kPage, kPage, fourth);
  swapped.replace(4 * kPage, kPage, third);
  write(swapped);
  const auto database = open_database(path_);
  EXPECT_EQ(code_of(ok(database->connect())->check_integrity()), ErrorCode::Integrity);
}

}  // namespace
}  // namespace egide::storage
