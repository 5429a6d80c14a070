// Identifiers as types of their own: a swapped argument does not compile.
//
// Uuid is 16 bytes (RFC 9562). Making one needs random bytes, so that stands in egide/crypto/random.h.
// Thread safety: plain values.
#pragma once

#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "egide/base/bytes.h"

namespace egide::base {

class Uuid {
 public:
  Uuid() = default;  // the nil UUID
  explicit Uuid(const ByteArray<16>& bytes) : bytes_(bytes) {}

  // 36 characters, lower or upper case; nothing else.
  static std::optional<Uuid> parse(std::string_view text);
  static std::optional<Uuid> from_bytes(ByteView bytes);

  const ByteArray<16>& bytes() const noexcept { return bytes_; }
  std::string str() const;  // 36 characters, lower case
  bool is_nil() const noexcept { return *this == Uuid(); }
  auto operator<=>(const Uuid&) const = default;

 private:
  ByteArray<16> bytes_{};
};

template <typename Tag>
class UuidId {
 public:
  UuidId() = default;
  explicit UuidId(const Uuid& uuid) : uuid_(uuid) {}
  static std::optional<UuidId> parse(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    return uuid ? std::optional<UuidId>(UuidId(*uuid)) : std::nullopt;
  }
  const Uuid& uuid() const noexcept { return uuid_; }
  ByteView bytes() const noexcept { return uuid_.bytes(); }
  std::string str() const { return uuid_.str(); }
  auto operator<=>(const UuidId&) const = default;

 private:
  Uuid uuid_;
};

template <typename Tag>
class TextId {
 public:
  TextId() = default;
  explicit TextId(std::string text) : text_(std::move(text)) {}
  const std::string& str() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }
  auto operator<=>(const TextId&) const = default;

 private:
  std::string text_;
};

using SubjectId = UuidId<struct SubjectTag>;
using RecordId = UuidId<struct RecordTag>;  // any business record that a log entry names
using UserId = UuidId<struct UserTag>;
using PurposeId = TextId<struct PurposeTag>;     // "ai.mission_matching"
using ToolId = TextId<struct ToolTag>;           // "matcher"
using CategoryKey = TextId<struct CategoryTag>;  // fideslang key, "user.contact.email"

struct UuidHash {
  std::size_t operator()(const Uuid& id) const noexcept {
    std::size_t h;  // UUIDs here are random or end in random bytes
    std::memcpy(&h, id.bytes().data() + 8, sizeof h);
    return h;
  }
  template <typename Tag>
  std::size_t operator()(const UuidId<Tag>& id) const noexcept {
    return (*this)(id.uuid());
  }
};

}  // namespace egide::base

template <>
struct std::hash<egide::base::Uuid> : egide::base::UuidHash {};
template <typename Tag>
struct std::hash<egide::base::UuidId<Tag>> : egide::base::UuidHash {};
template <typename Tag>
struct std::hash<egide::base::TextId<Tag>> {
  std::size_t operator()(const egide::base::TextId<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
