// IP addresses as values, and which of them belong to the public internet.
//
// Source: the IANA registries of special-purpose addresses (RFC 6890 and its updates).
// Thread safety: plain values and free functions.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "egide/base/bytes.h"

namespace egide::outbound {

struct Address {
  bool v6 = false;
  base::ByteArray<16> bytes{};  // network order; the first four of an IPv4 address, the rest zero
  auto operator<=>(const Address&) const = default;
  std::string str() const;
};

// Four decimal numbers without leading zeros, or an IPv6 address without zone: "127.1", "0x7f.0.0.1", "2130706433" and
// "fe80::1%eth0" are nothing.
std::optional<Address> parse_address(std::string_view text);

// "10.0.0.0/8", "fd00::/8", or one address. No bit is set behind the prefix.
struct Network {
  Address base;
  int prefix = 0;
  bool contains(const Address& address) const noexcept;
};
std::optional<Network> parse_network(std::string_view text);

bool is_loopback(const Address& address) noexcept;

// False for everything that is not one machine of the public internet: private, loopback, link-local (the cloud's
// metadata), shared, documentation, benchmarking, multicast and reserved addresses, and every IPv6 form that hides an
// IPv4 address (mapped, NAT64, 6to4, Teredo).
bool is_public(const Address& address) noexcept;

}  // namespace egide::outbound
