// Prover against verifier, which share no code.
#include <gtest/gtest.h>

#include <random>

#include "egide/audit/merkle.h"
#include "egide/audit/verify.h"
#include "memory_log.h"

namespace egide::audit {
namespace {

using testing::as_proof;
using testing::example_entry;
using testing::MemoryLog;

constexpr std::uint64_t kSmall = 256;

struct SmallTree {
  MemoryLog log;
  std::vector<Hash32> roots{empty_root()};  // by size
  std::vector<Hash32> hashes;               // of leaves
  SmallTree() {
    for (std::uint64_t i = 0; i < kSmall; ++i) {
      log.append(example_entry(i));
      roots.push_back(log.state().root);
      hashes.push_back(leaf_hash(base::as_bytes(log.leaves_.back())));
    }
  }
};

TEST(MerkleProofsTest, GivesTheProofsOfTheWorkedExamples) {
  MemoryLog log;
  for (std::uint64_t i = 0; i < 1000; ++i) log.append(example_entry(i));
  const auto inclusion = prove_inclusion(log, 423, 1000);
  ASSERT_TRUE(inclusion);
  ASSERT_EQ(inclusion->size(), 10u);
  EXPECT_EQ(base::to_base64(inclusion->front()), "fbXyxt+mbfDJ7O/RN/vDWd2TdRIcmW6iPIbzmmk073c=");
  EXPECT_EQ(base::to_base64(inclusion->back()), "094OMM0OjCIrnYDbK/Hj6y2mVKj+GdtBWRtpIqqMhYY=");
  const auto consistency = prove_consistency(log, 700, 1000);
  ASSERT_TRUE(consistency);
  ASSERT_EQ(consistency->size(), 9u);
  EXPECT_EQ(base::to_base64(consistency->front()), "Mxz8UPdjTjHZvDP/N77OJtgGnoUP9aBytr6lm4x2Xl4=");
  EXPECT_EQ(base::to_base64(consistency->back()), "oEbK3J5a5WLgKY/x5khjDedGDQu7azxw2wfnAljlqjU=");
}

TEST(MerkleProofsTest, EveryInclusionUpTo256Verifies) {
  const SmallTree tree;
  for (std::uint64_t size = 1; size <= kSmall; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = prove_inclusion(tree.log, index, size);
      ASSERT_TRUE(proof);
      const auto result = verify_inclusion(index, size, tree.hashes[index], as_proof(*proof), tree.roots[size]);
      ASSERT_TRUE(result) << index << " in " << size << ": " << result.error().message();
      ASSERT_FALSE(verify_inclusion(index ^ 1, size, tree.hashes[index], as_proof(*proof), tree.roots[size]) &&
                   size > 1);
    }
  }
}

TEST(MerkleProofsTest, EveryConsistencyUpTo256Verifies) {
  const SmallTree tree;
  for (std::uint64_t size = 1; size <= kSmall; ++size) {
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = prove_consistency(tree.log, old_size, size);
      ASSERT_TRUE(proof);
      const auto hashes = as_proof(*proof);
      const auto result = verify_consistency(old_size, size, tree.roots[old_size], tree.roots[size], hashes);
      ASSERT_TRUE(result) << old_size << " to " << size << ": " << result.error().message();
      ASSERT_FALSE(verify_consistency(old_size, size, tree.roots[old_size - 1], tree.roots[size], hashes));
      ASSERT_FALSE(verify_consistency(old_size, size, tree.roots[old_size], tree.roots[size - 1], hashes) &&
                   size - 1 != old_size);
    }
  }
}

// Each single-bit or single-hash change of a proof is refused.
TEST(MerkleProofsTest, EverySpoiledProofIsRefused) {
  const SmallTree tree;
  for (const std::uint64_t size : {1u, 2u, 3u, 7u, 64u, 100u, 255u}) {
    for (std::uint64_t m = 1; m <= size; m += 3) {
      const auto inclusion = as_proof(*prove_inclusion(tree.log, m - 1, size));
      const auto consistency = as_proof(*prove_consistency(tree.log, m, size));
      const auto included = [&](const std::vector<base::Bytes>& proof) {
        return verify_inclusion(m - 1, size, tree.hashes[m - 1], proof, tree.roots[size]).has_value();
      };
      const auto consistent = [&](const std::vector<base::Bytes>& proof) {
        return verify_consistency(m, size, tree.roots[m], tree.roots[size], proof).has_value();
      };
      const auto spoil = [](const std::vector<base::Bytes>& good, const auto& accepts) {
        ASSERT_TRUE(accepts(good));
        for (std::size_t i = 0; i < good.size(); ++i) {
          auto bad = good;
          bad[i][i % 32] ^= std::byte{0x10};
          EXPECT_FALSE(accepts(bad));
          bad = good;
          bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
          EXPECT_FALSE(accepts(bad));
          bad = good;
          bad[i].pop_back();
          EXPECT_FALSE(accepts(bad));
        }
        for (std::size_t i = 0; i <= good.size(); ++i) {
          auto bad = good;
          bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(i), base::Bytes(32));
          EXPECT_FALSE(accepts(bad));
        }
      };
      spoil(inclusion, included);
      spoil(consistency, consistent);
    }
  }
}

TEST(MerkleProofsTest, RandomProofsInAMillionLeavesVerify) {
  const std::uint64_t seed = 6962;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  constexpr std::uint64_t kSize = std::uint64_t{1} << 20;
  struct Nodes final : NodeReader {
    std::vector<Hash32> all;
    base::Result<std::vector<Hash32>> read_nodes(const std::vector<std::uint64_t>& indexes) const override {
      std::vector<Hash32> out;
      for (const auto index : indexes) out.push_back(all.at(index));
      return out;
    }
  } nodes;
  nodes.all.reserve(2 * kSize);
  Frontier frontier;
  const auto leaf_of = [](std::uint64_t i) { return leaf_hash(base::le64(i)); };
  for (std::uint64_t i = 0; i < kSize; ++i)
    frontier.append(leaf_of(i), [&](std::uint64_t, const Hash32& hash) { nodes.all.push_back(hash); });
  for (int round = 0; round < 500; ++round) {
    const std::uint64_t size = 1 + random() % kSize;
    const std::uint64_t index = random() % size;
    const auto root = *root_at(nodes, size);
    ASSERT_TRUE(verify_inclusion(index, size, leaf_of(index), as_proof(*prove_inclusion(nodes, index, size)), root));
    const auto old_root = *root_at(nodes, index + 1);
    ASSERT_TRUE(
        verify_consistency(index + 1, size, old_root, root, as_proof(*prove_consistency(nodes, index + 1, size))));
    ASSERT_LE(prove_consistency(nodes, index + 1, size)->size(), 21u);
  }
}

TEST(MerkleProofsTest, RefusesSizesAndIndexesOutsideTheTree) {
  const SmallTree tree;
  constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 63;
  EXPECT_EQ(prove_inclusion(tree.log, 3, 3).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(prove_inclusion(tree.log, 0, kTooLarge).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(prove_consistency(tree.log, 0, 3).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(prove_consistency(tree.log, 4, 3).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(prove_consistency(tree.log, 1, kTooLarge).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(root_at(tree.log, kTooLarge).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(root_at(tree.log, 1000).error().code(), base::ErrorCode::Integrity);  // nodes are missing
  EXPECT_FALSE(verify_inclusion(0, kTooLarge, tree.hashes[0], {}, tree.roots[1]));
  EXPECT_FALSE(verify_inclusion(1, 1, tree.hashes[0], {}, tree.roots[1]));
  EXPECT_FALSE(verify_consistency(0, 0, tree.roots[0], tree.roots[0], {}));
  EXPECT_FALSE(verify_consistency(0, 1, tree.roots[0], tree.roots[1], {}));
  EXPECT_FALSE(verify_consistency(2, 1, tree.roots[2], tree.roots[1], {}));
  EXPECT_FALSE(verify_consistency(kTooLarge, kTooLarge, tree.roots[1], tree.roots[1], {}));
  EXPECT_FALSE(verify_consistency(2, 2, tree.roots[2], tree.roots[1], {}));  // two roots at one size
}

TEST(MerkleProofsTest, ReportsAReaderThatGivesTooFewNodes) {
  struct Short final : NodeReader {
    base::Result<std::vector<Hash32>> read_nodes(const std::vector<std::uint64_t>&) const override {
      return std::vector<Hash32>();
    }
  } nodes;
  EXPECT_EQ(root_at(nodes, 5).error().code(), base::ErrorCode::Integrity);
  EXPECT_EQ(prove_inclusion(nodes, 0, 5).error().code(), base::ErrorCode::Integrity);
}

}  // namespace
}  // namespace egide::audit
