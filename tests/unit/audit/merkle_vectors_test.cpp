// Vectors of transparency-dev/merkle, testdata/, commit 417fb0c314750d94e53942e9f92e79b6d35915db (Apache License 2.0).
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "egide/audit/verify.h"
#include "egide/base/json.h"
#include "egide/testing/shared_data.h"

namespace egide::audit {
namespace {

base::Bytes bytes_of(const base::Json& value) {
  const auto bytes = base::from_base64(value.get<std::string>());
  if (!bytes) throw std::runtime_error("not base64");
  return *bytes;
}

std::vector<base::Bytes> proof_of(const base::Json& value) {
  std::vector<base::Bytes> out;
  if (value.is_null()) return out;  // in ten files
  for (const auto& hash : value) out.push_back(bytes_of(hash));
  return out;
}

// Runs `accepts` on every file; asserts how many there are of each kind.
template <typename Accepts>
void run(const std::string& folder, const Accepts& accepts) {
  int valid = 0;
  int invalid = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file() || file.path().extension() != ".json") continue;
    const auto parsed = base::parse_json(egide::testing::read_file(file.path().string()));
    ASSERT_TRUE(parsed) << file.path();
    const bool want_error = parsed->value("wantErr", false);
    EXPECT_EQ(accepts(*parsed), !want_error) << file.path();
    ++(want_error ? invalid : valid);
  }
  EXPECT_EQ(valid, 6);
  EXPECT_EQ(invalid, 92);
}

TEST(MerkleVectorsTest, JudgesAll98InclusionCases) {
  EGIDE_SHARED_OR_SKIP(folder, "vectors/merkle/testdata/inclusion");
  run(folder, [](const base::Json& test) {
    return verify_inclusion(test.at("leafIdx").get<std::uint64_t>(), test.at("treeSize").get<std::uint64_t>(),
                            bytes_of(test.at("leafHash")), proof_of(test.at("proof")), bytes_of(test.at("root")))
        .has_value();
  });
}

TEST(MerkleVectorsTest, JudgesAll98ConsistencyCases) {
  EGIDE_SHARED_OR_SKIP(folder, "vectors/merkle/testdata/consistency");
  run(folder, [](const base::Json& test) {
    return verify_consistency(test.at("size1").get<std::uint64_t>(), test.at("size2").get<std::uint64_t>(),
                              bytes_of(test.at("root1")), bytes_of(test.at("root2")), proof_of(test.at("proof")))
        .has_value();
  });
}

}  // namespace
}  // namespace egide::audit
