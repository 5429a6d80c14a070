#include "egide/audit/merkle.h"

#include <bit>

#include "egide/crypto/hash.h"

namespace egide::audit {
namespace {

constexpr std::byte kLeafPrefix[1] = {std::byte{0}};
constexpr std::byte kNodePrefix[1] = {std::byte{1}};

}  // namespace

Hash32 empty_root() { return crypto::sha256(base::ByteView()); }

Hash32 leaf_hash(base::ByteView entry) { return crypto::sha256({kLeafPrefix, entry}); }

Hash32 node_hash(const Hash32& left, const Hash32& right) { return crypto::sha256({kNodePrefix, left, right}); }

std::uint64_t stored_hash_index(int level, std::uint64_t n) noexcept {
  // The last leaf of the subtree is m; the subtree stands `level` places after it.
  std::uint64_t index = static_cast<std::uint64_t>(level);
  for (std::uint64_t m = ((n + 1) << level) - 1; m != 0; m >>= 1) index += m;
  return index;
}

std::uint64_t stored_hash_count(std::uint64_t leaves) noexcept {
  return 2 * leaves - static_cast<std::uint64_t>(std::popcount(leaves));
}

base::Result<Frontier> Frontier::restore(std::uint64_t size, std::vector<Hash32> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(size)))
    return base::invalid_request("A frontier has one hash for each bit set in the size");
  Frontier out;
  out.size_ = size;
  out.hashes_ = std::move(hashes);
  return out;
}

Hash32 Frontier::root() const {
  if (hashes_.empty()) return empty_root();
  Hash32 root = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i-- > 0;) root = node_hash(hashes_[i], root);
  return root;
}

std::vector<std::uint64_t> frontier_indexes(std::uint64_t size) {
  std::vector<std::uint64_t> indexes;
  std::uint64_t start = 0;  // first leaf of the next subtree
  for (int level = 63; level >= 0; --level) {
    const std::uint64_t width = std::uint64_t{1} << level;
    if ((size & width) == 0) continue;
    indexes.push_back(stored_hash_index(level, start >> level));
    start += width;
  }
  return indexes;
}

}  // namespace egide::audit
