#include "arena.h"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

namespace egide::crypto {
namespace {

bool raise_soft_lock_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
}

base::Error lock_limit_too_low() {
  return base::unavailable("The memory for keys can't be locked: raise the memory lock limit to at least " +
                           std::to_string(Arena::kSize / 1024) +
                           " KiB (LimitMEMLOCK= in the service's unit, or ulimit -l)");
}

}  // namespace

base::Result<std::unique_ptr<Arena>> Arena::lock() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t block = (kSize + page - 1) / page * page;
  const std::size_t mapping_size = block + 2 * page;
  void* mapped = mmap(nullptr, mapping_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return base::unavailable("There is no memory for keys");
  auto* mapping = static_cast<std::byte*>(mapped);
  std::byte* begin = mapping + page;

  if (mprotect(begin, block, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, mapping_size);
    return base::unavailable("There is no memory for keys");
  }
  // sodium_mlock also takes the block out of core dumps (MADV_DONTDUMP).
  if (sodium_mlock(begin, block) != 0 && !(raise_soft_lock_limit() && sodium_mlock(begin, block) == 0)) {
    munmap(mapping, mapping_size);
    return lock_limit_too_low();
  }
  return std::unique_ptr<Arena>(new Arena(mapping, mapping_size, begin));
}

Arena::~Arena() {
  sodium_munlock(begin_, kSize);  // wipes
  munmap(mapping_, mapping_size_);
}

std::byte* Arena::allocate(std::size_t size) noexcept {
  if (size == 0 || size > kSize) return nullptr;
  const std::size_t wanted = (size + kGranule - 1) / kGranule;
  const std::lock_guard lock(mutex_);
  std::size_t run = 0;
  for (std::size_t i = 0; i < kGranules; ++i) {
    run = used_[i] ? 0 : run + 1;
    if (run < wanted) continue;
    const std::size_t first = i + 1 - wanted;
    for (std::size_t j = first; j <= i; ++j) used_.set(j);
    return begin_ + first * kGranule;
  }
  return nullptr;
}

void Arena::release(std::byte* data, std::size_t size) noexcept {
  sodium_memzero(data, size);
  const std::size_t first = static_cast<std::size_t>(data - begin_) / kGranule;
  const std::size_t count = (size + kGranule - 1) / kGranule;
  const std::lock_guard lock(mutex_);
  for (std::size_t j = first; j < first + count; ++j) used_.reset(j);
}

}  // namespace egide::crypto
