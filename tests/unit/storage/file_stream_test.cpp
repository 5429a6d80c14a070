// Files read and written in parts, files that grow, and the copy of a database in use.
#include "egide/storage/file_stream.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "egide/storage/files.h"
#include "egide/storage/sqlcipher_copy.h"
#include "storage_testing.h"

namespace egide::storage {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

class FileStreamTest : public ::testing::Test {
 protected:
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir_.path()), fs::directory_iterator()));
  }
  static mode_t mode(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }
  testing::TempDir dir_;
};

TEST_F(FileStreamTest, ANewFileAppearsWholeOrNotAtAll) {
  const std::string path = dir_.file("new");
  {
    auto file = ok(NewFile::create(path));
    ok(file.write(base::as_bytes("half")));
    EXPECT_FALSE(file_exists(path));
  }
  EXPECT_EQ(files(), 0U);
  auto file = ok(NewFile::create(path));
  ok(file.write(base::as_bytes("one ")));
  ok(file.write(base::as_bytes("two")));
  ok(file.finish());
  EXPECT_EQ(ok(read_file(path)), "one two");
  EXPECT_EQ(mode(path), 0600U);
  EXPECT_EQ(code_of(NewFile::create(path)), ErrorCode::Conflict);
}

TEST_F(FileStreamTest, DoesNotReplaceAFileThatCameMeanwhile) {
  const std::string path = dir_.file("new");
  auto file = ok(NewFile::create(path));
  ok(write_file_durably(path, "theirs"));
  EXPECT_EQ(file.finish().error().code(), ErrorCode::Conflict);
  EXPECT_EQ(ok(read_file(path)), "theirs");
}

TEST_F(FileStreamTest, ReadsInPartsToTheEnd) {
  const std::string path = dir_.file("text");
  ok(write_file_durably(path, "0123456789"));
  auto file = ok(FileReader::open(path));
  EXPECT_EQ(file.size(), 10U);
  base::Bytes part(4);
  std::string text;
  for (std::size_t got = 1; got > 0;) {
    got = ok(file.read(part));
    text += base::as_text(base::ByteView(part).first(got));
  }
  EXPECT_EQ(text, "0123456789");
  EXPECT_EQ(code_of(FileReader::open(dir_.file("none"))), ErrorCode::NotFound);
  EXPECT_EQ(code_of(FileReader::open(dir_.path().string())), ErrorCode::Unavailable);
}

TEST_F(FileStreamTest, AGrowingFileIsCutToWhatWasWhole) {
  const std::string path = dir_.file("grows");
  {
    auto file = ok(GrowingFile::open(path, 0));
    ok(file.append("whole\nto"));
    ok(file.sync());
  }
  EXPECT_EQ(mode(path), 0600U);
  auto file = ok(GrowingFile::open(path, 6));
  ok(file.append("next\n"));
  EXPECT_EQ(ok(read_file(path)), "whole\nnext\n");
  EXPECT_TRUE(file.is_at(path));
  ok(write_file_durably(path, "another of this name"));
  EXPECT_FALSE(file.is_at(path));
  fs::remove(path);
  EXPECT_FALSE(file.is_at(path));
  EXPECT_EQ(code_of(GrowingFile::open(dir_.file("no/such"), 0)), ErrorCode::Unavailable);
}

TEST_F(FileStreamTest, RemovesWhatAKilledProcessLeftAndNothingElse) {
  for (const char* name : {"epoch.keys.tmp-abcdef", "log.key.tmp-ABC123", "epoch.keys", "notes.tmp-", "x.tmp-abcdefg"})
    ok(write_file_durably(dir_.file(name), "text"));
  remove_leftovers(dir_.path().string(), "epoch.keys");
  EXPECT_EQ(files(), 4U);
  remove_leftovers(dir_.path().string(), "");
  EXPECT_EQ(files(), 3U);
  EXPECT_TRUE(file_exists(dir_.file("epoch.keys")));
  remove_leftovers(dir_.file("none"), "");
}

TEST_F(FileStreamTest, CopiesOneSnapshotOfADatabaseInUse) {
  const auto database = create_database(dir_.file("source.db"));
  const auto writer = ok(database->connect());
  ok(
      writer->execute("CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('CANARY'), ('deleted'); DELETE FROM t WHERE x = "
                      "'deleted'"));
  const auto reader = ok(database->connect());
  ok(writer->begin_write());
  ok(writer->execute("INSERT INTO t VALUES ('not committed')"));
  const std::string copy = dir_.file("it's a copy.db");
  ok(copy_sqlcipher(*reader, copy));
  ok(writer->commit());

  EXPECT_EQ(mode(copy), 0600U);
  const std::string bytes = ok(read_file(copy));
  EXPECT_EQ(bytes.find("CANARY"), std::string::npos);
  EXPECT_EQ(bytes.find("SQLite format"), std::string::npos);
  const auto opened = open_database(copy);
  const auto connection = ok(opened->connect());
  ok(connection->check_integrity());
  EXPECT_EQ(query_integer(*connection, "SELECT count(*) FROM t"), 1);
  EXPECT_EQ(copy_sqlcipher(*reader, copy).error().code(), ErrorCode::Conflict);
  EXPECT_EQ(query_integer(*writer, "SELECT count(*) FROM t"), 2);
}

}  // namespace
}  // namespace egide::storage
