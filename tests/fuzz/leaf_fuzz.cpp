// Log entries: only what the writer writes is read, byte for byte.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "egide/audit/leaf.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  egide::audit::ParsedLeaf parsed;
  if (!egide::audit::parse_leaf(line, parsed)) return 0;
  std::string written;
  require(egide::audit::write_leaf(parsed.leaf, written).has_value());
  require(written == line);
  return 0;
}
