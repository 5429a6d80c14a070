// Prints proofs of egide's prover, one a line, for a foreign verifier: all pairs up to 256 leaves, random ones up to
// 2^20.
//
//   I <index> <size> <leaf hash> <root> <hash>...        inclusion
//   C <old size> <size> <old root> <root> <hash>...      consistency
// Hashes in hex. The seed is printed on standard error.
#include <cstdio>
#include <iostream>
#include <random>

#include "egide/audit/merkle.h"
#include "tree_on_heap.h"

namespace {

using namespace egide;  // NOLINT: a program of one file

base::Hash32 leaf_of(std::uint64_t i) { return audit::leaf_hash(base::le64(i)); }

void print(char kind, std::uint64_t a, std::uint64_t size, const base::Hash32& first, const base::Hash32& root,
           const std::vector<base::Hash32>& proof) {
  std::string line = std::string(1, kind) + " " + std::to_string(a) + " " + std::to_string(size) + " " +
                     base::to_hex(first) + " " + base::to_hex(root);
  for (const auto& hash : proof) line += " " + base::to_hex(hash);
  line += "\n";
  std::cout.write(line.data(), static_cast<std::streamsize>(line.size()));
}

void print_pair(const foreign::TreeOnHeap& tree, std::uint64_t m, std::uint64_t size, const base::Hash32& root) {
  print('I', m - 1, size, leaf_of(m - 1), root, audit::prove_inclusion(tree, m - 1, size).value());
  print('C', m, size, audit::root_at(tree, m).value(), root, audit::prove_consistency(tree, m, size).value());
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  constexpr std::uint64_t kLarge = std::uint64_t{1} << 20;
  constexpr std::uint64_t kSeed = 9162;
  std::cerr << "seed " << kSeed << "\n";
  foreign::TreeOnHeap tree;
  for (std::uint64_t i = 0; i < kLarge; ++i) tree.append(leaf_of(i));
  for (std::uint64_t size = 1; size <= 256; ++size) {
    const auto root = audit::root_at(tree, size).value();
    for (std::uint64_t m = 1; m <= size; ++m) print_pair(tree, m, size, root);
  }
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t size = 1 + random() % kLarge;
    print_pair(tree, 1 + random() % size, size, audit::root_at(tree, size).value());
  }
  return std::cout.flush() ? 0 : 1;
}
