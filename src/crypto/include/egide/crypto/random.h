// Random bytes of the operating system (randombytes_buf) and identifiers made of them.
// Thread safety: free functions, safe from many threads.
#pragma once

#include "egide/base/clock.h"
#include "egide/base/ids.h"

namespace egide::crypto {

// Small draws come from a pool of the thread, filled by the system. A process that forks and goes on using it would
// hand out the same bytes twice: egide does not fork.
void fill_random(std::span<std::byte> out) noexcept;

template <std::size_t N>
base::ByteArray<N> random_array() noexcept {
  base::ByteArray<N> out;
  fill_random(out);
  return out;
}

base::Uuid random_uuid() noexcept;                   // version 4: for people
base::Uuid time_uuid(base::Timestamp now) noexcept;  // version 7 (RFC 9562): for records kept in the order of time

}  // namespace egide::crypto
