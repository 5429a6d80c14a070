// The page behind a consent link, in French and English: plain HTML, no script, two buttons alike.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "egide/vault/consent_links.h"

namespace egide::api {

enum class PageMessage { None, Choose, PressAgain, NotPossible, SentAgain, Recorded };

struct PageExtras {
  PageMessage message = PageMessage::None;
  std::string code;     // binds the form to this page
  std::string receipt;  // compact JWS, after an answer
};

// A whole page of this kind: `title` and `organisation` as text, `body` as HTML.
std::string consent_page(std::string_view language, std::string_view title, std::string_view organisation,
                         const std::string& body);
std::string confirmation_page(const vault::ConsentPage& page, const PageExtras& extras);
// default-src 'none', the page's own style by its hash, forms to this server only.
const std::string& confirmation_policy();

}  // namespace egide::api
