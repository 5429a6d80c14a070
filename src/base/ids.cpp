#include "egide/base/ids.h"

namespace egide::base {

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  std::string digits;
  digits.reserve(32);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i != 8 && i != 13 && i != 18 && i != 23) digits.push_back(text[i]);
  const auto bytes = from_hex(digits);
  return bytes ? from_bytes(*bytes) : std::nullopt;
}

std::optional<Uuid> Uuid::from_bytes(ByteView bytes) {
  const auto array = to_array<16>(bytes);
  return array ? std::optional<Uuid>(Uuid(*array)) : std::nullopt;
}

std::string Uuid::str() const {
  std::string text = to_hex(bytes_);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

}  // namespace egide::base
