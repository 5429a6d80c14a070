// The vault's files outside the database: read, and replaced as a whole (temporary file, fsync, rename, fsync of the
// directory), mode 0600. The directory is 0700.
//
// Thread safety: free functions; two writers of one file race as rename does: one whole content wins.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/result.h"

namespace egide::storage {

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes = 16U << 20);  // NotFound, TooLarge
base::Result<void> write_file_durably(const std::string& path, std::string_view content);
// Fails with Conflict when it exists.
base::Result<void> create_file_durably(const std::string& path, std::string_view content);
base::Result<void> make_private_directory(const std::string& path);
bool file_exists(const std::string& path);

// One process a vault: an advisory lock on DIR/lock, held until destruction.
class DirectoryLock {
 public:
  static base::Result<DirectoryLock> take(const std::string& directory);  // Conflict when another process holds it
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace egide::storage
