#include "egide/outbound/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

namespace egide::outbound {
namespace {

// inet_pton of IPv4 takes four decimal numbers and nothing else, but some versions let leading zeros through.
bool has_leading_zero(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == '.';
    if (begins && text[i] == '0' && text[i + 1] != '.') return true;
  }
  return false;
}

int bits_of(const Address& address) noexcept { return address.v6 ? 128 : 32; }

bool bit(const Address& address, int at) noexcept {
  const auto byte = std::to_integer<unsigned>(address.bytes[static_cast<std::size_t>(at / 8)]);
  return ((byte >> (7 - at % 8)) & 1U) != 0;
}

std::vector<Network> networks(std::initializer_list<const char*> texts) {
  std::vector<Network> out;
  for (const char* text : texts) out.push_back(*parse_network(text));
  return out;
}

bool in_any(const std::vector<Network>& list, const Address& address) noexcept {
  return std::any_of(list.begin(), list.end(), [&](const Network& network) { return network.contains(address); });
}

}  // namespace

std::string Address::str() const {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  Address out;
  out.v6 = text.find(':') != std::string_view::npos;
  if (!out.v6 && has_leading_zero(text)) return std::nullopt;
  if (copy.size() != std::strlen(copy.c_str())) return std::nullopt;
  if (::inet_pton(out.v6 ? AF_INET6 : AF_INET, copy.c_str(), out.bytes.data()) != 1) return std::nullopt;
  return out;
}

bool Network::contains(const Address& address) const noexcept {
  if (address.v6 != base.v6) return false;
  for (int at = 0; at < prefix; ++at)
    if (bit(address, at) != bit(base, at)) return false;
  return true;
}

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network out{*address, bits_of(*address)};
  if (slash != std::string_view::npos) {
    const auto number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), out.prefix);
    if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
    if (number.empty() || out.prefix < 0 || out.prefix > bits_of(*address)) return std::nullopt;
  }
  for (int at = out.prefix; at < bits_of(*address); ++at)
    if (bit(*address, at)) return std::nullopt;
  return out;
}

bool is_loopback(const Address& address) noexcept {
  static const std::vector<Network> kLoopback =
      networks({"0.0.0.0/8", "127.0.0.0/8", "::/127", "::ffff:127.0.0.0/104"});
  return in_any(kLoopback, address);
}

bool is_public(const Address& address) noexcept {
  static const std::vector<Network> kSpecialV4 =
      networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  // Inside 2000::/3, which is all that was ever given out: protocol assignments with Teredo, documentation, 6to4.
  static const std::vector<Network> kGlobalV6 = networks({"2000::/3"});
  static const std::vector<Network> kSpecialV6 = networks({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
  if (!address.v6) return !in_any(kSpecialV4, address);
  return in_any(kGlobalV6, address) && !in_any(kSpecialV6, address);
}

}  // namespace egide::outbound
