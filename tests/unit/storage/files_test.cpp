#include "egide/storage/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "storage_testing.h"

namespace egide::storage {
namespace {

using base::ErrorCode;

unsigned mode_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) throw std::runtime_error("no such file");
  return found.st_mode & 07777U;
}

std::size_t files_in(const testing::TempDir& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory.path()), {}));
}

TEST(FilesTest, AFileIsReplacedAsAWhole) {
  const testing::TempDir directory;
  const std::string path = directory.file("epoch.keys");
  EXPECT_EQ(code_of(read_file(path)), ErrorCode::NotFound);
  EXPECT_FALSE(file_exists(path));
  const std::string content("a\0b\n", 4);
  ok(write_file_durably(path, content));
  EXPECT_EQ(ok(read_file(path)), content);
  EXPECT_EQ(mode_of(path), 0600U);
  ok(write_file_durably(path, ""));
  EXPECT_EQ(ok(read_file(path)), "");
  EXPECT_TRUE(file_exists(path));
  EXPECT_EQ(files_in(directory), 1U);  // no temporary file stays
}

TEST(FilesTest, AnExistingFileIsNotCreatedAgain) {
  const testing::TempDir directory;
  const std::string path = directory.file("log.key");
  ok(create_file_durably(path, "first"));
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(code_of(create_file_durably(path, "second")), ErrorCode::Conflict);
  EXPECT_EQ(ok(read_file(path)), "first");
  EXPECT_EQ(files_in(directory), 1U);
}

TEST(FilesTest, AFileOverTheLimitIsTooLarge) {
  const testing::TempDir directory;
  ok(write_file_durably(directory.file("f"), std::string(10'000, 'x')));
  EXPECT_EQ(ok(read_file(directory.file("f"), 10'000)).size(), 10'000U);
  EXPECT_EQ(code_of(read_file(directory.file("f"), 9'999)), ErrorCode::TooLarge);
}

TEST(FilesTest, AMissingDirectoryIsUnavailable) {
  const testing::TempDir directory;
  EXPECT_EQ(code_of(write_file_durably(directory.file("none/f"), "x")), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(create_file_durably(directory.file("none/f"), "x")), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(DirectoryLock::take(directory.file("none"))), ErrorCode::Unavailable);
}

TEST(FilesTest, ADirectoryIsMadePrivate) {
  const testing::TempDir directory;
  const std::string path = directory.file("vault");
  ok(make_private_directory(path));
  EXPECT_EQ(mode_of(path), 0700U);
  std::filesystem::permissions(path, std::filesystem::perms::all);
  ok(make_private_directory(path));
  EXPECT_EQ(mode_of(path), 0700U);
  ok(write_file_durably(directory.file("file"), ""));
  EXPECT_EQ(code_of(make_private_directory(directory.file("file"))), ErrorCode::Unavailable);
  std::filesystem::create_symlink(path, directory.file("link"));
  EXPECT_EQ(code_of(make_private_directory(directory.file("link"))), ErrorCode::Unavailable);
}

TEST(FilesTest, ADirectoryIsLockedOnce) {
  const testing::TempDir directory;
  {
    auto first = ok(DirectoryLock::take(directory.path().string()));
    EXPECT_EQ(code_of(DirectoryLock::take(directory.path().string())), ErrorCode::Conflict);
    const DirectoryLock moved = std::move(first);
    EXPECT_EQ(code_of(DirectoryLock::take(directory.path().string())), ErrorCode::Conflict);
  }
  ok(DirectoryLock::take(directory.path().string()));
}

}  // namespace
}  // namespace egide::storage
