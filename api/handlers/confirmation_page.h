// The page behind a consent link, in French and English: plain HTML, no script, two buttons alike.
//
// Thread safety: free functions without state.
#pragma once

#include <string>

#include "egide/vault/consent_links.h"

namespace egide::api {

enum class PageMessage { None, Choose, PressAgain, NotPossible, SentAgain, Recorded };

struct PageExtras {
  PageMessage message = PageMessage::None;
  std::string code;     // binds the form to this page
  std::string receipt;  // compact JWS, after an answer
};

std::string confirmation_page(const vault::ConsentPage& page, const PageExtras& extras);
// default-src 'none', the page's own style by its hash, forms to this server only.
const std::string& confirmation_policy();

}  // namespace egide::api
