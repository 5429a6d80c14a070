// A URL that egide may call, and the rules of where it may lead.
//
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/result.h"
#include "egide/outbound/address.h"

namespace egide::outbound {

// What the operator's configuration allows beyond https to a public address.
struct Policy {
  // Addresses that may be called although they are not public, by http too and on any port (a federation's own network,
  // a test's loopback). Empty: none.
  std::vector<Network> allow;
  std::vector<std::uint16_t> ports = {443};  // of public addresses
  std::vector<std::uint16_t> own_ports;      // of this machine, where this server listens: never called
  std::vector<std::string> own_hosts;        // names under which this server itself is reached, in lower case
};

struct Target {
  bool https = true;
  std::string host;                // lower case; an IPv6 address without brackets
  std::optional<Address> literal;  // where the host is an address
  std::uint16_t port = 443;
  std::string url;  // as it is called
};

// Checks everything that can be checked without resolving the name. InvalidRequest, whose message completes "The
// address ...": another scheme, user information, a fragment, a host that is no host name and no plain address (odd
// spellings of addresses included), a port that is not allowed, an address that is_public() refuses, an own name.
base::Result<Target> parse_target(std::string_view url, const Policy& policy);

// May a connection for `target` go to this address?
bool may_connect(const Target& target, const Address& address, const Policy& policy) noexcept;

}  // namespace egide::outbound
