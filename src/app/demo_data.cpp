#include "demo_data.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

#include "egide/base/time.h"
#include "egide/vault/accounts.h"
#include "egide/vault/consents.h"
#include "egide/vault/subjects.h"
#include "output.h"

namespace egide::app {
namespace {

constexpr std::size_t kPeople = 240;
constexpr std::array kFirst = {"Camille", "Noé",   "Zoé",    "Malik", "Inès", "Hugo",  "Léa",
                               "Yanis",   "Chloé", "Adama",  "Élise", "Gaël", "Sofia", "Émile",
                               "Jeanne",  "Karim", "Maëlle", "Paul",  "Awa",  "Loïc"};
constexpr std::array kLast = {"Aubry",   "Benali",    "Carpentier", "Delmas",   "Evrard", "Fofana",  "Garnier",
                              "Haddad",  "Imbert",    "Jolivet",    "Kermarec", "Lopes",  "Mercier", "N’Diaye",
                              "Olivier", "Petitjean", "Roux",       "Sylla",    "Tanguy", "Vidal"};
constexpr std::array kPlaces = {"69001 Lyon",     "69003 Lyon",          "69100 Villeurbanne",    "69200 Vénissieux",
                                "38000 Grenoble", "42000 Saint-Étienne", "01000 Bourg-en-Bresse", "26000 Valence"};
constexpr std::array kSkills = {"cuisine",           "permis B",         "anglais",   "arabe",
                                "langue des signes", "premiers secours", "bricolage", "informatique",
                                "soutien scolaire",  "animation"};
constexpr std::array kSlots = {"lundi soir",          "mardi après-midi",  "mercredi matin",
                               "mercredi après-midi", "jeudi soir",        "vendredi après-midi",
                               "samedi matin",        "samedi après-midi", "dimanche matin"};

class Demo {
 public:
  explicit Demo(vault::Vault& vault)
      : services_(vault.services()),
        info_(vault.info()),
        operator_(vault::Accounts::operator_of_the_machine(services_)) {}

  base::Result<nlohmann::json> seed() {
    nlohmann::json out = nlohmann::json::object();
    EGIDE_TRY(out["tokens"], add_accounts());
    EGIDE_TRY(out["tools"], add_tools());
    EGIDE_TRY(out["subjects"], add_people());
    out["vkey"] = info_.verifier_key;
    return out;
  }

 private:
  base::Result<nlohmann::json> add_accounts() {
    nlohmann::json tokens = nlohmann::json::object();
    for (const vault::Role role :
         {vault::Role::Admin, vault::Role::Dpo, vault::Role::Auditor, vault::Role::Coordinator}) {
      const std::string name(vault::name_of(role));
      EGIDE_TRY(const auto added, vault::Accounts(services_).add_account(operator_, "demo " + name, role));
      tokens[name] = added.token;
    }
    return tokens;
  }

  base::Result<nlohmann::json> add_tools() {
    const vault::NewTool tools[] = {
        {"matcher", "Appariement bénévoles–missions", {"ai.mission_matching"}, "", false},
        {"recommender", "Recommandation de missions", {"ai.mission_recommendation", "ai.mission_matching"}, "", false},
        {"newsletter", "Lettre d’information", {"newsletter.noncommercial"}, "", false},
        {"chatbot", "Accueil des nouveaux bénévoles", {"ai.welcome_chatbot"}, "", false},
    };
    nlohmann::json keys = nlohmann::json::object();
    for (const auto& tool : tools) {
      EGIDE_TRY(keys[tool.id], vault::Accounts(services_).add_tool(operator_, tool));
    }
    return keys;
  }

  base::Result<nlohmann::json> add_people() {
    nlohmann::json people = nlohmann::json::array();
    const auto progress = progress_line("inventing people");
    for (std::size_t i = 0; i < kPeople; ++i) {
      const std::string email = "benevole" + std::to_string(i + 1) + "@example.org";
      EGIDE_TRY(const auto id, vault::RegisterSubject(services_).execute(operator_, person(i, email), "fr", "demo"));
      EGIDE_TRY_VOID(add_consents(id, i));
      nlohmann::json one = nlohmann::json::object();
      one["id"] = id.str();
      one["email"] = email;
      people.push_back(one);
      if (progress) progress(i + 1, kPeople);
    }
    return people;
  }

  template <typename List>
  std::string pick(const List& list) {
    return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(random_)];
  }
  int number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

  template <typename List>
  nlohmann::json pick_some(const List& list) {
    nlohmann::json out = nlohmann::json::array();
    for (const char* item : list)
      if (number(0, 3) == 0) out.push_back(item);
    if (out.empty()) out.push_back(pick(list));
    return out;
  }

  vault::Attributes person(std::size_t i, const std::string& email) {
    char birth[16];
    // Every twentieth is under the age of consent.
    const int year = i % 20 == 19 ? number(2012, 2014) : number(1945, 2006);
    std::snprintf(birth, sizeof birth, "%04d-%02d-%02d", year, number(1, 12), number(1, 28));
    char phone[16];
    std::snprintf(phone, sizeof phone, "06399%05d", number(80000, 89999));  // a range kept for fiction
    const std::string place = pick(kPlaces);
    vault::Attributes out;
    out["user.name.first"] = pick(kFirst);
    out["user.name.last"] = pick(kLast);
    out["user.contact.email"] = email;
    out["user.contact.phone_number"] = phone;
    out["user.contact.address.postal_code"] = place.substr(0, 5);
    out["user.contact.address.city"] = place.substr(6);
    out["user.demographic.date_of_birth"] = birth;
    out["user.demographic.language"] = "fr";
    out["user.demographic.profile.skills"] = pick_some(kSkills);
    out["user.demographic.profile.availability"] = pick_some(kSlots);
    out[vault::kReferenceCategory] = "DEMO-" + std::to_string(10001 + i);
    return out;
  }

  base::Result<void> add_consents(const base::SubjectId& id, std::size_t i) {
    // The first person of the list says yes to matching, the second no; the rest as it falls.
    const int matching = i == 0 ? 1 : i == 1 ? 2 : number(0, 3);
    EGIDE_TRY_VOID(say(id, "ai.mission_matching", matching == 0 ? "" : matching == 2 ? "refused" : "given", i));
    return say(id, "newsletter.noncommercial", number(0, 1) == 0 ? "" : "given", i);
  }

  base::Result<void> say(const base::SubjectId& id, const char* purpose, const char* status, std::size_t i) {
    if (*status == '\0') return {};
    vault::NewConsent consent;
    consent.purpose = purpose;
    consent.status = status;
    consent.channel = "paper";
    consent.method = "bulletin d’adhésion";
    consent.evidence = "bulletin " + std::to_string(1001 + i);
    EGIDE_TRY([[maybe_unused]] const auto event, vault::RecordConsent(services_).execute(operator_, id, consent));
    return {};
  }

  vault::Services& services_;
  vault::VaultInfo info_;
  vault::Caller operator_;
  std::mt19937 random_{20261124};
};

}  // namespace

base::Result<nlohmann::json> seed_demo(vault::Vault& vault) { return Demo(vault).seed(); }

}  // namespace egide::app
