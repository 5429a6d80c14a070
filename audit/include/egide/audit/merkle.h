// The Merkle tree of RFC 6962, section 2.1, over SHA-256, and the prover. The verifier (verify.h) is written apart and
// takes nothing from here.
//
// Nodes are stored in dense Crosby-Wallach order: each leaf hash is followed by every subtree it completes.
// Thread safety: free functions without state; a Frontier is a plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::audit {

using base::Hash32;

Hash32 empty_root();
Hash32 leaf_hash(base::ByteView entry);                 // SHA-256(0x00 || entry)
Hash32 node_hash(const Hash32& left, const Hash32& right);  // SHA-256(0x01 || left || right)

// index = level + sum over k >= 0 of (m >> k), m = ((n + 1) << level) - 1.
std::uint64_t stored_hash_index(int level, std::uint64_t n) noexcept;
// 2N - popcount(N).
std::uint64_t stored_hash_count(std::uint64_t leaves) noexcept;

// The roots of the complete subtrees of a tree of `size` leaves, largest first: all that appending needs.
class Frontier {
 public:
  Frontier() = default;
  // `hashes` as hashes() gives them; InvalidRequest when their number is not popcount(size).
  static base::Result<Frontier> restore(std::uint64_t size, std::vector<Hash32> hashes);

  // Appends one leaf hash. Calls `store(index, hash)` for the leaf and every subtree it completes, in stored order.
  template <typename Store>
  void append(const Hash32& leaf, Store&& store) {
    std::uint64_t index = stored_hash_count(size_);
    Hash32 hash = leaf;
    store(index++, hash);
    for (std::uint64_t n = size_; (n & 1) == 1; n >>= 1) {
      hash = node_hash(hashes_.back(), hash);
      hashes_.pop_back();
      store(index++, hash);
    }
    hashes_.push_back(hash);
    ++size_;
  }
  Hash32 root() const;
  std::uint64_t size() const noexcept { return size_; }
  const std::vector<Hash32>& hashes() const noexcept { return hashes_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash32> hashes_;
};

// Stored indexes of the frontier of a tree of `size` leaves, largest subtree first.
std::vector<std::uint64_t> frontier_indexes(std::uint64_t size);

// Port: reads stored node hashes. Implemented by src/storage and by tests. Integrity when one is missing.
class NodeReader {
 public:
  virtual ~NodeReader() = default;
  virtual base::Result<std::vector<Hash32>> read_nodes(const std::vector<std::uint64_t>& indexes) const = 0;
};

base::Result<Hash32> root_at(const NodeReader& nodes, std::uint64_t size);
// RFC 6962, 2.1.1. InvalidRequest when index >= size.
base::Result<std::vector<Hash32>> prove_inclusion(const NodeReader& nodes, std::uint64_t index, std::uint64_t size);
// RFC 6962, 2.1.2, for 0 < old_size <= size. InvalidRequest otherwise.
base::Result<std::vector<Hash32>> prove_consistency(const NodeReader& nodes, std::uint64_t old_size, std::uint64_t size);

}  // namespace egide::audit
