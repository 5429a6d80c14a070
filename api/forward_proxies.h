// Which addresses are the proxies'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::api {

// Thread safety: const functions, safe from many threads.
class ProxyAddresses {
 public:
  // InvalidRequest that says which entry is no address and no CIDR block (IPv4 or IPv6, without host bits set).
  static base::Result<ProxyAddresses> parse(const std::vector<std::string>& entries);
  // False for whatever is no address. IPv4 inside IPv6 (::ffff:0:0/96) counts as IPv4.
  bool contains(std::string_view address) const noexcept;

 private:
  struct Block {
    base::ByteArray<16> address{};
    unsigned bits = 128;
  };
  std::vector<Block> blocks_;
};

}  // namespace egide::api
