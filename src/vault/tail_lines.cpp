#include "tail_lines.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "egide/audit/leaf.h"
#include "egide/base/json.h"
#include "log_tail.h"

namespace egide::vault {
namespace {

constexpr std::string_view kFormat = "egide.log-tail/1";
constexpr std::string_view kCheckpointStart = "{\"checkpoint\":\"";
constexpr std::string_view kCheckpointEnd = "\"}\n";
constexpr std::size_t kLongestLine = 128 << 10;

}  // namespace

std::string origin_line(const std::string& origin) {
  base::Json json = base::Json::object();
  json["format"] = std::string(kFormat);
  json["origin"] = origin;
  return json.dump() + "\n";
}

std::string checkpoint_line(const std::string& note) {
  return std::string(kCheckpointStart) + base::to_base64(base::as_bytes(note)) + std::string(kCheckpointEnd);
}

base::Result<TailReader> TailReader::open(const std::string& path) {
  EGIDE_TRY(auto file, storage::FileReader::open(path));
  return TailReader(std::move(file), path);
}

base::Result<bool> TailReader::next_text(std::string& text) {
  for (;;) {
    const auto end = buffer_.find('\n', at_);
    if (end != std::string::npos) {
      text.assign(buffer_, at_, end + 1 - at_);
      at_ = end + 1;
      whole_ += text.size();
      return true;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    if (buffer_.size() > kLongestLine) return base::invalid_request("This is not a log tail: " + path_);
    base::Bytes part(64 << 10);
    EGIDE_TRY(const std::size_t got, file_.read(part));
    if (got == 0) return false;
    buffer_ += base::as_text(base::ByteView(part).first(got));
  }
}

base::Result<bool> TailReader::next(TailLine& line) {
  EGIDE_TRY(const bool found, next_text(line.text));
  if (!found) return false;
  ++number_;
  const auto wrong = [&] {
    return base::invalid_request("This is not a line of a log tail: " + path_ + ", line " + std::to_string(number_));
  };
  if (number_ == 1) {
    const auto json = base::parse_json(line.text);
    if (!json) return wrong();
    base::ObjectReader in(*json, "");
    in.required_choice("format", {kFormat});
    line.kind = TailLine::Kind::Origin;
    line.text = in.required_string("origin");
    in.refuse_unknown();
    if (!in.finish()) return wrong();
  } else if (line.text.starts_with(kCheckpointStart) && line.text.ends_with(kCheckpointEnd)) {
    const auto note = base::from_base64(std::string_view(line.text).substr(
        kCheckpointStart.size(), line.text.size() - kCheckpointStart.size() - kCheckpointEnd.size()));
    if (!note) return wrong();
    line.kind = TailLine::Kind::Checkpoint;
    line.text = base::as_text(*note);
  } else {
    audit::ParsedLeaf leaf;
    if (!audit::parse_leaf(line.text, leaf)) return wrong();
    line.kind = TailLine::Kind::Leaf;
    line.index = leaf.leaf.index;
  }
  return true;
}

base::Result<std::vector<std::string>> tail_files(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, failed))
    if (entry.path().extension() == kTailExtension) files.push_back(entry.path().string());
  if (failed) return base::unavailable("The directory can't be read: " + path);
  if (files.empty()) return base::not_found("There is no log tail (*.tail) in " + path);
  std::sort(files.begin(), files.end());  // names carry the index of the first entry, with leading zeros
  return files;
}

}  // namespace egide::vault
