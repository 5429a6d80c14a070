#include "egide/storage/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace egide::storage {
namespace {

using base::Result;

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

base::Error not_written() { return base::unavailable("A file of the vault can't be written"); }

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const OpenFile directory(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.is_open() && ::fsync(directory.fd()) == 0;
}

// A new file beside `path`, with the whole content, synced. Removed again unless it was renamed.
class TemporaryFile {
 public:
  static Result<TemporaryFile> write(const std::string& path, std::string_view content) {
    TemporaryFile made(path + ".tmp-XXXXXX");
    const OpenFile file(::mkostemp(made.name_.data(), O_CLOEXEC));  // mode 0600
    if (!file.is_open()) {
      made.name_.clear();
      return not_written();
    }
    if (!write_all(file.fd(), content) || ::fsync(file.fd()) != 0) return not_written();
    return made;
  }
  TemporaryFile(TemporaryFile&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  const std::string& name() const noexcept { return name_; }

 private:
  explicit TemporaryFile(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open())
    return errno == ENOENT ? base::not_found("A file of the vault is missing")
                           : base::unavailable("A file of the vault can't be read");
  std::string content;
  char part[4096];
  while (true) {
    const ssize_t got = ::read(file.fd(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::unavailable("A file of the vault can't be read");
    if (got == 0) return content;
    content.append(part, static_cast<std::size_t>(got));
    if (content.size() > max_bytes)
      return base::Error(base::ErrorCode::TooLarge, "A file of the vault is larger than expected");
  }
}

Result<void> write_file_durably(const std::string& path, std::string_view content) {
  EGIDE_TRY(const TemporaryFile temporary, TemporaryFile::write(path, content));
  // After the rename the temporary name is gone, and removing it does nothing.
  if (::rename(temporary.name().c_str(), path.c_str()) != 0) return not_written();
  if (!sync_directory_of(path)) return not_written();
  return {};
}

Result<void> create_file_durably(const std::string& path, std::string_view content) {
  EGIDE_TRY(const TemporaryFile temporary, TemporaryFile::write(path, content));
  // A link never replaces, so that the file appears whole or not at all.
  if (::link(temporary.name().c_str(), path.c_str()) != 0)
    return errno == EEXIST ? base::conflict("The file exists already") : not_written();
  if (!sync_directory_of(path)) return not_written();
  return {};
}

Result<void> make_private_directory(const std::string& path) {
  const base::Error failed = base::unavailable("The vault's directory can't be made private");
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (!sync_directory_of(path)) return failed;
  } else if (errno != EEXIST) {
    return failed;
  }
  const OpenFile directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.is_open() || ::fchmod(directory.fd(), 0700) != 0) return failed;
  return {};
}

bool file_exists(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0;
}

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  const int fd = ::open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return base::unavailable("The vault's lock file can't be opened");
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? base::conflict("Another process uses this vault")
                                : base::unavailable("The vault's lock file can't be locked");
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);  // the lock goes with the descriptor
}

}  // namespace egide::storage
