#include "denial_binding.h"

#include <algorithm>

#include "egide/crypto/hash.h"
#include "egide/crypto/secret.h"

namespace egide::vault {
namespace {

constexpr std::size_t kHalf = 8;

// The first half of what base::to_base32 wrote; what follows is compared as text.
std::optional<base::ByteArray<16>> first_half(std::string_view text) {
  static constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  if (text.size() != 26) return std::nullopt;
  base::ByteArray<16> out{};
  std::uint32_t buffer = 0;
  int bits = -2;  // the two zeros in front
  std::size_t n = 0;
  for (const char c : text) {
    const auto value = kCrockford.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 5 | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[n++] = static_cast<std::byte>(buffer >> bits & 255U);
    if (n == out.size()) break;
  }
  return out;
}

}  // namespace

base::Uuid bind_denial(const Services& services, const base::Uuid& evaluation, const DeniedAccess& denied) {
  base::ByteArray<16> out = evaluation.bytes();
  base::Bytes until;
  base::append_be64(until, static_cast<std::uint64_t>(denied.until.time_since_epoch().count()));
  const auto mac = services.keys->authenticate(
      "egide/denial/v1", crypto::enc({base::ByteView(out).first(kHalf), base::as_bytes(denied.tool),
                                      denied.subject.bytes(), base::as_bytes(denied.purpose), base::ByteView(until)}));
  std::copy_n(mac.begin(), kHalf, out.begin() + kHalf);
  return base::Uuid(out);
}

bool is_bound(const Services& services, std::string_view evaluation_id, const DeniedAccess& denied) {
  const auto given = first_half(evaluation_id);
  if (!given) return false;
  const std::string expected = base::to_base32(bind_denial(services, base::Uuid(*given), denied).bytes());
  return crypto::equal_constant_time(base::as_bytes(expected), base::as_bytes(evaluation_id));
}

}  // namespace egide::vault
