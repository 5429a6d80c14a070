#include <algorithm>
#include <cmath>

#include "egide/crypto/derived_keys.h"
#include "egide/crypto/hash.h"

namespace egide::crypto {
namespace {

constexpr std::uint64_t kFewestRows = 16;
constexpr int kLongest = 128;

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

base::Bytes BlindIndex::of(std::string_view normalised_text) const {
  const base::Hash32 hash = blake2b_256(key_.expose_secret(), base::as_bytes(normalised_text));
  const auto bits = static_cast<std::size_t>(bits_);
  base::Bytes out(hash.begin(), hash.begin() + static_cast<std::ptrdiff_t>((bits + 7) / 8));
  if (const auto rest = bits % 8; rest != 0) out.back() &= static_cast<std::byte>(0xff << (8 - rest));
  return out;
}

std::optional<BlindIndexRange> plan_blind_index_range(std::uint64_t rows, double entropy_bits) {
  if (rows < kFewestRows || !(entropy_bits > 0)) return std::nullopt;
  const auto count = static_cast<double>(rows);
  const double most = std::sqrt(count);
  // Past the entropy a longer index tells nothing more.
  const int longest = static_cast<int>(std::min<double>(kLongest, std::ceil(entropy_bits)));
  std::optional<BlindIndexRange> range;
  for (int bits = 1; bits <= longest; ++bits) {
    const double sharing = count / std::exp2(std::min<double>(bits, entropy_bits));
    if (sharing < 2 || sharing > most) continue;
    if (!range) range = BlindIndexRange{bits, bits};
    range->max_bits = bits;
  }
  return range;
}

std::optional<int> plan_blind_index(std::uint64_t rows, double entropy_bits) {
  const auto range = plan_blind_index_range(rows, entropy_bits);
  return range ? std::optional(range->max_bits) : std::nullopt;
}

std::string normalise_email(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace egide::crypto
