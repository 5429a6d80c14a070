#include "forward_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace egide::api {
namespace {

using Address = base::ByteArray<16>;

struct Parsed {
  Address address{};
  bool v4 = false;
};

// IPv4 as ::ffff:a.b.c.d, so that one comparison does for both.
std::optional<Parsed> parse_address(std::string_view text) noexcept {
  char copy[64] = {};
  if (text.empty() || text.size() >= sizeof copy) return std::nullopt;
  std::copy(text.begin(), text.end(), copy);
  Parsed out;
  if (inet_pton(AF_INET6, copy, out.address.data()) == 1) return out;
  out.address = {};
  out.address[10] = out.address[11] = std::byte{0xff};
  out.v4 = true;
  if (inet_pton(AF_INET, copy, out.address.data() + 12) != 1) return std::nullopt;
  return out;
}

bool bit(const Address& address, unsigned at) noexcept {
  return (static_cast<unsigned>(address[at / 8]) >> (7 - at % 8) & 1U) != 0;
}

bool same_bits(const Address& a, const Address& b, unsigned bits) noexcept {
  for (unsigned at = 0; at < bits; ++at)
    if (bit(a, at) != bit(b, at)) return false;
  return true;
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) noexcept {
  unsigned bits = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || bits > most)
    return std::nullopt;
  return bits;
}

}  // namespace

base::Result<ProxyAddresses> ProxyAddresses::parse(const std::vector<std::string>& entries) {
  ProxyAddresses out;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto wrong = base::invalid_field("/trusted_proxies/" + std::to_string(i),
                                           "must be an IP address or a CIDR block such as 10.0.0.0/8");
    const std::string_view text = entries[i];
    const auto slash = text.find('/');
    const auto parsed = parse_address(text.substr(0, slash));
    if (!parsed) return wrong;
    Block block{parsed->address, 128};
    if (slash != std::string_view::npos) {
      const auto bits = parse_bits(text.substr(slash + 1), parsed->v4 ? 32 : 128);
      if (!bits) return wrong;
      block.bits = parsed->v4 ? *bits + 96 : *bits;
    }
    for (unsigned at = block.bits; at < 128; ++at)
      if (bit(block.address, at)) return wrong;  // 10.1.2.3/8 is a slip of one kind or another
    out.blocks_.push_back(block);
  }
  return out;
}

bool ProxyAddresses::contains(std::string_view address) const noexcept {
  const auto parsed = parse_address(address);
  return parsed && std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
           return same_bits(block.address, parsed->address, block.bits);
         });
}

}  // namespace egide::api
