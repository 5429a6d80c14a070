// Which transforms a category gets: the lines with the most specific category that covers it. Two lines may name the
// same category; then both apply, in the order of the pack.
#pragma once

#include <string_view>
#include <vector>

#include "egide/policies/pack.h"

namespace egide::policies {

inline std::vector<TransformKind> transforms_of(const Purpose& purpose, std::string_view category) {
  std::size_t longest = 0;
  std::vector<TransformKind> out;
  for (const Transform& line : purpose.transforms) {
    for (const std::string& key : line.categories) {
      if (!category_covers(key, category) || key.size() < longest) continue;
      if (key.size() > longest) out.clear();
      longest = key.size();
      out.push_back(line.apply);
    }
  }
  return out;
}

// True for transforms that give a single person's reader nothing at all.
inline bool withholds(TransformKind kind) noexcept {
  switch (kind) {
    case TransformKind::Drop:
    case TransformKind::AggregateK:
    case TransformKind::RelayAddress:
    case TransformKind::MergeAfterGeneration:
    case TransformKind::DelayPublication:
      return true;
    case TransformKind::DropUnlessProvided:
    case TransformKind::PseudonymPerTool:
    case TransformKind::KeyedHash:
    case TransformKind::GeneraliseAgeBand:
    case TransformKind::GeneraliseArea:
    case TransformKind::MinimiseSlots:
    case TransformKind::MinimiseCounts:
    case TransformKind::RedactFreeText:
      return false;
  }
  return true;
}

}  // namespace egide::policies
