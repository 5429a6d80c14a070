// Numbers keys in the order in which they first come: 0, 1, 2, ... A flat table with open addressing, since the search
// over the lattice does little else; std::unordered_map took four fifths of its time.
//
// Thread safety: one object a thread.
#pragma once

#include <cstdint>
#include <vector>

namespace egide::anonymity {

class KeyNumbers {
 public:
  // For at most `most` different keys.
  explicit KeyNumbers(std::size_t most) {
    std::size_t size = 16;
    while (size < 2 * most) size *= 2;
    keys_.resize(size);
    numbers_.assign(size, kNone);
  }
  std::uint32_t number_of(std::uint64_t key) {
    const std::size_t mask = keys_.size() - 1;
    std::size_t at = mixed(key) & mask;
    while (numbers_[at] != kNone && keys_[at] != key) at = (at + 1) & mask;
    if (numbers_[at] == kNone) {
      keys_[at] = key;
      numbers_[at] = count_++;
    }
    return numbers_[at];
  }
  std::uint32_t count() const noexcept { return count_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): keys are small numbers side by side.
  static std::size_t mixed(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::size_t>(x ^ (x >> 31));
  }
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> numbers_;
  std::uint32_t count_ = 0;
};

}  // namespace egide::anonymity
