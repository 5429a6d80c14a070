// The shape of a signed note: text, empty line, signature lines. Private to this module.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::audit {

inline constexpr std::string_view kSignatureDash = "\xE2\x80\x94 ";  // U+2014 and a space

struct SignatureLine {
  std::string_view name;
  std::uint32_t id = 0;
  base::Bytes payload;  // after the key id
};

struct NoteParts {
  std::string_view text;  // the signed bytes, with their last line feed
  std::vector<SignatureLine> signatures;
};

// Views point into `note`. Integrity with the rule that broke.
base::Result<NoteParts> split_note(std::string_view note);

// SHA-256(name || 0x0A || type || key)[0:4].
std::uint32_t key_id(std::string_view name, std::byte type, base::ByteView key);
void append_signature_line(std::string& note, std::string_view name, std::uint32_t id, base::ByteView payload);
// What a cosignature signs: "cosignature/v1", the time, the three lines.
std::string cosigned_message(std::string_view body, std::chrono::sys_seconds time);
// Decimal without sign or leading zeros, at most 2^63-1.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

inline constexpr std::byte kEd25519Type{0x01};
inline constexpr std::byte kCosignatureType{0x04};

}  // namespace egide::audit
