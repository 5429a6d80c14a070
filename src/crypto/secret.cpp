#include "egide/crypto/secret.h"

#include <sodium.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <utility>

#include "arena.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"

namespace egide::crypto {
namespace {

// Never destroyed: secrets in static objects may outlive any order of destruction one could choose.
std::atomic<Arena*> arena{nullptr};

std::byte* allocate(std::size_t size) noexcept {
  Arena* const locked = arena.load(std::memory_order_acquire);
  return locked == nullptr ? nullptr : locked->allocate(size);
}

base::Error no_room() {
  return arena.load(std::memory_order_acquire) == nullptr
             ? base::unavailable("The memory for keys is not locked yet")
             : base::unavailable("The memory for keys is full: close what is no longer used");
}

}  // namespace

base::Result<void> initialize() {
  static std::mutex once;
  const std::lock_guard lock(once);
  if (arena.load(std::memory_order_acquire) != nullptr) return {};
  if (sodium_init() < 0) return base::unavailable("libsodium can't be started");
  auto locked = Arena::lock();
  if (!locked) return std::move(locked).error();
  arena.store(std::move(locked).value().release(), std::memory_order_release);
  // Fetches the digest now: an OpenSSL configuration without it stops the start, not a later request.
  static_cast<void>(sha256(base::ByteView{}));
  return {};
}

base::Result<SecretBytes> SecretBytes::random(std::size_t size) {
  if (size == 0) return SecretBytes();
  std::byte* const data = allocate(size);
  if (data == nullptr) return no_room();
  fill_random({data, size});
  return SecretBytes(data, size);
}

base::Result<SecretBytes> SecretBytes::copy_of(base::ByteView bytes) {
  if (bytes.empty()) return SecretBytes();
  std::byte* const data = allocate(bytes.size());
  if (data == nullptr) return no_room();
  std::memcpy(data, bytes.data(), bytes.size());
  return SecretBytes(data, bytes.size());
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) arena.load(std::memory_order_acquire)->release(data_, size_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  SecretBytes taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  return *this;  // `taken` wipes what was here
}

SecretKey SecretKey::random() {
  SecretKey key;
  fill_random(key.bytes_);
  return key;
}

SecretKey SecretKey::copy_of(base::ByteView bytes) {
  EGIDE_CHECK(bytes.size() == kSize);
  SecretKey key;
  std::memcpy(key.bytes_.data(), bytes.data(), kSize);
  return key;
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  wipe(other.bytes_);
  return *this;
}

SecretKey::~SecretKey() { wipe(bytes_); }

void wipe(std::span<std::byte> bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // what a longer text left behind the end goes too; within capacity nothing is thrown
  sodium_memzero(text.data(), text.size());
  text.clear();
}

bool equal_constant_time(base::ByteView a, base::ByteView b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace egide::crypto
