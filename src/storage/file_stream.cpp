#include "egide/storage/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

namespace egide::storage {
namespace {

using base::Result;

base::Error not_written() { return base::unavailable("A file can't be written: is the disk full?"); }

void close_file(int fd) noexcept {
  if (fd >= 0) ::close(fd);
}

Result<void> write_whole(int fd, base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return not_written();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const int fd = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  close_file(fd);
  if (!synced) return not_written();
  return {};
}

}  // namespace

Result<FileReader> FileReader::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? base::not_found("There is no file " + path)
                           : base::unavailable("The file can't be read: " + path);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close_file(fd);
    return base::unavailable("This is not a file that can be read: " + path);
  }
  return FileReader(fd, static_cast<std::uint64_t>(info.st_size));
}

FileReader::FileReader(FileReader&& other) noexcept : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
FileReader::~FileReader() { close_file(fd_); }

Result<std::size_t> FileReader::read(std::span<std::byte> into) {
  std::size_t got = 0;
  while (got < into.size()) {
    const ssize_t more = ::read(fd_, into.data() + got, into.size() - got);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return base::unavailable("A file can't be read");
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  return got;
}

Result<NewFile> NewFile::create(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) return base::conflict("There is a file already: " + path);
  std::string temporary = path + ".tmp-XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return base::unavailable("The file can't be made: " + path);
  return NewFile(fd, path, std::move(temporary));
}

NewFile::NewFile(NewFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})) {}

NewFile::~NewFile() {
  close_file(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> NewFile::write(base::ByteView bytes) { return write_whole(fd_, bytes); }

Result<void> NewFile::finish() {
  if (::fsync(fd_) != 0) return not_written();
  // A link never replaces. The temporary name goes in the destructor.
  if (::link(temporary_.c_str(), path_.c_str()) != 0)
    return errno == EEXIST ? base::conflict("There is a file already: " + path_) : not_written();
  return sync_directory_of(path_);
}

Result<GrowingFile> GrowingFile::open(const std::string& path, std::uint64_t keep) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return base::unavailable("The file can't be opened: " + path);
  GrowingFile file(fd);
  struct stat info {};
  if (::fstat(fd, &info) != 0) return not_written();
  if (static_cast<std::uint64_t>(info.st_size) > keep && ::ftruncate(fd, static_cast<off_t>(keep)) != 0)
    return not_written();
  EGIDE_TRY_VOID(sync_directory_of(path));
  return file;
}

GrowingFile::GrowingFile(GrowingFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
GrowingFile& GrowingFile::operator=(GrowingFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
GrowingFile::~GrowingFile() { close_file(fd_); }

Result<void> GrowingFile::append(std::string_view text) { return write_whole(fd_, base::as_bytes(text)); }

Result<void> GrowingFile::sync() {
  if (::fdatasync(fd_) != 0) return not_written();
  return {};
}

bool GrowingFile::is_at(const std::string& path) const noexcept {
  struct stat open_one {};
  struct stat named {};
  return ::fstat(fd_, &open_one) == 0 && ::stat(path.c_str(), &named) == 0 && open_one.st_dev == named.st_dev &&
         open_one.st_ino == named.st_ino;
}

void remove_leftovers(const std::string& directory, std::string_view prefix) {
  constexpr std::string_view kMark = ".tmp-";
  constexpr std::size_t kRandom = 6;
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() < kMark.size() + kRandom || !name.starts_with(prefix)) continue;
    if (name.compare(name.size() - kMark.size() - kRandom, kMark.size(), kMark) == 0) found.push_back(entry.path());
  }
  for (const auto& path : found) std::filesystem::remove(path, ignored);
}

Result<void> move_file_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return not_written();
  return sync_directory_of(to);
}

}  // namespace egide::storage
