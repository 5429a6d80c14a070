#include "egide/crypto/random.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace egide::crypto {
namespace {

base::Uuid stamped(base::ByteArray<16> bytes, unsigned version) noexcept {
  bytes[6] = (bytes[6] & std::byte{0x0f}) | static_cast<std::byte>(version << 4);
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  return base::Uuid(bytes);
}

}  // namespace

namespace {

// A log entry takes four small draws; one system call for many of them. Bytes handed out are wiped from the pool.
class Pool {
 public:
  ~Pool() { sodium_memzero(bytes_.data(), bytes_.size()); }
  void take(std::span<std::byte> out) noexcept {
    if (out.size() > left_) {
      randombytes_buf(bytes_.data(), bytes_.size());
      left_ = bytes_.size();
    }
    std::byte* from = bytes_.data() + (bytes_.size() - left_);
    std::copy_n(from, out.size(), out.data());
    sodium_memzero(from, out.size());
    left_ -= out.size();
  }
  static constexpr std::size_t kLargest = 64;

 private:
  std::array<std::byte, 1024> bytes_{};
  std::size_t left_ = 0;
};

}  // namespace

void fill_random(std::span<std::byte> out) noexcept {
  if (out.size() > Pool::kLargest) {
    randombytes_buf(out.data(), out.size());
    return;
  }
  static thread_local Pool pool;
  pool.take(out);
}

base::Uuid random_uuid() noexcept { return stamped(random_array<16>(), 4); }

base::Uuid time_uuid(base::Timestamp now) noexcept {
  auto bytes = random_array<16>();
  auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(now.time_since_epoch().count(), 0));
  for (std::size_t i = 6; i-- > 0; rest >>= 8) bytes[i] = static_cast<std::byte>(rest & 0xff);
  return stamped(bytes, 7);
}

}  // namespace egide::crypto
