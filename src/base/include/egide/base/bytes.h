// Byte strings and the encodings egide uses: hex, base64 (RFC 4648, sections 4 and 5), Crockford base32,
// fixed-width integers.
//
// Decoders are strict: wrong alphabet, wrong padding, white space or non-zero trailing bits are refused.
// Thread safety: free functions without state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace egide::base {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
template <std::size_t N>
using ByteArray = std::array<std::byte, N>;
using Hash32 = ByteArray<32>;

inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) { return Bytes(view.begin(), view.end()); }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

std::string to_hex(ByteView bytes);  // lower case
std::optional<Bytes> from_hex(std::string_view text);
std::string to_base64(ByteView bytes);  // with padding
std::optional<Bytes> from_base64(std::string_view text);
std::string to_base64url(ByteView bytes);  // without padding
std::optional<Bytes> from_base64url(std::string_view text);
// Appends to `out`: the log's hot path makes no temporary string.
void append_base64(std::string& out, ByteView bytes);
void append_base64url(std::string& out, ByteView bytes);
// Crockford base32 of 16 bytes, 26 characters, as a ULID is written.
std::string to_base32(const ByteArray<16>& bytes);

// The first N bytes of `view`, or nothing when its length is not N.
template <std::size_t N>
std::optional<ByteArray<N>> to_array(ByteView view) noexcept {
  if (view.size() != N) return std::nullopt;
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = view[i];
  return out;
}

void append_le64(Bytes& out, std::uint64_t value);
void append_be64(Bytes& out, std::uint64_t value);
void append_be16(Bytes& out, std::uint16_t value);
ByteArray<8> le64(std::uint64_t value) noexcept;

}  // namespace egide::base
