#include "egide/base/bytes.h"

#include <bit>
#include <cstring>

namespace egide::base {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::uint32_t at(ByteView bytes, std::size_t i) noexcept { return std::to_integer<std::uint32_t>(bytes[i]); }

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void encode64(std::string& out, ByteView bytes, const char* alphabet, bool pad) {
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t v = at(bytes, i) << 16 | at(bytes, i + 1) << 8 | at(bytes, i + 2);
    const char quad[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63], alphabet[v & 63]};
    out.append(quad, 4);
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t v = at(bytes, i) << 16 | (rest == 2 ? at(bytes, i + 1) << 8 : 0);
  out.push_back(alphabet[v >> 18]);
  out.push_back(alphabet[v >> 12 & 63]);
  if (rest == 2) out.push_back(alphabet[v >> 6 & 63]);
  if (pad) out.append(3 - rest, '=');
}

std::optional<Bytes> decode64(std::string_view text, const char* alphabet) {
  std::array<signed char, 256> value;
  value.fill(-1);
  for (int i = 0; i < 64; ++i) value[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const int v = value[static_cast<unsigned char>(c)];
    if (v < 0) return std::nullopt;
    buffer = buffer << 6 | static_cast<std::uint32_t>(v);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::byte>(buffer >> bits & 0xff));
    }
  }
  if ((buffer & ((1U << bits) - 1)) != 0) return std::nullopt;  // two spellings of one value are one too many
  return out;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out.push_back(kHex[at(bytes, i) >> 4]);
    out.push_back(kHex[at(bytes, i) & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return out;
}

std::string to_base64(ByteView bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with("=")) {
    text.remove_suffix(1);
  }
  return decode64(text, kBase64);
}

std::string to_base64url(ByteView bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

std::optional<Bytes> from_base64url(std::string_view text) { return decode64(text, kBase64Url); }

void append_base64(std::string& out, ByteView bytes) { encode64(out, bytes, kBase64, true); }
void append_base64url(std::string& out, ByteView bytes) { encode64(out, bytes, kBase64Url, false); }

std::string to_base32(const ByteArray<16>& bytes) {
  // 130 bits for 128: the first character carries two leading zeros.
  std::string out(26, '0');
  std::uint32_t buffer = 0;
  int bits = 2;
  std::size_t n = 0;
  for (const std::byte b : bytes) {
    buffer = buffer << 8 | std::to_integer<std::uint32_t>(b);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out[n++] = kCrockford[buffer >> bits & 31];
    }
  }
  return out;
}

void append_le64(Bytes& out, std::uint64_t value) {
  const auto bytes = le64(value);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_be64(Bytes& out, std::uint64_t value) {
  const auto bytes = le64(value);
  out.insert(out.end(), bytes.rbegin(), bytes.rend());
}

void append_be16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::byte>(value >> 8));
  out.push_back(static_cast<std::byte>(value & 0xff));
}

ByteArray<8> le64(std::uint64_t value) noexcept {
  ByteArray<8> out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
  return out;
}

}  // namespace egide::base
