// A tree that keeps its stored nodes in memory, for the writers of this folder.
#pragma once

#include <string>
#include <vector>

#include "egide/audit/merkle.h"

namespace egide::foreign {

class TreeOnHeap final : public audit::NodeReader {
 public:
  void append(const base::Hash32& leaf) {
    frontier_.append(leaf, [this](std::uint64_t, const base::Hash32& hash) { nodes_.push_back(hash); });
  }
  base::Result<std::vector<base::Hash32>> read_nodes(const std::vector<std::uint64_t>& indexes) const override {
    std::vector<base::Hash32> out;
    for (const auto index : indexes) out.push_back(nodes_.at(index));
    return out;
  }
  std::uint64_t size() const { return frontier_.size(); }

 private:
  audit::Frontier frontier_;
  std::vector<base::Hash32> nodes_;
};

}  // namespace egide::foreign
