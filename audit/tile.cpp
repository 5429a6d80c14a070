#include "egide/audit/tile.h"

#include <vector>

#include "note_lines.h"

namespace egide::audit {
namespace {

constexpr int kMaxLevel = 5;
constexpr std::uint64_t kFullWidth = 256;
constexpr std::uint64_t kMaxSize = (std::uint64_t{1} << 63) - 1;
constexpr std::uint64_t kMaxNumber = kMaxSize / kFullWidth;

// "x001/x234/067"
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  for (bool first = true;; first = false) {
    const bool more = text.starts_with('x');
    if (more) text.remove_prefix(1);
    if (text.size() < 3) return std::nullopt;
    std::uint64_t group = 0;
    for (const char c : text.substr(0, 3)) {
      if (c < '0' || c > '9') return std::nullopt;
      group = group * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (first && more && group == 0) return std::nullopt;  // leading zeros
    number = number * 1000 + group;
    if (number > kMaxNumber) return std::nullopt;
    text.remove_prefix(3);
    if (!more) return text.empty() ? std::optional(number) : std::nullopt;
    if (!text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
  }
}

std::string three_digits(std::uint64_t group) {
  std::string out = std::to_string(group);
  out.insert(0, 3 - out.size(), '0');
  return out;
}

std::string number_path(std::uint64_t number) {
  std::string out = three_digits(number % 1000);
  for (number /= 1000; number > 0; number /= 1000) out.insert(0, "x" + three_digits(number % 1000) + "/");
  return out;
}

}  // namespace

std::optional<TileAddress> TileAddress::parse(std::string_view level, std::string_view path) {
  TileAddress out;
  if (level == "entries") {
    out.entries = true;
  } else if (level.size() == 1 && level[0] >= '0' && level[0] <= '0' + kMaxLevel) {
    out.level = level[0] - '0';
  } else {
    return std::nullopt;
  }
  if (const auto dot = path.find(".p/"); dot != std::string_view::npos) {
    const auto width = parse_decimal(path.substr(dot + 3));
    if (!width || *width == 0 || *width >= kFullWidth) return std::nullopt;
    out.width = static_cast<int>(*width);
    path = path.substr(0, dot);
  }
  const auto number = parse_number(path);
  if (!number) return std::nullopt;
  out.number = *number;
  return out;
}

std::string TileAddress::path() const {
  std::string out = "tile/" + (entries ? std::string("entries") : std::to_string(level)) + "/" + number_path(number);
  if (width < static_cast<int>(kFullWidth)) out += ".p/" + std::to_string(width);
  return out;
}

bool tile_exists(const TileAddress& tile, std::uint64_t size) noexcept {
  if (size > kMaxSize || tile.level < 0 || tile.level > kMaxLevel || tile.width < 1 ||
      tile.width > static_cast<int>(kFullWidth) || tile.number > kMaxNumber)
    return false;
  // Hashes of the tile's level in the tree. A level holds complete subtrees only.
  const std::uint64_t hashes = size >> (8 * (tile.entries ? 0 : tile.level));
  return tile.number * kFullWidth + static_cast<std::uint64_t>(tile.width) <= hashes;
}

base::Result<base::Bytes> hash_tile(const NodeReader& nodes, const TileAddress& tile, std::uint64_t size) {
  if (tile.entries || !tile_exists(tile, size)) return base::not_found("The log has no such tile");
  std::vector<std::uint64_t> indexes;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(tile.width); ++i)
    indexes.push_back(stored_hash_index(8 * tile.level, tile.number * kFullWidth + i));
  EGIDE_TRY(const auto hashes, nodes.read_nodes(indexes));
  if (hashes.size() != indexes.size()) return base::integrity_violation("A stored node of the log is missing");
  base::Bytes out;
  out.reserve(hashes.size() * 32);
  for (const auto& hash : hashes) out.insert(out.end(), hash.begin(), hash.end());
  return out;
}

base::Result<void> append_bundle_entry(base::Bytes& bundle, base::ByteView leaf) {
  if (leaf.size() > 0xffff) return base::invalid_request("The entry is longer than 65,535 bytes");
  base::append_be16(bundle, static_cast<std::uint16_t>(leaf.size()));
  bundle.insert(bundle.end(), leaf.begin(), leaf.end());
  return {};
}

base::Result<std::vector<std::string>> read_bundle(base::ByteView bundle) {
  std::vector<std::string> out;
  while (!bundle.empty()) {
    if (out.size() == kFullWidth) return base::integrity_violation("The bundle has more than 256 entries");
    if (bundle.size() < 2) return base::integrity_violation("The bundle is cut inside a length");
    const auto length = std::to_integer<std::size_t>(bundle[0]) << 8 | std::to_integer<std::size_t>(bundle[1]);
    bundle = bundle.subspan(2);
    if (bundle.size() < length) return base::integrity_violation("The bundle is cut inside an entry");
    out.emplace_back(base::as_text(bundle.first(length)));
    bundle = bundle.subspan(length);
  }
  return out;
}

}  // namespace egide::audit
