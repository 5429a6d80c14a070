// Policy packs: whole or not at all, and each mistake has a place.
#include <cstddef>
#include <cstdint>
#include <string>

#include "egide/policies/pack.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  egide::policies::PackFile file;
  file.name = "fuzz.json";
  file.text.assign(reinterpret_cast<const char*>(data), size);
  const auto pack = egide::policies::load_pack({file}, [](egide::base::ByteView) { return egide::base::Hash32{}; });
  if (!pack) {
    require(!pack.error().fields().empty());
    return 0;
  }
  for (const auto& purpose : (*pack)->purposes()) require((*pack)->find(purpose.id.str()) == &purpose);
  return 0;
}
