// The lines of one file of the log's tail. Private to the tail.
//
// Thread safety: one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "egide/base/result.h"
#include "egide/storage/file_stream.h"

namespace egide::vault {

struct TailLine {
  enum class Kind { Origin, Leaf, Checkpoint };
  Kind kind = Kind::Leaf;
  std::string text;         // origin; the leaf with its line feed; the note
  std::uint64_t index = 0;  // of a leaf
};

std::string origin_line(const std::string& origin);
std::string checkpoint_line(const std::string& note);

class TailReader {
 public:
  static base::Result<TailReader> open(const std::string& path);
  // False at the end, and at a last line without its line feed, which was not written whole. InvalidRequest names the
  // line that is of no kind.
  base::Result<bool> next(TailLine& line);
  std::uint64_t whole_bytes() const noexcept { return whole_; }  // up to the end of the last line given

 private:
  TailReader(storage::FileReader file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  base::Result<bool> next_text(std::string& text);

  storage::FileReader file_;
  std::string path_, buffer_;
  std::size_t at_ = 0;
  std::uint64_t whole_ = 0, number_ = 0;
};

// Every *.tail of a directory in the order of its entries; a file as itself. NotFound when there is none.
base::Result<std::vector<std::string>> tail_files(const std::string& path);

}  // namespace egide::vault
