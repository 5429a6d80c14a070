#include "log_tail.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "egide/audit/leaf.h"
#include "egide/audit/merkle.h"
#include "egide/audit/note.h"
#include "egide/storage/files.h"
#include "egide/storage/log_store.h"
#include "tail_lines.h"

namespace egide::vault {
namespace {

constexpr std::uint64_t kAtOnce = 1024;  // entries

// What a restore repeats: these may not be lost with the power.
constexpr std::array kRepeated = {
    audit::event::kSubjectErased,
    audit::event::kConsentWithdrawn,
    audit::event::kConsentChanged,
    audit::event::kSubjectObjected,
    audit::event::kSubjectObjectionLifted,
    audit::event::kSubjectRestricted,
    audit::event::kSubjectRestrictionLifted,
    audit::event::kLogRestore,
    audit::event::kLogKey,
};

constexpr std::string_view kHandOver = "\"ev\":\"log.key\"";

// Leaves are canonical: the event is found without parsing them.
bool is_repeated(std::string_view leaf) {
  return std::any_of(kRepeated.begin(), kRepeated.end(), [&](std::string_view event) {
    return leaf.find("\"ev\":\"" + std::string(event) + '"') != std::string_view::npos;
  });
}

std::string file_name(std::uint64_t first) {
  std::array<char, 40> name{};
  std::snprintf(name.data(), name.size(), "log-%020llu%s", static_cast<unsigned long long>(first), kTailExtension);
  return name.data();
}

base::Error other_log() { return base::integrity_violation("The log tail is of another log than this vault's"); }

class Collector {
 public:
  explicit Collector(std::uint64_t from) : from_(from) { tail_.first = from; }

  base::Result<void> add_file(const std::string& path) {
    EGIDE_TRY(auto reader, TailReader::open(path));
    TailLine line;
    for (;;) {
      EGIDE_TRY(const bool more, reader.next(line));
      if (!more) return {};
      EGIDE_TRY_VOID(add(line));
    }
  }

  base::Result<LogTail> finish() && {
    if (tail_.checkpoint.empty()) return base::integrity_violation("The log tail holds no checkpoint");
    // What no checkpoint covers was never answered for.
    const std::uint64_t keep = size_ > from_ ? size_ - from_ : 0;
    if (tail_.leaves.size() > keep) tail_.leaves.resize(static_cast<std::size_t>(keep));
    return std::move(tail_);
  }

 private:
  base::Result<void> add(TailLine& line) {
    switch (line.kind) {
      case TailLine::Kind::Origin:
        if (!tail_.origin.empty() && tail_.origin != line.text) return other_log();
        tail_.origin = line.text;
        return {};
      case TailLine::Kind::Checkpoint: {
        EGIDE_TRY(const auto checkpoint, audit::read_unverified_checkpoint(line.text));
        if (started_ && checkpoint.size != next_)
          return base::integrity_violation("The log tail has a gap before its checkpoint of " +
                                           std::to_string(checkpoint.size) + " entries");
        size_ = checkpoint.size;
        if (hands_over_) tail_.hand_overs.push_back(line.text);
        hands_over_ = false;
        tail_.checkpoint = std::move(line.text);
        return {};
      }
      case TailLine::Kind::Leaf:
        return add_leaf(line);
    }
    return {};
  }

  base::Result<void> add_leaf(TailLine& line) {
    if (started_ && line.index != next_)
      return base::integrity_violation("The log tail has a gap before entry " + std::to_string(line.index));
    if (!started_ && line.index > from_)
      return base::integrity_violation("The log tail begins at entry " + std::to_string(line.index) +
                                       ", the backup ends at " + std::to_string(from_) +
                                       ": the part between is missing");
    started_ = true;
    next_ = line.index + 1;
    hands_over_ = hands_over_ || line.text.find(kHandOver) != std::string::npos;
    if (line.index >= from_) tail_.leaves.push_back(std::move(line.text));
    return {};
  }

  const std::uint64_t from_;
  bool started_ = false, hands_over_ = false;
  std::uint64_t next_ = 0, size_ = 0;
  LogTail tail_;
};

}  // namespace

base::Result<LogTail> read_log_tail(const std::string& path, std::uint64_t from) {
  EGIDE_TRY(const auto files, tail_files(path));
  Collector collector(from);
  for (const auto& file : files) EGIDE_TRY_VOID(collector.add_file(file));
  return std::move(collector).finish();
}

base::Result<std::unique_ptr<TailJournal>> TailJournal::open(const std::string& directory, const std::string& origin,
                                                             storage::Database& database) {
  EGIDE_TRY_VOID(storage::make_private_directory(directory));
  EGIDE_TRY(auto connection, database.connect());
  std::unique_ptr<TailJournal> journal(new TailJournal(directory, origin, std::move(connection)));
  EGIDE_TRY_VOID(journal->find_end());
  EGIDE_TRY_VOID(journal->connection_->begin_read());
  auto compared = journal->compare_with_vault();
  journal->connection_->rollback();
  EGIDE_TRY_VOID(compared);
  return journal;
}

base::Result<void> TailJournal::find_end() {
  const auto files = tail_files(directory_);
  if (!files) {
    if (files.error().code() == base::ErrorCode::NotFound) return {};
    return files.error();
  }
  // From the newest back: a file may have been begun and hold no entry, or no checkpoint, yet.
  bool found_entry = false;
  for (auto path = files->rbegin(); path != files->rend() && (!found_entry || newest_note_.empty()); ++path) {
    EGIDE_TRY(auto reader, TailReader::open(*path));
    TailLine line;
    std::optional<std::uint64_t> last;
    std::string note;
    for (;;) {
      EGIDE_TRY(const bool more, reader.next(line));
      if (!more) break;
      if (line.kind == TailLine::Kind::Origin && line.text != origin_) return other_log();
      if (line.kind == TailLine::Kind::Checkpoint) note = line.text;
      if (line.kind == TailLine::Kind::Leaf) last = line.index;
    }
    if (path == files->rbegin()) {
      path_ = *path;
      good_ = reader.whole_bytes();
    }
    if (!found_entry && last) {
      next_ = *last + 1;
      found_entry = true;
    }
    if (newest_note_.empty()) newest_note_ = std::move(note);
  }
  if (newest_note_.empty()) return {};
  EGIDE_TRY(const auto newest, audit::read_unverified_checkpoint(newest_note_));
  noted_ = newest.size;
  return {};
}

// The directory was taken away, or another one mounted over it: an open file would go on growing where nobody sees it.
base::Result<void> TailJournal::find_again() {
  lost_ = true;
  file_.reset();
  path_.clear();
  newest_note_.clear();
  good_ = next_ = noted_ = 0;
  EGIDE_TRY_VOID(storage::make_private_directory(directory_));
  EGIDE_TRY_VOID(find_end());
  lost_ = false;
  return {};
}

base::Result<void> TailJournal::compare_with_vault() {
  if (newest_note_.empty()) return {};
  EGIDE_TRY(const auto newest, audit::read_unverified_checkpoint(newest_note_));
  const storage::LogStore log(*connection_);
  EGIDE_TRY(const std::uint64_t size, log.size());
  if (size < newest.size || size < next_)
    return base::integrity_violation("The mirror holds " + std::to_string(std::max(newest.size, next_)) +
                                     " log entries, this vault " + std::to_string(size) +
                                     ": it is an old copy. Restore it with the log's tail instead of serving it");
  EGIDE_TRY(const auto root, audit::root_at(log, newest.size));
  if (newest.origin != origin_ || root != newest.root)
    return base::integrity_violation("The log differs from the one in the mirror. Sealed for restore");
  return {};
}

base::Result<void> TailJournal::catch_up(const std::string& note, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (size <= noted_) return {};
  EGIDE_TRY_VOID(connection_->begin_read());
  auto written = write(note, size);
  connection_->rollback();
  if (!written) file_.reset();  // what was written in part is cut off when it is opened again
  return written;
}

base::Result<void> TailJournal::write(const std::string& note, std::uint64_t size) {
  const bool in_place = file_ ? file_->is_at(path_) : path_.empty() || storage::file_exists(path_);
  if (lost_ || !in_place) EGIDE_TRY_VOID(find_again());
  if (path_.empty()) EGIDE_TRY_VOID(begin_file());
  if (!file_) {
    EGIDE_TRY(auto file, storage::GrowingFile::open(path_, good_));
    file_.emplace(std::move(file));
  }
  const storage::LogStore log(*connection_);
  std::string text = good_ == 0 ? origin_line(origin_) : std::string();
  bool sync = false;
  std::uint64_t next = next_;
  while (next < size) {
    EGIDE_TRY(const auto leaves, log.leaves(next, std::min(kAtOnce, size - next)));
    if (leaves.empty()) return base::unavailable("The log's newest entries can't be read");
    for (const auto& leaf : leaves) {
      sync = sync || is_repeated(leaf);
      text += leaf;
    }
    next += leaves.size();
    if (next < size) {
      EGIDE_TRY_VOID(file_->append(text));
      good_ += text.size();
      next_ = next;
      text.clear();
    }
  }
  text += checkpoint_line(note);
  EGIDE_TRY_VOID(file_->append(text));
  if (sync) EGIDE_TRY_VOID(file_->sync());
  good_ += text.size();
  next_ = next;
  noted_ = size;
  newest_note_ = note;
  return {};
}

// At once and not with its first entry, so that the next process goes on with it.
base::Result<void> TailJournal::begin_file() {
  std::string path = directory_ + "/" + file_name(next_);
  if (path == path_) return {};  // it holds nothing yet
  EGIDE_TRY(auto file, storage::GrowingFile::open(path, 0));
  const std::string line = origin_line(origin_);
  EGIDE_TRY_VOID(file.append(line));
  EGIDE_TRY_VOID(file.sync());
  file_.emplace(std::move(file));
  path_ = std::move(path);
  good_ = line.size();
  return {};
}

base::Result<void> TailJournal::begin_new_file(base::Timestamp horizon) {
  const std::lock_guard lock(mutex_);
  if (file_) EGIDE_TRY_VOID(file_->sync());
  EGIDE_TRY_VOID(begin_file());
  const auto files = tail_files(directory_);
  if (!files) return {};
  // A file may go when the next one begins before the horizon: entries are in the order of time.
  for (std::size_t i = 0; i + 1 < files->size(); ++i) {
    EGIDE_TRY(auto reader, TailReader::open((*files)[i + 1]));
    TailLine line;
    do {
      EGIDE_TRY(const bool more, reader.next(line));
      if (!more) return {};
    } while (line.kind != TailLine::Kind::Leaf);
    audit::ParsedLeaf leaf;
    EGIDE_TRY_VOID(audit::parse_leaf(line.text, leaf));
    if (leaf.leaf.time >= horizon) return {};
    std::error_code ignored;
    std::filesystem::remove((*files)[i], ignored);
  }
  return {};
}

}  // namespace egide::vault
