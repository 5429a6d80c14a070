// Counts what a thread allocates with new, to hold decide() to its word.
#pragma once

namespace egide::policies::testing {

class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;
  int count() const;
};

}  // namespace egide::policies::testing
