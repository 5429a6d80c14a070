#include "note_lines.h"

#include <algorithm>
#include <charconv>

#include "egide/base/json.h"
#include "egide/crypto/hash.h"

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::Result;

// signed-note asks for at least 16 lines; Go refuses more than 100. An ML-DSA line stays under 4,096 characters.
constexpr std::size_t kMaxLines = 100;
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxNote = 1000000;

bool has_control_character(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; });
}

Result<SignatureLine> read_line(std::string_view line) {
  if (line.size() > kMaxLine) return integrity_violation("A signature line of the note is too long");
  if (!line.starts_with(kSignatureDash)) return integrity_violation("A signature line of the note is malformed");
  line.remove_prefix(kSignatureDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || space == 0)
    return integrity_violation("A signature line of the note is malformed");
  SignatureLine out;
  out.name = line.substr(0, space);
  if (out.name.find('+') != std::string_view::npos)
    return integrity_violation("A key name of the note holds a plus sign");
  auto bytes = base::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() < 5) return integrity_violation("A signature of the note is not valid base64");
  for (std::size_t i = 0; i < 4; ++i) out.id = out.id << 8 | std::to_integer<std::uint32_t>((*bytes)[i]);
  out.payload.assign(bytes->begin() + 4, bytes->end());
  return out;
}

}  // namespace

Result<NoteParts> split_note(std::string_view note) {
  if (note.size() > kMaxNote) return integrity_violation("The note is too long");
  if (!base::is_valid_utf8(note) || has_control_character(note))
    return integrity_violation("The note holds bytes that are not text");
  const auto gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) return integrity_violation("The note has no signature part");
  NoteParts parts;
  parts.text = note.substr(0, gap + 1);
  std::string_view rest = note.substr(gap + 2);
  if (!rest.ends_with('\n')) return integrity_violation("The note has no complete signature line");
  while (!rest.empty()) {
    if (parts.signatures.size() == kMaxLines) return integrity_violation("The note has more than 100 signature lines");
    const auto end = rest.find('\n');
    EGIDE_TRY(auto line, read_line(rest.substr(0, end)));
    parts.signatures.push_back(std::move(line));
    rest.remove_prefix(end + 1);
  }
  return parts;
}

std::uint32_t key_id(std::string_view name, std::byte type, base::ByteView key) {
  const std::byte separator[2] = {std::byte{0x0A}, type};
  const auto hash = crypto::sha256({base::as_bytes(name), separator, key});
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8 | std::to_integer<std::uint32_t>(hash[i]);
  return id;
}

void append_signature_line(std::string& note, std::string_view name, std::uint32_t id, base::ByteView payload) {
  base::Bytes bytes;
  bytes.reserve(4 + payload.size());
  base::append_be16(bytes, static_cast<std::uint16_t>(id >> 16));
  base::append_be16(bytes, static_cast<std::uint16_t>(id & 0xffff));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  note.append(kSignatureDash).append(name).push_back(' ');
  base::append_base64(note, bytes);
  note.push_back('\n');
}

std::string cosigned_message(std::string_view body, std::chrono::sys_seconds time) {
  std::string message = "cosignature/v1\ntime ";
  message.append(std::to_string(time.time_since_epoch().count())).push_back('\n');
  return message.append(body);
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  constexpr std::uint64_t kMax = (std::uint64_t{1} << 63) - 1;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > kMax) return std::nullopt;
  return value;
}

}  // namespace egide::audit
