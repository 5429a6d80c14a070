// Tiles (C2SP tlog-tiles v0.1.0): paths, and their content from stored nodes. Tiles are of height 8.
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "egide/audit/merkle.h"
#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::audit {

struct TileAddress {
  bool entries = false;  // tile/entries/...: leaf data instead of hashes
  int level = 0;         // 0 to 5
  std::uint64_t number = 0;
  int width = 256;       // 1 to 256; below 256 a partial tile (.p/W)

  // "x001/x234/067" or "x001/x234/067.p/12"; `level` "0".."5" or "entries". Nothing when not canonical.
  static std::optional<TileAddress> parse(std::string_view level, std::string_view path);
  std::string path() const;  // "tile/0/x001/x234/067.p/12"
};

// Whether the tile exists in a tree of `size` leaves (a full tile, or the partial width that some size up to `size` had).
bool tile_exists(const TileAddress& tile, std::uint64_t size) noexcept;
// width x 32 bytes. NotFound when it does not exist in a tree of `size` leaves.
base::Result<base::Bytes> hash_tile(const NodeReader& nodes, const TileAddress& tile, std::uint64_t size);
// Appends uint16 big-endian length and leaf. InvalidRequest over 65,535 bytes.
base::Result<void> append_bundle_entry(base::Bytes& bundle, base::ByteView leaf);
// The entries of a bundle. Integrity when it is cut or has surplus bytes.
base::Result<std::vector<std::string>> read_bundle(base::ByteView bundle);

}  // namespace egide::audit
