#include "handlers/confirmation_page.h"

#include "egide/crypto/hash.h"
#include "handlers/html_text.h"

namespace egide::api {
namespace {

using vault::ConsentPage;

// Both answers look alike: same class, same size, same colour.
constexpr std::string_view kStyle =
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#111;"
    "background:#fff}blockquote{margin:1rem 0;padding:0 1rem;border-left:.25rem solid #555}"
    "button{font:inherit;min-width:14rem;padding:.75rem 1rem;margin:.5rem .5rem .5rem 0;border:2px solid #111;"
    "background:#fff;color:#111}button:focus-visible{outline:3px solid #06c;outline-offset:2px}"
    ".message{padding:.5rem 1rem;border:2px solid #111}textarea{width:100%;height:8rem}"
    "input{font:inherit;padding:.75rem 1rem;border:2px solid #111;max-width:100%;box-sizing:border-box}";

struct Words {
  const char *title, *child, *agree, *refuse, *given, *refused, *withdrawn, *other, *old, *again, *withdraw, *choose,
      *press_again, *not_possible, *sent_again, *recorded, *receipt, *version;
};
constexpr Words kFrench = {"Votre choix",
                           "Votre accord est demandé en plus de celui de l'enfant.",
                           "Je suis d'accord",
                           "Je ne suis pas d'accord",
                           "Votre accord est enregistré.",
                           "Votre refus est enregistré.",
                           "Votre accord est retiré.",
                           "Aucun accord n'est en cours.",
                           "Ce lien n'est plus valable. S'il venait de nous, nous pouvons vous en envoyer un autre.",
                           "Envoyer un nouveau lien",
                           "Je retire mon accord",
                           "Choisissez l'une des deux réponses.",
                           "La page était restée ouverte trop longtemps : répondez encore une fois, s'il vous plaît.",
                           "Cette réponse n'est plus possible.",
                           "Si ce lien venait de nous, un nouveau message est en route.",
                           "C'est noté.",
                           "Votre reçu, à conserver (vérifiable avec « egide verify --receipt ») :",
                           "Texte d'information, version "};
constexpr Words kEnglish = {"Your choice",
                            "Your consent is asked for besides the child's own.",
                            "I agree",
                            "I do not agree",
                            "Your consent is recorded.",
                            "Your refusal is recorded.",
                            "Your consent is withdrawn.",
                            "There is no consent at present.",
                            "This link is no longer valid. If it came from us, we can send you another one.",
                            "Send a new link",
                            "I withdraw my consent",
                            "Please choose one of the two answers.",
                            "The page had been open for too long: please answer once more.",
                            "This answer is no longer possible.",
                            "If this link came from us, a new message is on its way.",
                            "Noted.",
                            "Your receipt, to keep (checked with 'egide verify --receipt'):",
                            "Notice, version "};

const char* text_of(PageMessage message, const Words& words) {
  switch (message) {
    case PageMessage::None:
      return nullptr;
    case PageMessage::Choose:
      return words.choose;
    case PageMessage::PressAgain:
      return words.press_again;
    case PageMessage::NotPossible:
      return words.not_possible;
    case PageMessage::SentAgain:
      return words.sent_again;
    case PageMessage::Recorded:
      return words.recorded;
  }
  return nullptr;
}

std::string button(const char* choice, const char* label) {
  return std::string("<button type=\"submit\" name=\"choice\" value=\"") + choice + "\">" + label + "</button>\n";
}

std::string form(const std::string& code, const std::string& buttons) {
  return "<form method=\"post\"><input type=\"hidden\" name=\"page\" value=\"" + html_escaped(code) + "\">\n" +
         buttons + "</form>\n";
}

std::string state_part(const ConsentPage& page, const PageExtras& extras, const Words& words) {
  using policies::ConsentState;
  if (policies::is_valid_for_processing(page.consent))
    return std::string("<p>") + words.given + "</p>\n" + form(extras.code, button("withdraw", words.withdraw));
  if (page.consent == ConsentState::Refused) return std::string("<p>") + words.refused + "</p>\n";
  if (page.consent == ConsentState::Withdrawn) return std::string("<p>") + words.withdrawn + "</p>\n";
  return std::string("<p>") + words.other + "</p>\n";
}

std::string notice_part(const ConsentPage& page, const Words& words) {
  std::string out = "<h2>" + html_escaped(page.label) + "</h2>\n";
  if (page.guardian) out += std::string("<p>") + words.child + "</p>\n";
  return out + "<p>" + words.version + std::to_string(page.notice_version) + "</p>\n<blockquote>" +
         html_paragraphs(page.notice) + "</blockquote>\n";
}

}  // namespace

std::string consent_page(std::string_view language, std::string_view title, std::string_view organisation,
                         const std::string& body) {
  std::string out = "<!doctype html>\n<html lang=\"" + html_escaped(language) +
                    "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
                    "initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>";
  out += html_escaped(title);
  out += "</title><style>";
  out += kStyle;
  out += "</style></head><body><main>\n<h1>" + html_escaped(organisation) + "</h1>\n";
  return out + body + "</main></body></html>\n";
}

std::string confirmation_page(const ConsentPage& page, const PageExtras& extras) {
  const Words& words = page.language.substr(0, 2) == "fr" ? kFrench : kEnglish;
  std::string out;
  if (const char* message = text_of(extras.message, words))
    out += std::string("<p class=\"message\" role=\"status\">") + message + "</p>\n";
  switch (page.state) {
    case ConsentPage::State::Open:
      out += notice_part(page, words);
      out += form(extras.code, button("agree", words.agree) + button("refuse", words.refuse));
      break;
    case ConsentPage::State::Answered:
      out += notice_part(page, words) + state_part(page, extras, words);
      break;
    case ConsentPage::State::Old:
    case ConsentPage::State::Unknown:  // in the same words: nobody learns which links there were
      out += std::string("<p>") + words.old + "</p>\n" + form(extras.code, button("again", words.again));
      break;
  }
  if (!extras.receipt.empty())
    out += std::string("<p><label for=\"receipt\">") + words.receipt +
           "</label></p>\n<textarea id=\"receipt\" readonly>" + html_escaped(extras.receipt) + "</textarea>\n";
  return consent_page(page.language, words.title, page.organisation, out);
}

const std::string& confirmation_policy() {
  static const std::string policy = "default-src 'none'; style-src 'sha256-" +
                                    base::to_base64(crypto::sha256(base::as_bytes(kStyle))) +
                                    "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  return policy;
}

}  // namespace egide::api
