// The log's tail kept off the vault (docs/formats/log-tail.md): entries and signed checkpoints, as lines, in files that
// grow. A restore goes on from it. It names nobody: entries carry tags that only a living person's key recognises.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"
#include "egide/storage/file_stream.h"

namespace egide::vault {

inline constexpr const char* kTailExtension = ".tail";

struct LogTail {
  std::string origin;
  std::uint64_t first = 0;              // index of leaves[0]
  std::vector<std::string> leaves;      // up to the newest checkpoint's size
  std::string checkpoint;               // the newest; covers exactly the leaves read
  std::vector<std::string> hand_overs;  // the checkpoints behind each log.key: both keys signed them
  std::uint64_t end() const noexcept { return first + leaves.size(); }
};
// From a file, or every *.tail of a directory. Leaves before `from` are left out. InvalidRequest with file and line;
// Integrity: a gap. NotFound.
base::Result<LogTail> read_log_tail(const std::string& path, std::uint64_t from);

// Writes the tail as the log grows. Thread safety: its members may be called from any thread.
class TailJournal {
 public:
  // Goes on where the directory's newest file ends. Integrity: the directory holds the tail of another log, or of a
  // longer one than this vault's, which is then an old copy: it must be restored, not served.
  static base::Result<std::unique_ptr<TailJournal>> open(const std::string& directory, const std::string& origin,
                                                         storage::Database& database);
  // Writes entries up to `size` and the note. Synced at once when an entry is one that a restore repeats. An error is
  // made good by the next call.
  base::Result<void> catch_up(const std::string& note, std::uint64_t size);
  // The next entry begins a new file; files whose every entry is older than `horizon` are removed.
  base::Result<void> begin_new_file(base::Timestamp horizon);

 private:
  TailJournal(std::string directory, std::string origin, std::unique_ptr<storage::Connection> connection)
      : directory_(std::move(directory)), origin_(std::move(origin)), connection_(std::move(connection)) {}
  base::Result<void> find_end();
  base::Result<void> find_again();
  base::Result<void> compare_with_vault();
  base::Result<void> begin_file();
  base::Result<void> write(const std::string& note, std::uint64_t size);

  const std::string directory_, origin_;
  const std::unique_ptr<storage::Connection> connection_;
  std::mutex mutex_;
  std::optional<storage::GrowingFile> file_;
  std::string path_;         // of file_, or of the file to go on with; empty: a new one is to be begun
  bool lost_ = false;        // the directory is not there: to be looked for before anything is written
  std::uint64_t good_ = 0;   // bytes of it that are whole
  std::uint64_t next_ = 0;   // index of the next entry to write
  std::uint64_t noted_ = 0;  // size of the newest checkpoint written
  std::string newest_note_;
};

}  // namespace egide::vault
