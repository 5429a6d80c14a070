#include "egide/audit/note.h"

#include <algorithm>
#include <array>

#include "egide/audit/merkle.h"
#include "note_lines.h"

namespace egide::audit {
namespace {

using base::integrity_violation;
using base::invalid_request;
using base::Result;

// The text of the next line, without its line feed; nothing at the end.
std::optional<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

// Exactly three lines: an extension line would be signed by us and understood by nobody.
Result<Checkpoint> read_body(std::string_view text) {
  std::array<std::string_view, 3> lines;
  for (auto& line : lines) {
    const auto next = next_line(text);
    if (!next) return integrity_violation("The checkpoint has fewer than three lines");
    line = *next;
  }
  if (!text.empty()) return integrity_violation("The checkpoint has more than three lines");
  Checkpoint out;
  if (!is_key_name(lines[0])) return integrity_violation("The origin of the checkpoint is not a key name");
  out.origin = lines[0];
  const auto size = parse_decimal(lines[1]);
  if (!size) return integrity_violation("The size of the checkpoint is not a number below 2^63");
  out.size = *size;
  const auto bytes = base::from_base64(lines[2]);
  const auto root = bytes ? base::to_array<32>(*bytes) : std::nullopt;
  if (!root) return integrity_violation("The root of the checkpoint is not base64 of 32 bytes");
  out.root = *root;
  if (out.size == 0 && out.root != empty_root())
    return integrity_violation("The checkpoint gives an empty log a root of its own");
  return out;
}

}  // namespace

bool is_key_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 255 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

VerifierKey VerifierKey::make(std::string name, const crypto::PublicKey& key) {
  VerifierKey out;
  out.id = key_id(name, kEd25519Type, key);
  out.name = std::move(name);
  out.key = key;
  return out;
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  // The name holds no plus sign; the base64 may.
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return invalid_request("A verifier key is name+id+key");
  const auto name = text.substr(0, first);
  const auto hex = text.substr(first + 1, second - first - 1);
  const auto bytes = base::from_base64(text.substr(second + 1));
  if (!is_key_name(name)) return invalid_request("The name of the verifier key is not valid");
  if (!bytes || bytes->size() != 33) return invalid_request("The verifier key is not base64 of 33 bytes");
  if (bytes->front() != kEd25519Type) return invalid_request("The verifier key is not of type Ed25519 (0x01)");
  crypto::PublicKey key;
  std::copy(bytes->begin() + 1, bytes->end(), key.begin());
  auto out = make(std::string(name), key);
  if (out.str() != text)
    return invalid_request("The id of the verifier key does not belong to the name and key: " + std::string(hex));
  return out;
}

std::string VerifierKey::str() const {
  base::Bytes id_bytes;
  base::append_be16(id_bytes, static_cast<std::uint16_t>(id >> 16));
  base::append_be16(id_bytes, static_cast<std::uint16_t>(id & 0xffff));
  base::Bytes typed{kEd25519Type};
  typed.insert(typed.end(), key.begin(), key.end());
  return name + "+" + base::to_hex(id_bytes) + "+" + base::to_base64(typed);
}

std::string Checkpoint::body() const {
  return origin + "\n" + std::to_string(size) + "\n" + base::to_base64(root) + "\n";
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& trusted) {
  EGIDE_TRY(const auto parts, split_note(note));
  EGIDE_TRY(auto checkpoint, read_body(parts.text));
  if (checkpoint.origin != trusted.name)
    return integrity_violation("The checkpoint is of another log: its origin differs");
  bool signed_by_trusted = false;
  for (const auto& line : parts.signatures) {
    if (line.name != trusted.name || line.id != trusted.id) continue;
    // A line that claims the key and does not verify spoils the note, even beside one that does.
    if (!crypto::verify_signature(trusted.key, base::as_bytes(parts.text), line.payload))
      return integrity_violation("The signature of the trusted key on the checkpoint is not valid");
    signed_by_trusted = true;
  }
  if (!signed_by_trusted) return integrity_violation("The checkpoint is not signed by the trusted key");
  return checkpoint;
}

Result<Checkpoint> read_unverified_checkpoint(std::string_view note) {
  EGIDE_TRY(const auto parts, split_note(note));
  return read_body(parts.text);
}

Result<std::chrono::sys_seconds> verify_cosignature(std::string_view note, std::string_view name,
                                                    const crypto::PublicKey& key) {
  EGIDE_TRY(const auto parts, split_note(note));
  EGIDE_TRY_VOID(read_body(parts.text));
  const auto id = key_id(name, kCosignatureType, key);
  for (const auto& line : parts.signatures) {
    if (line.name != name || line.id != id) continue;
    if (line.payload.size() != 8 + 64) return integrity_violation("The cosignature does not have 72 bytes");
    std::uint64_t seconds = 0;
    for (std::size_t i = 0; i < 8; ++i) seconds = seconds << 8 | std::to_integer<std::uint64_t>(line.payload[i]);
    if (seconds >> 63 != 0) return integrity_violation("The time of the cosignature is too large");
    const std::chrono::sys_seconds time{std::chrono::seconds(static_cast<std::int64_t>(seconds))};
    const auto message = cosigned_message(parts.text, time);
    if (!crypto::verify_signature(key, base::as_bytes(message), base::ByteView(line.payload).subspan(8)))
      return integrity_violation("The cosignature is not valid");
    return time;
  }
  return integrity_violation("The checkpoint has no cosignature of this key");
}

}  // namespace egide::audit
