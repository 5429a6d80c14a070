// Content-Type and Accept (RFC 9110, 8.3 and 12.5.1).
// Thread safety: free functions without state.
#pragma once

#include <string_view>

#include "egide/api/http_request.h"

namespace egide::api {

// Whether a Content-Type value names `media_type`; parameters (charset=utf-8) do not change it.
bool is_media_type(std::string_view content_type, std::string_view media_type) noexcept;

// Whether the request's Accept lets `media_type` through. No Accept: everything is accepted.
bool accepts(const HttpRequest& request, std::string_view media_type) noexcept;
// Whether Accept names `media_type` itself, with a weight above 0: for answers one has to ask for (JSON-LD, CSV).
bool asks_for(const HttpRequest& request, std::string_view media_type) noexcept;

}  // namespace egide::api
