#include "decision_words.h"

#include <algorithm>
#include <array>

namespace egide::vault {
namespace {

struct Words {
  std::string_view code, french, english;
};

// In no order: there are few.
constexpr std::array kWords = {
    Words{"advisory", "le système conseille, une personne décide", "the system advises, a person decides"},
    Words{"allow_deny", "autoriser ou refuser", "allow or refuse"},
    Words{"against", "défavorable", "against"},
    Words{"classify", "classer", "classify"},
    Words{"dpv:ConsentExpired", "expiré", "expired"},
    Words{"dpv:ConsentGiven", "donné", "given"},
    Words{"dpv:ConsentInvalidated", "invalidé", "invalidated"},
    Words{"dpv:ConsentRefused", "refusé", "refused"},
    Words{"dpv:ConsentRequested", "demandé, sans réponse", "asked for, not answered"},
    Words{"dpv:ConsentRevoked", "révoqué", "revoked"},
    Words{"dpv:ConsentUnknown", "inconnu", "unknown"},
    Words{"dpv:ConsentWithdrawn", "retiré", "withdrawn"},
    Words{"dpv:RenewedConsentGiven", "renouvelé", "renewed"},
    Words{"for", "favorable", "in favour"},
    Words{"generate", "rédiger", "generate"},
    Words{"human_confirms", "le système propose, une personne confirme", "the system proposes, a person confirms"},
    Words{"human_decides_with_score", "une personne décide, avec un score du système",
          "a person decides, with a score of the system"},
    Words{"legal", "effet juridique", "legal effect"},
    Words{"match", "rapprocher", "match"},
    Words{"minor", "effet mineur", "minor effect"},
    Words{"none", "aucun", "none"},
    Words{"rank", "ordonner", "rank"},
    Words{"recommend", "recommander", "recommend"},
    Words{"score", "noter", "score"},
    Words{"similarly_significant", "effet aussi important qu’un effet juridique",
          "effect as significant as a legal one"},
    Words{"solely_automated", "entièrement automatisée", "solely automated"},
};

}  // namespace

std::string words_for(std::string_view code, bool french) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [code](const Words& w) { return w.code == code; });
  if (found == kWords.end()) return std::string(code);
  return std::string(french ? found->french : found->english);
}

}  // namespace egide::vault
