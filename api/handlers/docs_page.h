// Two pages without scripts or assets: what this server is, and its operations from the OpenAPI document.
//
// Thread safety: free functions without state.
#pragma once

#include <string>

#include "egide/base/json.h"

namespace egide::api {

std::string home_page();
std::string docs_page(const base::Json& openapi);

}  // namespace egide::api
