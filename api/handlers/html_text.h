// Text inside HTML.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

namespace egide::api {

// For element content and double-quoted attributes.
std::string html_escaped(std::string_view text);
// The same, paragraphs where there are empty lines and line breaks where there are others.
std::string html_paragraphs(std::string_view text);

}  // namespace egide::api
