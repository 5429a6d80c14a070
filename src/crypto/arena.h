// One block of locked memory for every long-lived key. A page that can't be touched stands on each side; the block
// is left out of core dumps. Freed memory is wiped at once.
//
// Thread safety: allocate and release may be called from many threads.
#pragma once

#include <bitset>
#include <cstddef>
#include <memory>
#include <mutex>

#include "egide/base/result.h"

namespace egide::crypto {

class Arena {
 public:
  static constexpr std::size_t kGranule = 16;
  static constexpr std::size_t kSize = 64 * 1024;

  // Raises the soft memory lock limit to the hard one when the soft one is too low.
  // Unavailable when the memory can't be had or can't be locked.
  static base::Result<std::unique_ptr<Arena>> lock();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Zeroed memory, or nullptr when no run of free granules is long enough. `size` is greater than 0.
  std::byte* allocate(std::size_t size) noexcept;
  // Wipes first. `size` as given to allocate.
  void release(std::byte* data, std::size_t size) noexcept;

 private:
  static constexpr std::size_t kGranules = kSize / kGranule;

  Arena(std::byte* mapping, std::size_t mapping_size, std::byte* begin)
      : mapping_(mapping), mapping_size_(mapping_size), begin_(begin) {}

  std::byte* mapping_;
  std::size_t mapping_size_;
  std::byte* begin_;
  std::mutex mutex_;
  std::bitset<kGranules> used_;
};

}  // namespace egide::crypto
