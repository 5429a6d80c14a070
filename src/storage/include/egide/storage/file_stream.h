// Files that are too large to be held in memory: read and written in order, and files that only grow. Mode 0600.
//
// Thread safety: one thread at a time for an object.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::storage {

class FileReader {
 public:
  static base::Result<FileReader> open(const std::string& path);  // NotFound, Unavailable
  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&&) = delete;
  ~FileReader();

  // As many bytes as there are, up to the span's size; fewer only at the end of the file.
  base::Result<std::size_t> read(std::span<std::byte> into);
  std::uint64_t size() const noexcept { return size_; }

 private:
  FileReader(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

// A new file that appears under its name when it is complete and durable, or not at all.
class NewFile {
 public:
  // Conflict when `path` exists already.
  static base::Result<NewFile> create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();  // unfinished: nothing is left

  base::Result<void> write(base::ByteView bytes);
  base::Result<void> finish();  // Conflict when somebody else made the file meanwhile

 private:
  NewFile(int fd, std::string path, std::string temporary)
      : fd_(fd), path_(std::move(path)), temporary_(std::move(temporary)) {}
  int fd_ = -1;
  std::string path_, temporary_;
};

// A file that grows at its end. What is written survives the process at once, a power cut after sync().
class GrowingFile {
 public:
  // Made when it does not exist. Cut to `keep` bytes: what follows was not written whole.
  static base::Result<GrowingFile> open(const std::string& path, std::uint64_t keep);
  GrowingFile(GrowingFile&& other) noexcept;
  GrowingFile& operator=(GrowingFile&& other) noexcept;
  ~GrowingFile();

  base::Result<void> append(std::string_view text);
  base::Result<void> sync();
  // False once the name leads elsewhere: removed, or another file system mounted over it.
  bool is_at(const std::string& path) const noexcept;

 private:
  explicit GrowingFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// rename(2) and a sync of the directory: `to` is replaced as a whole.
base::Result<void> move_file_durably(const std::string& from, const std::string& to);

// What a process that was killed left of replacing a file whose name begins with `prefix` (all: ""): a whole or half
// copy under a temporary name, which nothing would ever overwrite or destroy. Under the directory's lock.
void remove_leftovers(const std::string& directory, std::string_view prefix);

}  // namespace egide::storage
