#include "backup_file.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/running_hash.h"

namespace egide::vault {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::string_view kMagic = "egide-backup/1\n";
constexpr std::size_t kChunk = 64 << 10;
constexpr std::size_t kLongestHeader = 256 << 10;
constexpr std::size_t kLongestManifest = 256 << 10;
constexpr std::int64_t kLargestPart = std::int64_t{1} << 46;

base::Error not_a_backup() { return base::invalid_request("This is not a backup that this egide can read"); }
base::Error damaged() { return base::integrity_violation("The backup is damaged or incomplete"); }

// A key for this one file: the stream does not commit to its key, and none is used twice.
template <typename Use>
auto with_stream_key(const crypto::DerivedKeys& keys, const base::Uuid& id, Use&& use) {
  const std::string text = id.str();
  base::Hash32 key = crypto::blake2b_256(keys.backup_key(), "egide-bak-v1", crypto::enc({base::as_bytes(text)}));
  auto made = use(base::ByteView(key));
  crypto::wipe(key);
  return made;
}

std::string to_line(const BackupHeader& header) {
  Json json = Json::object();
  json["version"] = 1;
  json["id"] = header.id.str();
  json["created_at"] = header.created_at;
  json["unseal"] = header.unseal;
  json["derivation"] = header.derivation;
  return json.dump() + "\n";
}

base::Result<BackupHeader> header_from(std::string_view line) {
  EGIDE_TRY(const Json document, base::parse_json(line));
  ObjectReader in(document, "");
  BackupHeader out;
  in.required_integer("version", 1, 1);
  const auto id = base::Uuid::parse(in.required_string("id"));
  if (!id) in.mistake("id", "must be a UUID");
  out.id = id.value_or(base::Uuid());
  out.created_at = in.required_string("created_at");
  if (!base::parse_rfc3339(out.created_at)) in.mistake("created_at", "must be an RFC 3339 time");
  out.unseal = in.required_string("unseal", {.max = kLongestHeader});
  out.derivation = in.required_string("derivation", {.max = kLongestHeader});
  in.refuse_unknown();
  EGIDE_TRY_VOID(in.finish());
  return out;
}

std::string to_text(const BackupManifest& manifest) {
  Json json = Json::object();
  json["origin"] = manifest.origin;
  json["checkpoint"] = manifest.checkpoint;
  json["people"] = manifest.people;
  if (manifest.oldest_epoch) json["oldest_epoch"] = *manifest.oldest_epoch;
  if (manifest.newest_epoch) json["newest_epoch"] = *manifest.newest_epoch;
  Json parts = Json::array();
  for (const auto& part : manifest.parts)
    parts.push_back({{"name", part.name}, {"size", part.size}, {"sha256", base::to_hex(part.sha256)}});
  json["parts"] = std::move(parts);
  return json.dump();
}

BackupPart part_from(ObjectReader& in) {
  BackupPart part;
  part.name = in.required_choice("name", {"vault.db", "log.key"});
  part.size = static_cast<std::uint64_t>(in.required_integer("size", 0, kLargestPart));
  const auto bytes = base::from_hex(in.required_string("sha256"));
  const auto hash = bytes ? base::to_array<32>(*bytes) : std::nullopt;
  if (!hash) in.mistake("sha256", "must be 64 hex digits");
  part.sha256 = hash.value_or(base::Hash32{});
  in.refuse_unknown();
  return part;
}

base::Result<BackupManifest> manifest_from(std::string_view text) {
  EGIDE_TRY(const Json document, base::parse_json(text));
  ObjectReader in(document, "");
  BackupManifest out;
  const auto epoch = [&in](const char* key) -> std::optional<crypto::Epoch> {
    const auto day = in.optional_integer(key, 0, (std::int64_t{1} << 31) - 1);
    if (!day) return std::nullopt;
    return static_cast<crypto::Epoch>(*day);
  };
  out.origin = in.required_string("origin");
  out.checkpoint = in.required_string("checkpoint", {.min = 0, .max = 4096});
  out.people = in.required_integer("people", 0, std::int64_t{1} << 40);
  out.oldest_epoch = epoch("oldest_epoch");
  out.newest_epoch = epoch("newest_epoch");
  if (const Json* const list = in.required_array("parts", 2); list != nullptr) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      ObjectReader one((*list)[i], "/parts/" + std::to_string(i));
      out.parts.push_back(part_from(one));
      in.take(one);
    }
  }
  in.refuse_unknown();
  EGIDE_TRY_VOID(in.finish());
  if (out.parts.size() != 2 || out.parts[0].name == out.parts[1].name) return damaged();
  return out;
}

}  // namespace

base::Result<BackupWriter> BackupWriter::create(const std::string& path, const BackupHeader& header,
                                                const crypto::DerivedKeys& keys, const BackupManifest& manifest) {
  EGIDE_TRY(auto file, storage::NewFile::create(path));
  const std::string line = to_line(header);
  auto sealer = with_stream_key(keys, header.id, [&](base::ByteView key) {
    return crypto::StreamSealer(key, crypto::sha256(base::as_bytes(line)));
  });
  EGIDE_TRY_VOID(file.write(base::as_bytes(kMagic)));
  EGIDE_TRY_VOID(file.write(base::as_bytes(line)));
  EGIDE_TRY_VOID(file.write(sealer.header()));
  BackupWriter writer(std::move(file), std::move(sealer));
  const std::string text = to_text(manifest);
  EGIDE_TRY_VOID(writer.write(base::le64(text.size())));
  EGIDE_TRY_VOID(writer.write(base::as_bytes(text)));
  return writer;
}

base::Result<void> BackupWriter::write(base::ByteView bytes) {
  while (!bytes.empty()) {
    // A full chunk waits for what comes next: the last one of the stream is marked as such.
    if (pending_.size() == kChunk) {
      EGIDE_TRY_VOID(file_.write(sealer_.seal(pending_, false)));
      pending_.clear();
    }
    const std::size_t more = std::min(kChunk - pending_.size(), bytes.size());
    pending_.insert(pending_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(more));
    bytes = bytes.subspan(more);
  }
  return {};
}

base::Result<void> BackupWriter::finish() {
  EGIDE_TRY_VOID(file_.write(sealer_.seal(pending_, true)));
  return file_.finish();
}

base::Result<BackupReader> BackupReader::open(const std::string& path) {
  EGIDE_TRY(auto file, storage::FileReader::open(path));
  BackupReader reader(std::move(file));
  std::array<std::byte, kMagic.size()> magic{};
  EGIDE_TRY(const std::size_t got, reader.file_.read(magic));
  if (got != magic.size() || base::as_text(magic) != kMagic) return not_a_backup();
  // One byte after the other, so that nothing of the stream is taken: a header is short.
  for (std::array<std::byte, 1> one{}; reader.header_line_.empty() || reader.header_line_.back() != '\n';) {
    EGIDE_TRY(const std::size_t more, reader.file_.read(one));
    if (more == 0 || reader.header_line_.size() > kLongestHeader) return not_a_backup();
    reader.header_line_ += static_cast<char>(one[0]);
  }
  auto header = header_from(reader.header_line_);
  if (!header) return not_a_backup();
  reader.header_ = std::move(*header);
  return reader;
}

base::Result<BackupManifest> BackupReader::unlock(const crypto::DerivedKeys& keys) {
  base::ByteArray<crypto::kStreamHeader> stream{};
  EGIDE_TRY(const std::size_t got, file_.read(stream));
  if (got != stream.size()) return damaged();
  opener_.emplace(with_stream_key(keys, header_.id, [&](base::ByteView key) {
    return crypto::StreamOpener(key, crypto::sha256(base::as_bytes(header_line_)), stream);
  }));
  EGIDE_TRY(const std::string length, take_exactly(8));
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = (size << 8) | static_cast<unsigned char>(length[i]);
  if (size > kLongestManifest) return damaged();
  EGIDE_TRY(const std::string text, take_exactly(static_cast<std::size_t>(size)));
  return manifest_from(text);
}

base::Result<void> BackupReader::fill() {
  if (last_) return damaged();
  base::Bytes sealed(kChunk + crypto::kStreamOverhead);
  EGIDE_TRY(const std::size_t got, file_.read(sealed));
  EGIDE_TRY(auto opened, opener_->open(base::ByteView(sealed).first(got)));
  chunk_ = std::move(opened.first);
  last_ = opened.second;
  used_ = 0;
  return {};
}

base::Result<std::string> BackupReader::take_exactly(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) {
    if (used_ == chunk_.size()) EGIDE_TRY_VOID(fill());
    const std::size_t more = std::min(bytes - out.size(), chunk_.size() - used_);
    if (more == 0 && last_) return damaged();
    out += base::as_text(base::ByteView(chunk_).subspan(used_, more));
    used_ += more;
  }
  return out;
}

base::Result<void> BackupReader::read_part(const BackupPart& part,
                                           const std::function<base::Result<void>(base::ByteView)>& take) {
  crypto::RunningSha256 hash;
  for (std::uint64_t left = part.size; left > 0;) {
    if (used_ == chunk_.size()) EGIDE_TRY_VOID(fill());
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk_.size() - used_));
    if (more == 0 && last_) return damaged();
    const auto bytes = base::ByteView(chunk_).subspan(used_, more);
    hash.add(bytes);
    EGIDE_TRY_VOID(take(bytes));
    used_ += more;
    left -= more;
  }
  if (hash.finish() != part.sha256) return damaged();
  return {};
}

base::Result<void> BackupReader::finish() {
  if (used_ == chunk_.size() && !last_) EGIDE_TRY_VOID(fill());
  std::array<std::byte, 1> one{};
  EGIDE_TRY(const std::size_t more, file_.read(one));
  if (!last_ || used_ != chunk_.size() || more != 0) return damaged();
  return {};
}

}  // namespace egide::vault
