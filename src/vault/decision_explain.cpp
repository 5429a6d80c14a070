// ExplainDecision: a decision in words, from what was recorded when it was taken.
#include <nlohmann/json.hpp>

#include "decision_access.h"
#include "egide/base/time.h"

namespace egide::vault {
namespace {

using Json = nlohmann::json;
using Section = DecisionExplanation::Section;

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
    out.sections = {outcome(), system()};
    if (whole_) {
      out.sections.push_back(data());
      out.sections.push_back(weights(out.missing));
      out.sections.push_back(change(out.missing));
    }
    out.sections.push_back(safeguards());
    out.sections.push_back(rights());
    out.log_index = row_.log_index;
    out.proof = "/v1/audit/entries/" + std::to_string(row_.log_index) + "/proof";
    out.recorded_at = row_.recorded_at;
    out.sections.push_back(proof(out.proof));
    return out;
  }

 private:
  std::string say(const char* fr, const char* en) const { return french_ ? fr : en; }
  static std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  static const Json* find(const Json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }
  // A text by language, in the language asked for where there is one.
  std::string in_language(const Json& texts) const {
    for (const char* language : {french_ ? "fr" : "en", "fr", "en"})
      if (const Json* text = find(texts, language)) return text_of(*text);
    return {};
  }

  Section outcome() const {
    Section out{"decision", say("Ce qui a été décidé", "What was decided"), {}, false};
    const Json* outcome = find(clear_, "outcome");
    if (outcome != nullptr)
      for (const auto& [name, fr, en] :
           {std::tuple{"value", "Résultat", "Result"}, std::tuple{"score", "Score", "Score"},
            std::tuple{"threshold", "Seuil", "Threshold"}, std::tuple{"rank", "Rang", "Rank"},
            std::tuple{"candidates_count", "Personnes comparées", "People compared"}})
        if (const Json* value = find(*outcome, name)) out.lines.push_back(say(fr, en) + ": " + text_of(*value));
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
      out.lines.push_back(say("Finalité : ", "Purpose: ") + purpose->label.in(french_ ? "fr" : "en"));
    if (const Json* level = find(clear_, "automation_level"))
      out.lines.push_back(say("Degré d’automatisation : ", "Degree of automation: ") + text_of(*level));
    return out;
  }

  Section data() const {
    Section out{"data", say("Avec quelles données", "With which data"), {}, true};
    const Json* inputs = find(sealed_, "inputs_used");
    if (inputs != nullptr && inputs->is_array())
      for (const auto& input : *inputs) {
        const Json* value = find(input, "value");
        std::string line = input.value("name", std::string()) + ": " + (value != nullptr ? text_of(*value) : "-");
        if (const Json* source = find(input, "source")) line += " (" + text_of(*source) + ")";
        out.lines.push_back(line);
      }
    return out;
  }

  Section weights(std::vector<std::string>& missing) const {
    Section out{"weights", say("Ce qui a compté", "What weighed"), {}, true};
    const Json* contributions = find(sealed_, "contributions");
    if (contributions == nullptr) {
      missing.emplace_back("contributions");
      out.lines.push_back(say("L’outil ne l’a pas indiqué.", "The tool did not say."));
      return out;
    }
    for (const auto& one : *contributions)
      if (const Json* value = find(one, "contribution"))
        out.lines.push_back(one.value("name", std::string()) + ": " + text_of(*value));
    return out;
  }

  Section change(std::vector<std::string>& missing) const {
    Section out{"change", say("Ce qui aurait changé le résultat", "What would have changed it"), {}, true};
    const Json* counterfactuals = find(sealed_, "counterfactuals");
    if (counterfactuals == nullptr) {
      missing.emplace_back("counterfactuals");
      out.lines.push_back(say("L’outil ne l’a pas indiqué.", "The tool did not say."));
      return out;
    }
    for (const auto& one : *counterfactuals) {
      std::string line;
      if (const Json* changes = find(one, "changes"); changes != nullptr && changes->is_array())
        for (const auto& step : *changes) {
          const Json* to = find(step, "to");
          line += (line.empty() ? "" : ", ") + step.value("name", std::string()) + " = " +
                  (to != nullptr ? text_of(*to) : "?");
        }
      if (const Json* result = find(one, "new_outcome")) line += say(" donne ", " gives ") + text_of(*result);
      out.lines.push_back(line);
    }
    return out;
  }

  Section safeguards() const {
    Section out{"safeguards", say("Sous quelles règles", "Under which rules"), {}, false};
    out.lines.push_back(row_.had_permit
                            ? say("Le coffre avait permis cet usage.", "The vault had permitted this use.")
                            : say("Le coffre n’avait pas permis cet usage.", "The vault had not permitted this use."));
    if (const Json* consent = find(clear_, "consent"))
      if (const Json* state = find(*consent, "state"))
        out.lines.push_back(say("Consentement à ce moment : ", "Consent at that moment: ") + text_of(*state));
    return out;
  }

  Section rights() const {
    return {"rights",
            say("Vos droits", "Your rights"),
            {say("Demander qu’une personne revoie cette décision, donner votre avis et la contester.",
                 "Ask for a person to review this decision, say what you think of it, and contest it."),
             say("Accéder à vos données, les faire corriger ou effacer, retirer votre consentement.",
                 "See your data, have them corrected or erased, withdraw your consent."),
             say("Saisir la CNIL.", "Complain to the supervisory authority.")},
            false};
  }

  Section proof(const std::string& path) const {
    return {
        "proof",
        say("Preuve", "Proof"),
        {say("Enregistrée le ", "Recorded on ") + base::format_rfc3339(row_.recorded_at) +
         say(", entrée ", ", entry ") + std::to_string(row_.log_index) + say(" du journal : ", " of the log: ") + path},
        false};
  }

  const Services& services_;
  const storage::DecisionRow& row_;
  const Json clear_, sealed_;
  const bool whole_, french_;
};

}  // namespace

base::Result<DecisionExplanation> ExplainDecision::execute(const Caller& caller, const base::RecordId& id,
                                                           const std::string& language) {
  EGIDE_TRY(const auto seen, see_decision(services_, caller, id));
  const std::string chosen = language == "fr" || language == "en" ? language : services_.language;
  return Explainer(services_, seen, chosen != "en").explain();
}

}  // namespace egide::vault
