#include "egide/audit/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "egide/crypto/hash.h"
#include "memory_log.h"

namespace egide::audit {
namespace {

using testing::example_entry;
using testing::MemoryLog;

MemoryLog example_log(std::uint64_t size) {
  MemoryLog log;
  for (std::uint64_t i = 0; i < size; ++i) log.append(example_entry(i));
  return log;
}

// The definition of RFC 6962, 2.1, without a thought for speed.
base::Hash32 naive_root(const std::vector<std::string>& entries, std::size_t first, std::size_t end) {
  if (first == end) return crypto::sha256(base::ByteView());
  if (end - first == 1) {
    const std::string data = std::string(1, '\0') + entries[first];
    return crypto::sha256(base::as_bytes(data));
  }
  std::size_t k = 1;
  while (k * 2 < end - first) k *= 2;
  const auto left = naive_root(entries, first, first + k);
  const auto right = naive_root(entries, first + k, end);
  const std::byte prefix[1] = {std::byte{1}};
  return crypto::sha256({prefix, left, right});
}

TEST(MerkleTest, GivesTheRootsOfTheWorkedExamples) {
  EXPECT_EQ(base::to_base64(empty_root()), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  const std::map<std::uint64_t, std::string> roots = {
      {1, "176xRzTD7TmMYsXQq5fDcP2An31toHBVTQUmL2Gi3Ac="},   {2, "wmvcNQBxKB3DPhKqmrNnjqx8s3e9JszCoD0MwZEWrso="},
      {3, "UfaXe0aeNP6adtLBPhEe1b0g+22UXZH0dzXaJa8xfGQ="},   {7, "UELEe3nfPbPodsaS0WkqipBhM1W6lCMeDwAXz0faOfQ="},
      {700, "SCdAo+sa7IR5aklnFvtSel6bi55w3ehRxLeR7HS2NpI="}, {1000, "rF85lmxX8Cprbbj0yHGl32hlQ74Hk4zgYbppKmEflZo="}};
  const auto log = example_log(1000);
  for (const auto& [size, root] : roots) {
    EXPECT_EQ(base::to_base64(example_log(size).state().root), root) << size;
    EXPECT_EQ(base::to_base64(*root_at(log, size)), root) << size;
  }
}

TEST(MerkleTest, NumbersStoredNodesAsSpecified) {
  EXPECT_EQ(stored_hash_index(0, 0), 0u);
  EXPECT_EQ(stored_hash_index(0, 1), 1u);
  EXPECT_EQ(stored_hash_index(1, 0), 2u);
  EXPECT_EQ(stored_hash_index(0, 2), 3u);
  EXPECT_EQ(stored_hash_index(0, 3), 4u);
  EXPECT_EQ(stored_hash_index(1, 1), 5u);
  EXPECT_EQ(stored_hash_index(2, 0), 6u);
  EXPECT_EQ(stored_hash_index(0, 423), 840u);
  EXPECT_EQ(stored_hash_count(1000), 1994u);
  EXPECT_EQ(stored_hash_count(0), 0u);
  const auto log = example_log(1000);
  EXPECT_EQ(log.nodes_.size(), 1994u);
}

TEST(MerkleTest, StoresEachCompleteSubtreeWhereTheIndexSays) {
  const auto log = example_log(300);
  for (int level = 0; level <= 8; ++level) {
    for (std::uint64_t n = 0; (n + 1) << level <= 300; ++n) {
      const auto first = static_cast<std::size_t>(n << level);
      const auto end = static_cast<std::size_t>((n + 1) << level);
      ASSERT_EQ(log.nodes_[stored_hash_index(level, n)], naive_root(log.leaves_, first, end)) << level << " " << n;
    }
  }
}

TEST(MerkleTest, FrontierAndStoredNodesAgreeWithTheNaiveTree) {
  const auto all = example_log(300);
  Frontier frontier;
  for (std::uint64_t size = 0; size <= 300; ++size) {
    const auto expected = naive_root(all.leaves_, 0, static_cast<std::size_t>(size));
    ASSERT_EQ(frontier.root(), expected) << size;
    ASSERT_EQ(*root_at(all, size), expected) << size;
    const auto indexes = frontier_indexes(size);
    ASSERT_EQ(indexes.size(), static_cast<std::size_t>(std::popcount(size)));
    ASSERT_EQ(*all.read_nodes(indexes), frontier.hashes()) << size;
    if (size < 300)
      frontier.append(leaf_hash(base::as_bytes(all.leaves_[static_cast<std::size_t>(size)])),
                      [](std::uint64_t, const base::Hash32&) {});
  }
}

TEST(MerkleTest, GoesOnFromARestoredFrontier) {
  const auto log = example_log(700);
  auto frontier = Frontier::restore(700, *log.read_nodes(frontier_indexes(700)));
  ASSERT_TRUE(frontier);
  EXPECT_EQ(frontier->root(), log.state().root);
  const auto all = example_log(1000);
  for (std::size_t i = 700; i < 1000; ++i) {
    frontier->append(leaf_hash(base::as_bytes(all.leaves_[i])), [&](std::uint64_t index, const base::Hash32& hash) {
      ASSERT_EQ(all.nodes_[static_cast<std::size_t>(index)], hash);
    });
  }
  EXPECT_EQ(frontier->root(), all.state().root);
  EXPECT_EQ(frontier->size(), 1000u);
}

TEST(MerkleTest, RefusesAFrontierOfAnotherSize) {
  EXPECT_FALSE(Frontier::restore(3, {}));
  EXPECT_FALSE(Frontier::restore(4, std::vector<base::Hash32>(2)));
  EXPECT_TRUE(Frontier::restore(0, {}));
}

}  // namespace
}  // namespace egide::audit
