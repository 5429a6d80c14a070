#include "egide/vault/cursors.h"

#include <chrono>

#include "egide/crypto/hash.h"
#include "egide/crypto/secret.h"
#include "services.h"

namespace egide::vault {
namespace {

constexpr std::chrono::hours kLifetime{24};
constexpr std::size_t kMacSize = 16;
constexpr std::size_t kMaxSize = 1024;

// expiry (8 bytes, big-endian milliseconds) || position || mac
base::ByteArray<kMacSize> mac_of(const Services& services, const Caller& caller, std::string_view filter,
                                 base::ByteView expiry_and_position) {
  const auto full = services.keys->authenticate(
      "egide/cursor/v1", crypto::enc({base::as_bytes(name_of(caller.role)), base::as_bytes(std::string_view(caller.id)),
                                      base::as_bytes(filter), expiry_and_position}));
  return *base::to_array<kMacSize>(base::ByteView(full).first(kMacSize));
}

std::int64_t expiry_of(base::ByteView bytes) noexcept {
  std::uint64_t out = 0;
  for (const std::byte b : bytes.first(8)) out = (out << 8) | std::to_integer<std::uint64_t>(b);
  return static_cast<std::int64_t>(out);
}

}  // namespace

std::string CursorSealer::seal(const Caller& caller, std::string_view filter, std::string_view position) const {
  const auto expires = (services_.clock->now() + kLifetime).time_since_epoch().count();
  base::Bytes bytes;
  base::append_be64(bytes, static_cast<std::uint64_t>(expires));
  for (const std::byte b : base::as_bytes(position)) bytes.push_back(b);
  const auto mac = mac_of(services_, caller, filter, bytes);
  bytes.insert(bytes.end(), mac.begin(), mac.end());
  return base::to_base64url(bytes);
}

base::Result<std::string> CursorSealer::open(const Caller& caller, std::string_view filter,
                                             std::string_view cursor) const {
  const base::Error refused = base::invalid_request("The cursor is not one of this list, or has expired");
  if (cursor.size() > kMaxSize) return refused;
  const auto bytes = base::from_base64url(cursor);
  if (!bytes || bytes->size() < 8 + kMacSize) return refused;
  const auto content = base::ByteView(*bytes).first(bytes->size() - kMacSize);
  const auto mac = mac_of(services_, caller, filter, content);
  if (!crypto::equal_constant_time(mac, base::ByteView(*bytes).last(kMacSize))) return refused;
  if (expiry_of(content) < services_.clock->now().time_since_epoch().count()) return refused;
  return std::string(base::as_text(content.subspan(8)));
}

}  // namespace egide::vault
