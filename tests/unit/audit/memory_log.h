// A whole log in memory, honest by default: leaves, stored nodes, a signed checkpoint. Tests then spoil one part of it.
#pragma once

#include <string>
#include <vector>

#include "egide/audit/log_verifier.h"
#include "egide/audit/note.h"
#include "egide/base/check.h"
#include "egide/crypto/secret.h"

namespace egide::audit::testing {

inline constexpr char kOrigin[] = "egide.example.org/audit/2026";

// The key of a seed of 32 equal bytes, as the worked examples use them.
inline crypto::SigningKey key_of(unsigned char fill) {
  EGIDE_CHECK(crypto::initialize().has_value());
  return crypto::SigningKey::from_seed(base::Bytes(32, static_cast<std::byte>(fill))).value();
}

inline VerifierKey verifier_of(const crypto::SigningKey& key, const std::string& name = kOrigin) {
  return VerifierKey::make(name, key.public_key());
}

// The entries of the worked checkpoint: not canonical leaves, since the tree takes any bytes.
inline std::string example_entry(std::uint64_t i) {
  return R"({"v":1,"i":)" + std::to_string(i) + R"(,"ev":"test"})" + "\n";
}

inline Leaf plain_leaf(LeafIndex index) {
  Leaf leaf;
  leaf.index = index;
  leaf.time = base::Timestamp(std::chrono::milliseconds(1795000000000 + static_cast<std::int64_t>(index / 3)));
  leaf.event = event::kRecordRead;
  leaf.purpose = "membership";
  leaf.outcome = Outcome::Allow;
  return leaf;
}

inline std::string line_of(const Leaf& leaf) {
  std::string out;
  const auto written = write_leaf(leaf, out);
  EGIDE_CHECK(written.has_value());
  return out;
}

class MemoryLog final : public LogSource, public NodeReader {
 public:
  MemoryLog() = default;
  explicit MemoryLog(std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) append(line_of(plain_leaf(i)));
  }

  void append(std::string line) {
    frontier_.append(leaf_hash(base::as_bytes(line)), [this](std::uint64_t index, const Hash32& hash) {
      EGIDE_CHECK(index == nodes_.size());
      nodes_.push_back(hash);
    });
    leaves_.push_back(std::move(line));
  }
  Checkpoint state() const { return {kOrigin, frontier_.size(), frontier_.root()}; }
  std::string sign(const crypto::SigningKey& key) { return note = sign_checkpoint(state(), key); }
  std::uint64_t size() const { return leaves_.size(); }

  base::Result<std::string> checkpoint() override { return note; }
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    std::vector<std::string> out;
    for (std::uint64_t i = from; i < from + count && i < leaves_.size(); ++i) out.push_back(leaves_[i]);
    largest_request = std::max(largest_request, count);
    return out;
  }
  base::Result<std::vector<base::Hash32>> nodes(std::uint64_t from, std::uint64_t count) override {
    std::vector<base::Hash32> out;
    if (!offers_nodes) return out;
    for (std::uint64_t i = from; i < from + count && i < nodes_.size(); ++i) out.push_back(nodes_[i]);
    return out;
  }
  base::Result<std::vector<Hash32>> read_nodes(const std::vector<std::uint64_t>& indexes) const override {
    std::vector<Hash32> out;
    for (const auto index : indexes) {
      if (index >= nodes_.size()) return base::integrity_violation("no such node");
      out.push_back(nodes_[index]);
    }
    return out;
  }

  std::string note;
  bool offers_nodes = true;
  std::uint64_t largest_request = 0;
  std::vector<std::string> leaves_;
  std::vector<Hash32> nodes_;

 private:
  Frontier frontier_;
};

inline std::vector<base::Bytes> as_proof(const std::vector<Hash32>& hashes) {
  std::vector<base::Bytes> out;
  for (const auto& hash : hashes) out.push_back(base::to_bytes(base::ByteView(hash)));
  return out;
}

}  // namespace egide::audit::testing
