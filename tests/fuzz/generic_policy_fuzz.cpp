// Generic policies: whole or not at all, each mistake has a place, and what loads decides without a crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "egide/policies/generic_policy.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace egide::policies;
  PackFile file;
  file.name = "fuzz.json";
  file.text.assign(reinterpret_cast<const char*>(data), size);
  const auto policies = load_generic_policies({file}, {"application", "person"},
                                              [](egide::base::ByteView) { return egide::base::Hash32{}; });
  if (!policies) {
    require(!policies.error().fields().empty());
    return 0;
  }
  require(!(*policies)->covers("application", "person"));
  GenericRequest request;
  request.subject = {"user", "a", nullptr};
  request.resource = {"record", "b", nullptr};
  request.action = {"read", nullptr};
  const GenericDecision decision = (*policies)->decide(request);
  require(decision.covered || !decision.permit);
  for (const auto& found : (*policies)->search_resources(request)) {
    GenericRequest one = request;
    one.resource.id = found.id;
    require((*policies)->decide(one).permit);
  }
  return 0;
}
