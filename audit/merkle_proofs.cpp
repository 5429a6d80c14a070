// The prover. It first lists the subtrees a proof names, then reads all their stored nodes in one request and folds
// them: a subtree at the right edge is not complete and has no stored hash of its own.
#include <algorithm>
#include <bit>

#include "egide/audit/merkle.h"

namespace egide::audit {
namespace {

using base::Result;

constexpr std::uint64_t kMaxSize = (std::uint64_t{1} << 63) - 1;

struct Range {  // leaves [first, end)
  std::uint64_t first;
  std::uint64_t end;
};

// The largest power of two smaller than n, n >= 2 (RFC 6962, 2.1).
std::uint64_t split(std::uint64_t n) noexcept { return std::bit_floor(n - 1); }

// Appends the stored indexes of the complete subtrees of `range`, largest first. `range.first` is a multiple of a
// power of two not below the range's length, as every subtree of the tree begins.
void list_nodes(const Range& range, std::vector<std::uint64_t>& indexes) {
  std::uint64_t start = range.first;
  while (start < range.end) {
    const std::uint64_t width = std::bit_floor(range.end - start);
    const int level = std::countr_zero(width);
    indexes.push_back(stored_hash_index(level, start >> level));
    start += width;
  }
}

Result<std::vector<Hash32>> read(const NodeReader& nodes, const std::vector<std::uint64_t>& indexes) {
  if (indexes.empty()) return std::vector<Hash32>();
  EGIDE_TRY(auto hashes, nodes.read_nodes(indexes));
  if (hashes.size() != indexes.size()) return base::integrity_violation("A stored node of the log is missing");
  return hashes;
}

Result<std::vector<Hash32>> hash_ranges(const NodeReader& nodes, const std::vector<Range>& ranges) {
  std::vector<std::uint64_t> indexes;
  for (const auto& range : ranges) list_nodes(range, indexes);
  EGIDE_TRY(const auto hashes, read(nodes, indexes));
  std::vector<Hash32> out;
  out.reserve(ranges.size());
  std::size_t next = 0;
  for (const auto& range : ranges) {
    const auto count = static_cast<std::size_t>(std::popcount(range.end - range.first));
    Hash32 hash = hashes[next + count - 1];
    for (std::size_t i = count - 1; i-- > 0;) hash = node_hash(hashes[next + i], hash);
    out.push_back(hash);
    next += count;
  }
  return out;
}

}  // namespace

Result<Hash32> root_at(const NodeReader& nodes, std::uint64_t size) {
  if (size > kMaxSize) return base::invalid_request("The size is too large");
  if (size == 0) return empty_root();
  EGIDE_TRY(const auto hashes, hash_ranges(nodes, {Range{0, size}}));
  return hashes.front();
}

Result<std::vector<Hash32>> prove_inclusion(const NodeReader& nodes, std::uint64_t index, std::uint64_t size) {
  if (size > kMaxSize) return base::invalid_request("The size is too large");
  if (index >= size) return base::invalid_request("The index is not below the size");
  std::vector<Range> siblings;  // from the root down
  Range at{0, size};
  while (at.end - at.first > 1) {
    const std::uint64_t middle = at.first + split(at.end - at.first);
    if (index < middle) {
      siblings.push_back({middle, at.end});
      at.end = middle;
    } else {
      siblings.push_back({at.first, middle});
      at.first = middle;
    }
  }
  std::reverse(siblings.begin(), siblings.end());
  return hash_ranges(nodes, siblings);
}

Result<std::vector<Hash32>> prove_consistency(const NodeReader& nodes, std::uint64_t old_size, std::uint64_t size) {
  if (size > kMaxSize) return base::invalid_request("The size is too large");
  if (old_size == 0 || old_size > size) return base::invalid_request("The old size lies outside the tree");
  std::vector<Range> parts;  // SUBPROOF of RFC 6962, 2.1.2, from the root down
  Range at{0, size};
  bool whole = true;  // the subtree at hand is the whole old tree, whose root the verifier has
  while (at.end != old_size) {
    const std::uint64_t middle = at.first + split(at.end - at.first);
    if (old_size <= middle) {
      parts.push_back({middle, at.end});
      at.end = middle;
    } else {
      parts.push_back({at.first, middle});
      at.first = middle;
      whole = false;
    }
  }
  if (!whole) parts.push_back(at);
  std::reverse(parts.begin(), parts.end());
  return hash_ranges(nodes, parts);
}

}  // namespace egide::audit
