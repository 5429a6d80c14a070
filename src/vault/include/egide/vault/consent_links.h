// Consent by a link in a mail (docs/formats/consent.md, "Double opt-in"). A link is for one person, purpose, party and
// version of the notice, good once and for some days; opening it changes nothing, and only a pressed button answers.
//
// Thread safety: may be called from many threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "egide/vault/consents.h"

namespace egide::vault {

class Services;

// What the page behind a link shows. Nothing of it names the person.
struct ConsentPage {
  enum class State {
    Open,      // may be answered
    Answered,  // was: shows how the consent stands
    Old,       // expired, or its notice was replaced: a new mail can be asked for
    Unknown,   // no such link; looks like Old to whoever asks
  };
  State state = State::Unknown;
  std::string organisation, language;  // the vault's language where the link is unknown
  std::string label, notice;           // of the purpose; the exact text that an answer refers to
  int notice_version = 0;
  bool guardian = false;
  policies::ConsentState consent = policies::ConsentState::None;  // of this party, now
};

enum class LinkAnswer { Agree, Refuse, Withdraw };

struct AnsweredLink {
  ConsentPage page;
  ConsentEvent event;
};

class ConsentLinks {
 public:
  explicit ConsentLinks(Services& services) : services_(services) {}

  // Changes nothing. An unknown token is a page too.
  base::Result<ConsentPage> look(std::string_view token) const;
  // Agree and Refuse use the link up; Withdraw works on a used one while the consent stands. Conflict: used, too old,
  // or not possible now. NotFound, Gone.
  base::Result<AnsweredLink> answer(std::string_view token, LinkAnswer answer);
  // A new mail to the same person, where the link is an old one and not too many were sent. Says nothing about it.
  base::Result<void> send_again(std::string_view token);

  // Binds a form to the page it was shown on: a code for the page's nonce, and whether one fits.
  std::string page_code(std::string_view token, std::string_view nonce) const;
  bool page_code_fits(std::string_view token, std::string_view nonce, std::string_view code) const;

 private:
  Services& services_;
};

class AskForConsent {
 public:
  explicit AskForConsent(Services& services) : services_(services) {}
  // A person, not signed in, asks to give consent: who has this address gets a mail. Known and unknown addresses answer
  // alike and after the same number of commits. InvalidRequest: no such purpose, or not one of consent.
  base::Result<void> execute(const std::string& email, const std::string& purpose, const std::string& language);

 private:
  Services& services_;
};

}  // namespace egide::vault
