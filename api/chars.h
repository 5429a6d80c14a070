// Character classes of HTTP and URLs (RFC 9110, 5.6.2; RFC 3986, 2 and 3.3).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace egide::api {

enum CharClass : std::uint8_t { kToken = 1, kFieldByte = 2, kPathByte = 4, kQueryByte = 8, kHostByte = 16 };

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto set = [&classes](std::string_view chars, unsigned bits) {
    for (const char c : chars) {
      auto& slot = classes[static_cast<unsigned char>(c)];
      slot = static_cast<std::uint8_t>(slot | bits);
    }
  };
  for (unsigned c = 0x20; c < 0x100; ++c) {  // visible, space and obs-text
    if (c != 0x7f) classes[c] = kFieldByte;
  }
  set("\t", kFieldByte);
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", kToken | kPathByte | kQueryByte | kHostByte);
  set("!#$%&'*+-.^_`|~", kToken);
  set("-._~!$&'()*+,;=:@/%", kPathByte | kQueryByte);
  set("?", kQueryByte);
  set("-._~!$&'()*+,;=:%[]", kHostByte);
  return classes;
}
inline constexpr auto kCharClasses = make_char_classes();

constexpr bool is(char c, CharClass kind) noexcept { return (kCharClasses[static_cast<unsigned char>(c)] & kind) != 0; }
constexpr bool all(std::string_view text, CharClass kind) noexcept {
  for (const char c : text) {
    if (!is(c, kind)) return false;
  }
  return true;
}

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// True for 1 to 128 visible ASCII characters: what egide takes as X-Request-ID.
constexpr bool is_request_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > 128) return false;
  for (const char c : text) {
    if (c < 0x21 || c > 0x7e) return false;
  }
  return true;
}

}  // namespace egide::api
