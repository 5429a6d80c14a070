// The member `forward` of the configuration file (docs/forward-auth.md).
#pragma once

#include <filesystem>

#include "egide/api/forward.h"
#include "egide/base/json.h"

namespace egide::app {

// Leaves `out` as it is where there is no such member. Mistakes are added to `in`, those of profiles that can't work
// too.
void read_forward(base::ObjectReader& in, const std::filesystem::path& folder, api::ForwardOptions& out);

}  // namespace egide::app
