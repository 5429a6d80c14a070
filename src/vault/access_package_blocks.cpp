#include "access_package_blocks.h"

#include <algorithm>
#include <map>

#include "egide/base/time.h"

namespace egide::vault {
namespace {

using policies::Purpose;
using Concerned = std::vector<ConcernedPurpose>;

PackageJson both(const char* fr, const char* en) {
  PackageJson text = PackageJson::object();
  text["fr"] = fr;
  text["en"] = en;
  return text;
}

PackageJson both(const policies::Text& text) {
  PackageJson out = PackageJson::object();
  out["fr"] = text.in("fr");
  out["en"] = text.in("en");
  return out;
}

PackageJson block(const char* article, PackageJson title, PackageJson items, PackageJson none_because) {
  PackageJson out = PackageJson::object();
  out["article"] = article;
  out["title"] = std::move(title);
  const bool none = items.empty();
  out["items"] = std::move(items);
  if (none) out["none_because"] = std::move(none_because);
  return out;
}

std::string duration_text(const base::Duration& duration) {
  std::string out = "P";
  if (duration.months / 12 > 0) out += std::to_string(duration.months / 12) + "Y";
  if (duration.months % 12 > 0) out += std::to_string(duration.months % 12) + "M";
  if (duration.days > 0) out += std::to_string(duration.days) + "D";
  if (duration.time.count() > 0) out += "T" + std::to_string(duration.time.count()) + "S";
  return out.size() == 1 ? "P0D" : out;
}

PackageJson purposes_block(const Concerned& concerned) {
  PackageJson items = PackageJson::array();
  for (const auto& [purpose, declared, consented, used] : concerned) {
    PackageJson item = PackageJson::object();
    item["purpose"] = purpose->id.str();
    item["label"] = both(purpose->label);
    item["description"] = both(purpose->description);
    item["legal_basis"] = policies::dpv_id(purpose->basis);
    item["because"] = PackageJson::array();
    if (declared) item["because"].push_back("declared");
    if (consented) item["because"].push_back("consent");
    if (used) item["because"].push_back("log");
    items.push_back(std::move(item));
  }
  return block("15(1)(a)", both("Finalités et bases légales", "Purposes and legal bases"), std::move(items),
               both("aucune finalité ne porte sur les données conservées", "no purpose concerns the data held"));
}

PackageJson categories_block(const Services& services, const PersonCopy& copy) {
  PackageJson items = PackageJson::array();
  for (const auto& attribute : copy.attributes) {
    PackageJson item = PackageJson::object();
    item["category"] = attribute.row.category;
    if (services.pack->is_special_category(attribute.row.category)) item["special"] = "GDPR 9";
    if (services.pack->is_criminal_category(attribute.row.category)) item["special"] = "GDPR 10";
    items.push_back(std::move(item));
  }
  return block("15(1)(b)", both("Catégories de données", "Categories of data"), std::move(items),
               both("aucune donnée n’est conservée hors le journal et vos demandes",
                    "no data is held besides the log and your requests"));
}

PackageJson recipients_block(const Services& services, const PersonCopy& copy) {
  PackageJson items = PackageJson::array();
  for (const ToolUse& use : copy.uses) {
    PackageJson item = PackageJson::object();
    item["tool"] = use.tool;
    if (const auto tool = services.accounts.tool(use.tool)) {
      item["name"] = tool->row.name;
      if (!tool->row.recipient_class.empty()) item["recipient_class"] = tool->row.recipient_class;
    }
    item["purpose"] = use.purpose;
    const Purpose* purpose = services.pack->find(use.purpose);
    if (!use.categories.empty())
      item["categories"] = use.categories;
    else if (purpose != nullptr)
      item["categories"] = purpose->data_categories;
    item["times"] = use.times;
    item["first"] = base::format_rfc3339(use.first);
    item["last"] = base::format_rfc3339(use.last);
    items.push_back(std::move(item));
  }
  return block("15(1)(c)", both("Destinataires, d’après le journal", "Recipients, from the log"), std::move(items),
               both("aucun outil n’a été autorisé à lire vos données : le journal le montre",
                    "no tool was permitted to read your data: the log shows it"));
}

PackageJson retention_block(const Concerned& concerned) {
  PackageJson items = PackageJson::array();
  for (const auto& one : concerned) {
    const policies::Retention& rule = one.purpose->retention;
    PackageJson item = PackageJson::object();
    item["purpose"] = one.purpose->id.str();
    const auto put = [&item](const char* key, const std::optional<base::Duration>& duration) {
      if (duration) item[key] = duration_text(*duration);
    };
    if (!rule.active.empty()) item["active"] = rule.active;
    if (!rule.trigger.empty()) item["from"] = rule.trigger;
    put("after", rule.after);
    put("archive", rule.archive);
    put("outputs", rule.outputs);
    if (!one.purpose->erasure_exception.empty()) item["kept_although_erased"] = one.purpose->erasure_exception;
    items.push_back(std::move(item));
  }
  return block("15(1)(d)", both("Durées de conservation, ou critères", "Retention periods, or criteria"),
               std::move(items), both("aucune finalité, donc aucune durée", "no purpose, hence no period"));
}

PackageJson rights_block(const Services& services, const Concerned& concerned) {
  static constexpr const char* kRights[] = {"access",      "rectification", "erasure",
                                            "restriction", "portability",   "objection"};
  std::map<std::string, policies::LegalBasis> bases;
  for (const auto& one : concerned) bases.emplace(policies::dpv_id(one.purpose->basis), one.purpose->basis);
  PackageJson items = PackageJson::array();
  for (const auto& [id, basis] : bases) {
    PackageJson item = PackageJson::object();
    item["legal_basis"] = id;
    for (const char* right : kRights) item[right] = services.pack->right(basis, right);
    items.push_back(std::move(item));
  }
  return block(
      "15(1)(e)", both("Vos droits selon la base légale", "Your rights by legal basis"), std::move(items),
      both("aucune finalité, donc aucun traitement auquel s’opposer", "no purpose, hence nothing to object to"));
}

PackageJson complaint_block() {
  PackageJson item = PackageJson::object();
  item["authority"] = "CNIL";
  item["name"] = "Commission nationale de l’informatique et des libertés";
  item["address"] = "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07";
  item["url"] = "https://www.cnil.fr/plaintes";
  PackageJson items = PackageJson::array();
  items.push_back(std::move(item));
  return block("15(1)(f)", both("Réclamation", "Complaint"), std::move(items), both("", ""));
}

PackageJson sources_block(const PersonCopy& copy) {
  PackageJson items = PackageJson::array();
  for (const auto& attribute : copy.attributes) {
    if (attribute.row.source == "person") continue;
    PackageJson item = PackageJson::object();
    item["category"] = attribute.row.category;
    item["source"] = attribute.row.source;
    item["since"] = base::format_rfc3339(attribute.row.updated_at);
    items.push_back(std::move(item));
  }
  return block("15(1)(g)",
               both("Source des données que vous n’avez pas saisies", "Source of data you did not enter yourself"),
               std::move(items), both("toutes les données viennent de vous", "all data comes from you"));
}

PackageJson automation_block(const PersonCopy& copy, const Concerned& concerned) {
  PackageJson items = PackageJson::array();
  for (const auto& one : concerned) {
    if (one.purpose->automation == policies::Automation::None) continue;
    PackageJson item = PackageJson::object();
    item["purpose"] = one.purpose->id.str();
    item["label"] = both(one.purpose->label);
    item["automation"] = policies::name_of(one.purpose->automation);
    item["effect"] = policies::name_of(one.purpose->effect);
    if (!one.purpose->oversight_level.empty()) item["oversight"] = one.purpose->oversight_level;
    std::int64_t decisions = 0;
    for (const auto& decision : copy.decisions)
      if (decision.at("purpose") == one.purpose->id.str()) ++decisions;
    item["decisions"] = decisions;  // each is in the copy, with what the system gave as its reasons
    items.push_back(std::move(item));
  }
  return block("15(1)(h)",
               both("Décisions automatisées et aides à la décision", "Automated decisions and decision support"),
               std::move(items),
               both("aucune finalité qui vous concerne n’utilise d’automatisation",
                    "no purpose that concerns you uses automation"));
}

}  // namespace

bool covers_any(const Purpose& purpose, const std::vector<HeldAttribute>& attributes) {
  return std::any_of(attributes.begin(), attributes.end(), [&purpose](const HeldAttribute& attribute) {
    return std::any_of(
        purpose.data_categories.begin(), purpose.data_categories.end(),
        [&](const std::string& category) { return policies::category_covers(category, attribute.row.category); });
  });
}

std::vector<ConcernedPurpose> concerned_purposes(const Services& services, const PersonCopy& copy) {
  std::vector<ConcernedPurpose> out;
  const auto& purposes = services.pack->purposes();
  for (std::size_t i = 0; i < purposes.size(); ++i) {
    ConcernedPurpose one;
    one.purpose = &purposes[i];
    one.declared = purposes[i].basis != policies::LegalBasis::Consent && covers_any(purposes[i], copy.attributes);
    one.consented = copy.state->consent(static_cast<policies::PurposeIndex>(i)) != nullptr;
    one.used = copy.logged_purposes.count(purposes[i].id.str()) > 0;
    if (one.declared || one.consented || one.used) out.push_back(one);
  }
  return out;
}

PackageJson access_blocks(const Services& services, const PersonCopy& copy) {
  const Concerned concerned = concerned_purposes(services, copy);
  PackageJson blocks = PackageJson::object();
  blocks["a"] = purposes_block(concerned);
  blocks["b"] = categories_block(services, copy);
  blocks["c"] = recipients_block(services, copy);
  blocks["d"] = retention_block(concerned);
  blocks["e"] = rights_block(services, concerned);
  blocks["f"] = complaint_block();
  blocks["g"] = sources_block(copy);
  blocks["h"] = automation_block(copy, concerned);
  return blocks;
}

}  // namespace egide::vault
