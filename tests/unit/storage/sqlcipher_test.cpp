#include "egide/storage/sqlcipher.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "egide/testing/shared_data.h"
#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;
using testing::read_file;

class SqlcipherTest : public ::testing::Test {
 protected:
  auto open(int seed = 1, bool create = false) { return open_sqlcipher({path_, "", create}, database_key(seed)); }

  testing::TempDir directory_;
  const std::string path_ = directory_.file("vault.db");
};

TEST_F(SqlcipherTest, IsNewEnough) {
  int major = 0, minor = 0;
  ASSERT_EQ(std::sscanf(sqlcipher_version().c_str(), "%d.%d", &major, &minor), 2) << sqlcipher_version();
  EXPECT_GE(std::pair(major, minor), std::pair(4, 5));
  const auto database = ok(open(1, true));
  EXPECT_NE(std::string(database->engine()).find("sqlcipher " + sqlcipher_version()), std::string::npos);
}

TEST_F(SqlcipherTest, TheFileBelongsToItsOwnerAlone) {
  const auto database = ok(open(1, true));
  const auto connection = ok(database->connect());
  ok(migrate(*connection));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(SqlcipherTest, AMissingFileIsNotMade) {
  EXPECT_EQ(code_of(open()), ErrorCode::Unavailable);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqlcipherTest, AnExistingFileIsNotMadeAgain) {
  ok(open(1, true));
  const std::string before = read_file(path_);
  EXPECT_EQ(code_of(open(1, true)), ErrorCode::Conflict);
  EXPECT_EQ(code_of(open(2, true)), ErrorCode::Conflict);
  EXPECT_EQ(read_file(path_), before);
}

TEST_F(SqlcipherTest, AKeyOfAnotherFormIsRefusedBeforeAnyFile) {
  std::string upper = key_digits(1);
  for (auto& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& digits :
       {std::string(), key_digits(1).substr(1), key_digits(1) + "0", key_digits(1).substr(0, 64), upper,
        "x'" + key_digits(1).substr(3) + "'", key_digits(1).substr(1) + "g", key_digits(1).substr(1) + " "}) {
    auto key = ok(crypto::SecretBytes::copy_of(base::as_bytes(digits)));
    EXPECT_EQ(code_of(open_sqlcipher({path_, "", true}, std::move(key))), ErrorCode::InvalidRequest) << digits.size();
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

struct Setting {
  const char* pragma;
  const char* expected;
};

TEST_F(SqlcipherTest, EverySettingIsInForce) {
  const auto database = ok(open(1, true));
  for (const auto& connection : {ok(database->connect()), ok(database->connect())})
    for (const Setting& setting : std::initializer_list<Setting>{{"journal_mode", "wal"},
                                                                 {"synchronous", "2"},
                                                                 {"secure_delete", "1"},
                                                                 {"temp_store", "2"},
                                                                 {"foreign_keys", "1"},
                                                                 {"trusted_schema", "0"},
                                                                 {"cache_size", "-64000"},
                                                                 {"cipher_memory_security", "0"},
                                                                 {"page_size", "4096"},
                                                                 {"cipher_page_size", "4096"},
                                                                 {"cipher_use_hmac", "1"},
                                                                 {"cipher_hmac_algorithm", "HMAC_SHA512"},
                                                                 {"cipher_kdf_algorithm", "PBKDF2_HMAC_SHA512"},
                                                                 {"kdf_iter", "256000"},
                                                                 {"cipher_plaintext_header_size", "0"}}) {
      Statement& statement = connection->prepare(std::string("PRAGMA ") + setting.pragma);
      ASSERT_TRUE(ok(statement.step())) << setting.pragma;
      EXPECT_EQ(statement.text(0), setting.expected) << setting.pragma;
      statement.reset();
    }
}

TEST_F(SqlcipherTest, TheFileBeginsWithTheKeysSalt) {
  ok(open(1, true));
  EXPECT_EQ(base::to_hex(base::as_bytes(read_file(path_)).first(16)), key_digits(1).substr(64));
}

TEST_F(SqlcipherTest, NothingWrittenIsReadableOnDisk) {
  const std::string canary = "Canary-Quentin-Hautecoeur-1984";
  const auto database = ok(open(1, true));
  const auto connection = ok(database->connect());
  ok(connection->execute("CREATE TABLE canary_table (canary_column TEXT)"));
  Statement& insert = connection->prepare("INSERT INTO canary_table VALUES (?1)");
  std::size_t bytes = 0;
  const auto look = [&](const char* suffix) {
    const std::string content = read_file(path_ + suffix);
    bytes += content.size();
    for (const std::string& text : {canary, std::string("canary_table"), std::string("canary_column"),
                                    std::string("CREATE TABLE"), std::string("SQLite format"), key_digits(1)})
      EXPECT_EQ(content.find(text), std::string::npos) << text << " in " << suffix;
  };
  for (int i = 0; i < 200; ++i) {
    insert.bind(1, canary);
    ok(insert.step());
  }
  for (const char* suffix : {"", "-wal", "-shm"}) look(suffix);
  ok(connection->purge_history());
  for (const char* suffix : {"", "-wal", "-shm"}) look(suffix);
  EXPECT_GT(bytes, 30'000U);  // something was there to look at
}

TEST_F(SqlcipherTest, TheWalIsCopiedIntoTheDatabaseAsItGrows) {
  const auto database = ok(open(1, true));
  const auto connection = ok(database->connect());
  ok(connection->execute("CREATE TABLE big (b BLOB)"));
  const base::Bytes blob(1U << 20, std::byte{1});
  for (int i = 0; i < 12; ++i) {
    ok(connection->begin_write());
    Statement& insert = connection->prepare("INSERT INTO big VALUES (?1)");
    insert.bind(1, blob);
    ok(insert.step());
    ok(connection->commit());
  }
  EXPECT_GT(std::filesystem::file_size(path_), 8U << 20);
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 8U << 20);
}

TEST_F(SqlcipherTest, TheSchemaTableIsOutOfReach) {
  const auto database = ok(open(1, true));
  const auto connection = ok(database->connect());
  ok(migrate(*connection));
  EXPECT_FALSE(connection->execute("PRAGMA writable_schema=ON; DELETE FROM sqlite_master"));
}

TEST_F(SqlcipherTest, AWriterThatFindsAnotherAtWorkIsUnavailable) {
  const auto database = ok(open(1, true));
  const auto first = ok(database->connect()), second = ok(database->connect());
  ok(second->execute("PRAGMA busy_timeout=0"));
  ok(first->begin_write());
  EXPECT_EQ(code_of(second->begin_write()), ErrorCode::Unavailable);
  first->rollback();
  ok(second->begin_write());
  second->rollback();
}

}  // namespace
}  // namespace egide::storage
