// Key material. SecretBytes lives in one locked arena (mlock, wiped on destruction); SecretKey is 32 bytes on the
// stack for the time of one operation, wiped likewise. Neither can be copied, printed, compared with == or turned
// into JSON; the bytes are reached through one name that a search finds.
//
// libsodium hands out unlocked memory without an error once RLIMIT_MEMLOCK is reached, so all long-lived keys share
// one arena whose mlock is checked: initialize() fails where it can't be locked.
//
// Thread safety: reading from many threads is safe; moving may not race a read. The arena's allocator is locked.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::crypto {

// Starts libsodium and locks the arena (64 KiB by default). Call once, before threads start.
// Unavailable: libsodium failed or the memory lock limit is too low (the message says which limit to raise).
base::Result<void> initialize();

class SecretBytes {
 public:
  // `size` random bytes, or Unavailable when the arena is full.
  static base::Result<SecretBytes> random(std::size_t size);
  // A copy of `bytes`; the caller wipes its own.
  static base::Result<SecretBytes> copy_of(base::ByteView bytes);

  SecretBytes() = default;  // empty
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  std::size_t size() const noexcept { return size_; }
  // Named so that every read of key material is found with one search.
  base::ByteView expose_secret() const noexcept { return {data_, size_}; }

 private:
  SecretBytes(std::byte* data, std::size_t size) : data_(data), size_(size) {}
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

class SecretKey {
 public:
  static constexpr std::size_t kSize = 32;
  static SecretKey random();
  // EGIDE_CHECKs that `bytes` has 32 bytes.
  static SecretKey copy_of(base::ByteView bytes);

  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey();

  base::ByteView expose_secret() const noexcept { return bytes_; }

 private:
  SecretKey() = default;
  base::ByteArray<kSize> bytes_{};
};

// Overwrites memory in a way the compiler keeps.
void wipe(std::span<std::byte> bytes) noexcept;
void wipe(std::string& text) noexcept;
// Constant time for equal lengths.
bool equal_constant_time(base::ByteView a, base::ByteView b) noexcept;

}  // namespace egide::crypto
