// RFC 9162, 2.1.3.2 and 2.1.4.2, step by step. It includes nothing of the prover, on purpose.
#include "egide/audit/verify.h"

#include <algorithm>
#include <bit>

#include "egide/crypto/hash.h"

namespace egide::audit {
namespace {

using base::ByteView;
using base::integrity_violation;
using base::Result;

constexpr std::size_t kHashSize = 32;
constexpr std::uint64_t kMaxSize = (std::uint64_t{1} << 63) - 1;

base::Hash32 parent(ByteView left, ByteView right) {
  constexpr std::byte kPrefix[1] = {std::byte{1}};
  return crypto::sha256({kPrefix, left, right});
}

bool same(ByteView a, ByteView b) noexcept { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

Result<void> check_lengths(const std::vector<base::Bytes>& proof, ByteView first, ByteView second) {
  if (first.size() != kHashSize || second.size() != kHashSize)
    return integrity_violation("A root or leaf hash does not have 32 bytes");
  for (const auto& hash : proof)
    if (hash.size() != kHashSize) return integrity_violation("A hash of the proof does not have 32 bytes");
  return {};
}

bool is_right_child(std::uint64_t n) noexcept { return (n & 1) == 1; }

// Steps 4.b.i.A-B: up to where the path is a right child again.
void skip_to_right_child(std::uint64_t& fn, std::uint64_t& sn) noexcept {
  while (!is_right_child(fn) && fn != 0) {
    fn >>= 1;
    sn >>= 1;
  }
}

}  // namespace

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, ByteView leaf_hash,
                              const std::vector<base::Bytes>& proof, ByteView root) {
  if (size > kMaxSize) return integrity_violation("The tree size passes 2^63-1");
  if (index >= size) return integrity_violation("The index is not below the tree size");
  EGIDE_TRY_VOID(check_lengths(proof, leaf_hash, root));
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  base::Hash32 r{};
  std::copy(leaf_hash.begin(), leaf_hash.end(), r.begin());
  for (const auto& p : proof) {
    if (sn == 0) return integrity_violation("The inclusion proof has surplus hashes");
    if (is_right_child(fn) || fn == sn) {
      r = parent(p, r);
      skip_to_right_child(fn, sn);
    } else {
      r = parent(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return integrity_violation("The inclusion proof is too short");
  if (!same(r, root)) return integrity_violation("The inclusion proof leads to another root");
  return {};
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t size, ByteView old_root, ByteView root,
                                const std::vector<base::Bytes>& proof) {
  if (size > kMaxSize) return integrity_violation("The tree size passes 2^63-1");
  if (old_size == 0) return integrity_violation("No consistency proof exists for an empty old tree");
  if (old_size > size) return integrity_violation("The old tree is larger than the new one");
  if (old_size == size) {  // nothing is hashed, so the length of the roots plays no part (a vector has 12 bytes)
    if (!proof.empty()) return integrity_violation("The consistency proof has surplus hashes");
    if (!same(old_root, root)) return integrity_violation("Two roots for one tree size");
    return {};
  }
  EGIDE_TRY_VOID(check_lengths(proof, old_root, root));
  if (proof.empty()) return integrity_violation("The consistency proof is too short");

  // An old tree of a power of two is a node of the new one: the proof leaves its root out.
  const bool root_left_out = std::has_single_bit(old_size);
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = size - 1;
  while (is_right_child(fn)) {
    fn >>= 1;
    sn >>= 1;
  }
  const ByteView first = root_left_out ? old_root : ByteView(proof.front());
  base::Hash32 fr{};
  std::copy(first.begin(), first.end(), fr.begin());
  base::Hash32 sr = fr;
  for (std::size_t i = root_left_out ? 0 : 1; i < proof.size(); ++i) {
    const auto& c = proof[i];
    if (sn == 0) return integrity_violation("The consistency proof has surplus hashes");
    if (is_right_child(fn) || fn == sn) {
      fr = parent(c, fr);
      sr = parent(c, sr);
      skip_to_right_child(fn, sn);
    } else {
      sr = parent(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return integrity_violation("The consistency proof is too short");
  if (!same(fr, old_root)) return integrity_violation("The consistency proof does not start from the old root");
  if (!same(sr, root)) return integrity_violation("The consistency proof leads to another root");
  return {};
}

}  // namespace egide::audit
