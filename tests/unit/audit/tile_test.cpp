#include "egide/audit/tile.h"

#include <gtest/gtest.h>

#include "memory_log.h"

namespace egide::audit {
namespace {

using testing::example_entry;
using testing::MemoryLog;

TEST(TileTest, WritesAndReadsPaths) {
  const auto round = [](std::string_view level, std::string_view path) {
    const auto tile = TileAddress::parse(level, path);
    return tile ? tile->path() : std::string("refused");
  };
  EXPECT_EQ(round("0", "x001/x234/067"), "tile/0/x001/x234/067");
  EXPECT_EQ(round("5", "x001/x234/067.p/12"), "tile/5/x001/x234/067.p/12");
  EXPECT_EQ(round("entries", "000"), "tile/entries/000");
  EXPECT_EQ(round("entries", "x001/000.p/255"), "tile/entries/x001/000.p/255");
  EXPECT_EQ(TileAddress::parse("0", "x001/x234/067")->number, 1234067u);
  EXPECT_EQ(TileAddress::parse("0", "x001/x234/067")->width, 256);
}

TEST(TileTest, RefusesPathsThatAreNotCanonical) {
  for (const std::string_view path : {"",         "0",         "00",          "0000",
                                      "x000/001", "x001",      "x001/",       "001/002",
                                      "x01/002",  "x001/x002", "x1000/000",   "/000",
                                      "000/",     "000.p/0",   "000.p/256",   "000.p/01",
                                      "000.p/",   "000.p/-1",  "000.p/1.p/1", "000.q/1",
                                      "00a",      "-01",       "x001/../000", "x999/x999/x999/x999/x999/x999/999"})
    EXPECT_FALSE(TileAddress::parse("0", path)) << path;
  for (const std::string_view level : {"", "6", "00", "-1", "8", "data", "Entries", "entries/"})
    EXPECT_FALSE(TileAddress::parse(level, "000")) << level;
}

TEST(TileTest, ExistsWhereSomeSizeUpToTheTreesHadIt) {
  const auto exists = [](const char* level, const char* path, std::uint64_t size) {
    return tile_exists(*TileAddress::parse(level, path), size);
  };
  EXPECT_TRUE(exists("0", "002", 1000));
  EXPECT_FALSE(exists("0", "003", 1000));
  EXPECT_TRUE(exists("0", "003.p/232", 1000));
  EXPECT_TRUE(exists("0", "003.p/1", 1000));
  EXPECT_FALSE(exists("0", "003.p/233", 1000));  // wider than the size
  EXPECT_TRUE(exists("1", "000.p/3", 1000));
  EXPECT_FALSE(exists("1", "000.p/4", 1000));  // a partial tile is never hashed upward
  EXPECT_FALSE(exists("2", "000.p/1", 1000));
  EXPECT_TRUE(exists("entries", "003.p/232", 1000));
  EXPECT_FALSE(exists("entries", "004.p/1", 1000));
  EXPECT_FALSE(exists("0", "000.p/1", 0));
  EXPECT_FALSE(exists("0", "000.p/1", std::uint64_t{1} << 63));
  EXPECT_TRUE(exists("5", "000.p/1", std::uint64_t{1} << 40));
  EXPECT_FALSE(exists("5", "000.p/1", (std::uint64_t{1} << 40) - 1));
}

TEST(TileTest, GivesTheStoredHashesOfItsLevel) {
  MemoryLog log;
  for (std::uint64_t i = 0; i < 1000; ++i) log.append(example_entry(i));
  const auto partial = hash_tile(log, *TileAddress::parse("0", "003.p/232"), 1000);
  ASSERT_TRUE(partial);
  ASSERT_EQ(partial->size(), 232u * 32);
  for (std::size_t i = 0; i < 232; ++i) {
    const auto expected = leaf_hash(base::as_bytes(log.leaves_[768 + i]));
    ASSERT_TRUE(std::equal(expected.begin(), expected.end(), partial->begin() + static_cast<std::ptrdiff_t>(i * 32)));
  }
  const auto upper = hash_tile(log, *TileAddress::parse("1", "000.p/3"), 1000);
  ASSERT_TRUE(upper);
  ASSERT_EQ(upper->size(), 3u * 32);
  const auto first = root_at(log, 256);  // the first hash of level 1 is the root of the first 256 leaves
  EXPECT_TRUE(std::equal(first->begin(), first->end(), upper->begin()));
  EXPECT_EQ(hash_tile(log, *TileAddress::parse("0", "000"), 1000)->size(), 8192u);
}

TEST(TileTest, RefusesTilesTheLogDoesNotHave) {
  MemoryLog log;
  for (std::uint64_t i = 0; i < 300; ++i) log.append(example_entry(i));
  for (const auto& [level, path] : {std::pair("0", "001"), std::pair("0", "001.p/45"), std::pair("1", "000"),
                                    std::pair("0", "002.p/1"), std::pair("entries", "000")}) {
    const auto tile = hash_tile(log, *TileAddress::parse(level, path), 300);
    ASSERT_FALSE(tile) << path;
    EXPECT_EQ(tile.error().code(), base::ErrorCode::NotFound);
  }
  // A tile of a size the server had not signed yet, though it has the nodes.
  EXPECT_FALSE(hash_tile(log, *TileAddress::parse("0", "001.p/44"), 299));
  EXPECT_TRUE(hash_tile(log, *TileAddress::parse("0", "001.p/44"), 300));
}

TEST(BundleTest, ReadsBackWhatItWrites) {
  base::Bytes bundle;
  const std::string longest(65535, 'x');
  ASSERT_TRUE(append_bundle_entry(bundle, base::as_bytes("ab\n")));
  ASSERT_TRUE(append_bundle_entry(bundle, {}));
  ASSERT_TRUE(append_bundle_entry(bundle, base::as_bytes(longest)));
  EXPECT_EQ(base::to_hex(base::ByteView(bundle).first(9)), "000361620a0000ffff");
  const auto entries = read_bundle(bundle);
  ASSERT_TRUE(entries);
  EXPECT_EQ(*entries, (std::vector<std::string>{"ab\n", "", longest}));
  EXPECT_TRUE(read_bundle({})->empty());
}

TEST(BundleTest, RefusesWhatItCannotHold) {
  base::Bytes bundle;
  const std::string too_long(65536, 'x');
  EXPECT_EQ(append_bundle_entry(bundle, base::as_bytes(too_long)).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_TRUE(bundle.empty());
  ASSERT_TRUE(append_bundle_entry(bundle, base::as_bytes("abc")));
  for (std::size_t length = 1; length < bundle.size(); ++length)
    EXPECT_EQ(read_bundle(base::ByteView(bundle).first(length)).error().code(), base::ErrorCode::Integrity);
  bundle.push_back(std::byte{0});
  EXPECT_FALSE(read_bundle(bundle));
  EXPECT_TRUE(read_bundle(base::Bytes(2 * 256)));   // 256 empty entries
  EXPECT_FALSE(read_bundle(base::Bytes(2 * 257)));  // one too many
}

}  // namespace
}  // namespace egide::audit
