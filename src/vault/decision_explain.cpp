// ExplainDecision: a decision in words, from what was recorded when it was taken (GDPR Art. 12, 15(1)(h), 22; AI Act
// Art. 86). Nothing is computed anew: C-203/22 asks for what was applied.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "decision_access.h"
#include "decision_words.h"
#include "egide/base/time.h"

namespace egide::vault {
namespace {

using Json = nlohmann::json;
using Section = DecisionExplanation::Section;

const Json* find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string member(const Json& object, const char* name) {
  const Json* value = find(object, name);
  return value != nullptr ? text_of(*value) : std::string();
}

class Explainer {
 public:
  Explainer(const Services& services, const SeenDecision& seen, bool french)
      : services_(services),
        row_(seen.row),
        clear_(Json::parse(seen.row.clear, nullptr, false)),
        sealed_(seen.sealed ? Json::parse(*seen.sealed, nullptr, false) : Json::object()),
        whole_(seen.sealed.has_value()),
        french_(french) {}

  DecisionExplanation explain() {
    DecisionExplanation out;
    out.decision = row_.id;
    out.language = french_ ? "fr" : "en";
    out.log_index = row_.log_index;
    out.proof = "/v1/audit/entries/" + std::to_string(row_.log_index) + "/proof";
    out.recorded_at = row_.recorded_at;
    out.sections = {decision(), system()};
    if (whole_) {
      for (Section section : {data(), weights(), change()}) out.sections.push_back(std::move(section));
      out.missing = missing_;
    }
    for (Section section : {safeguards(), rights(), proof(out.proof)}) out.sections.push_back(std::move(section));
    return out;
  }

 private:
  std::string say(const char* fr, const char* en) const { return french_ ? fr : en; }
  std::string label(const char* fr, const char* en) const { return say(fr, en) + colon(); }
  const char* colon() const { return french_ ? " : " : ": "; }
  // A text by language, in the language asked for where there is one.
  std::string in_language(const Json& texts) const {
    for (const char* language : {french_ ? "fr" : "en", "fr", "en"})
      if (const Json* text = find(texts, language)) return text_of(*text);
    return texts.is_object() && !texts.empty() ? text_of(*texts.begin()) : std::string();
  }
  // "proposed (score 0.55)"
  static std::string outcome_text(const Json& outcome) {
    std::string out = member(outcome, "value");
    if (const Json* score = find(outcome, "score")) out += " (score " + text_of(*score) + ")";
    return out;
  }
  Section not_told(const char* name, Section section) {
    missing_.emplace_back(name);
    section.lines.push_back(say("L’outil ne l’a pas indiqué.", "The tool did not say."));
    return section;
  }

  Section decision() const {
    Section out{"decision", say("Ce qui a été décidé", "What was decided"), {}, false};
    struct Line {
      const char *name, *fr, *en;
    };
    constexpr Line kLines[] = {{"value", "Résultat", "Result"},
                               {"score", "Score", "Score"},
                               {"threshold", "Seuil", "Threshold"},
                               {"rank", "Rang", "Rank"},
                               {"candidates_count", "Personnes comparées", "People compared"}};
    if (const Json* outcome = find(clear_, "outcome"))
      for (const Line& line : kLines)
        if (const Json* value = find(*outcome, line.name))
          out.lines.push_back(label(line.fr, line.en) + text_of(*value));
    if (const Json* effect = find(clear_, "effect"))
      out.lines.push_back(label("Effet", "Effect") + words_for(text_of(*effect), french_));
    if (const Json* effect = find(clear_, "effect_text")) out.lines.push_back(in_language(*effect));
    if (const Json* text = find(sealed_, "explanation_text")) {
      out.lines.push_back(in_language(*text));
      out.unverified = true;
    }
    return out;
  }

  Section system() const {
    Section out{"system", say("Par quel système", "By which system"), {}, false};
    out.lines.push_back(row_.system_id + (row_.system_version.empty() ? "" : ", version " + row_.system_version));
    if (const policies::Purpose* purpose = services_.pack->find(row_.purpose))
      out.lines.push_back(label("Finalité", "Purpose") + purpose->label.in(french_ ? "fr" : "en"));
    if (const Json* level = find(clear_, "automation_level"))
      out.lines.push_back(label("Part de la machine", "Part of the machine") + words_for(text_of(*level), french_));
    out.lines.push_back(label("Date", "Date") + base::format_rfc3339(row_.occurred_at));
    return out;
  }

  Section data() {
    Section out{"data", say("Avec quelles données", "With which data"), {}, true};
    const Json* inputs = find(sealed_, "inputs_used");
    if (inputs == nullptr || !inputs->is_array()) return not_told("inputs_used", std::move(out));
    for (const Json& input : *inputs) {
      std::string line = member(input, "name") + colon() + member(input, "value");
      std::string from = member(input, "source");
      if (const std::string day = member(input, "as_of"); !day.empty()) from += (from.empty() ? "" : ", ") + day;
      if (!from.empty()) line += " (" + from + ")";
      out.lines.push_back(std::move(line));
    }
    return out;
  }

  // What weighed most comes first.
  Section weights() {
    Section out{"weights", say("Ce qui a compté le plus", "What weighed most"), {}, true};
    const Json* contributions = find(sealed_, "contributions");
    if (contributions == nullptr || !contributions->is_array()) return not_told("contributions", std::move(out));
    std::vector<std::pair<double, const Json*>> order;
    for (const Json& one : *contributions) {
      const Json* value = find(one, "contribution");
      order.emplace_back(value != nullptr && value->is_number() ? std::abs(value->get<double>()) : 0, &one);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& one : order) {
      std::string line = member(*one.second, "name");
      if (const Json* value = find(*one.second, "contribution")) line += colon() + text_of(*value);
      if (const Json* direction = find(*one.second, "direction"))
        line += " (" + words_for(text_of(*direction), french_) + ")";
      out.lines.push_back(std::move(line));
    }
    return out;
  }

  Section change() {
    Section out{"change",
                say("Ce qui aurait changé le résultat, selon l’outil", "What would have changed it, says the tool"),
                {},
                true};
    const Json* counterfactuals = find(sealed_, "counterfactuals");
    if (counterfactuals == nullptr || !counterfactuals->is_array()) return not_told("counterfactuals", std::move(out));
    for (const Json& one : *counterfactuals) {
      std::string line;
      if (const Json* steps = find(one, "changes"); steps != nullptr && steps->is_array())
        for (const Json& step : *steps) {
          line += (line.empty() ? "" : ", ") + member(step, "name");
          if (const Json* from = find(step, "from")) line += say(" de ", " from ") + text_of(*from);
          if (const Json* to = find(step, "to")) line += say(" à ", " to ") + text_of(*to);
        }
      if (const Json* result = find(one, "new_outcome")) line += " → " + outcome_text(*result);
      out.lines.push_back(std::move(line));
    }
    return out;
  }

  Section safeguards() const {
    Section out{"safeguards", say("Sous quelles règles", "Under which rules"), {}, false};
    out.lines.push_back(row_.had_permit ? say("Le coffre permettait cet usage à ce moment.",
                                              "The vault permitted this use at that moment.")
                                        : say("Le coffre ne permettait pas cet usage à ce moment.",
                                              "The vault did not permit this use at that moment."));
    if (const Json* consent = find(clear_, "consent"))
      if (const Json* state = find(*consent, "state"))
        out.lines.push_back(label("Consentement", "Consent") + words_for(text_of(*state), french_));
    if (const Json* kept = find(clear_, "not_kept"); kept != nullptr || !row_.subject)
      out.lines.push_back(say("Ce qui concernait la personne n’est pas ou plus conservé.",
                              "What was said about the person is not kept, or no longer."));
    return out;
  }

  Section rights() const {
    Section out{
        "rights",
        say("Vos droits", "Your rights"),
        {say("Demander qu’une personne revoie cette décision, donner votre avis et la contester (RGPD, art. 22).",
             "Ask for a person to review this decision, say what you think of it, and contest it (GDPR, Art. 22)."),
         say("Obtenir une explication du rôle du système (RGPD, art. 15 ; règlement sur l’IA, art. 86).",
             "Have the part of the system explained (GDPR, Art. 15; AI Act, Art. 86)."),
         say("Accéder à vos données, les faire corriger ou effacer (RGPD, art. 15 à 17).",
             "See your data, have them corrected or erased (GDPR, Art. 15 to 17).")},
        false};
    const policies::Purpose* purpose = services_.pack->find(row_.purpose);
    if (purpose != nullptr && purpose->basis == policies::LegalBasis::Consent)
      out.lines.push_back(say("Retirer votre consentement à tout moment (RGPD, art. 7).",
                              "Withdraw your consent at any time (GDPR, Art. 7)."));
    out.lines.push_back(
        say("Saisir la CNIL (RGPD, art. 77).", "Complain to the supervisory authority (GDPR, Art. 77)."));
    return out;
  }

  Section proof(const std::string& path) const {
    const std::string index = std::to_string(row_.log_index);
    return {"proof",
            say("Preuve", "Proof"),
            {say("Écrite le ", "Written on ") + base::format_rfc3339(row_.recorded_at) + say(", entrée ", ", entry ") +
                 index + say(" du journal", " of the log") + " (" + path + ").",
             label("Clé du journal", "Key of the log") + services_.verifier_key},
            false};
  }

  const Services& services_;
  const storage::DecisionRow& row_;
  const Json clear_, sealed_;
  const bool whole_, french_;
  std::vector<std::string> missing_;
};

}  // namespace

base::Result<DecisionExplanation> ExplainDecision::execute(const Caller& caller, const base::RecordId& id,
                                                           const std::string& language) {
  EGIDE_TRY(const auto seen, see_decision(services_, caller, id));
  const std::string chosen = language == "fr" || language == "en" ? language : services_.language;
  return Explainer(services_, seen, chosen != "en").explain();
}

}  // namespace egide::vault
