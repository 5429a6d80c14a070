#include <algorithm>

#include "pack_loader.h"

namespace egide::policies {
namespace {

// "newsletter.noncommercial", "ai.mission_matching"
bool is_purpose_id(std::string_view text) {
  std::size_t start = 0;
  for (;;) {
    const auto dot = text.find('.', start);
    if (!is_word(text.substr(start, dot == std::string_view::npos ? dot : dot - start))) return false;
    if (dot == std::string_view::npos) return text.size() <= 100;
    start = dot + 1;
  }
}

bool is_prefixed(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix &&
         text.find_first_of(" \t\n") == std::string_view::npos;
}

Words views(const std::vector<std::string>& words) { return Words(words.begin(), words.end()); }

template <typename E, std::size_t N>
E enumerator(ObjectNode& node, std::string_view key, const NameTable<E, N>& table, E fallback) {
  return value_in(table, node.choice(key, Need::Required, names_in(table))).value_or(fallback);
}

std::vector<std::string> words(ObjectNode& node, std::string_view key, Mistakes& mistakes) {
  auto out = node.strings(key, Need::Optional);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!is_word(out[i])) mistakes.add(pointer_to(node.pointer_of(key), i), "must be one lower-case word");
  return out;
}

std::optional<ConsentRule> read_consent(ObjectNode node) {
  if (!node.present()) return std::nullopt;
  ConsentRule rule;
  rule.explicit_consent = node.boolean("explicit", Need::Required).value_or(false);
  rule.validity = node.duration("validity", Need::Optional);
  rule.double_opt_in = node.boolean("double_opt_in", Need::Required).value_or(false);
  rule.renewal_notice = node.duration("renewal_notice", Need::Optional);
  node.text("source_level", Need::Optional);
  node.close();
  return rule;
}

std::vector<Transform> read_transforms(ObjectNode& purpose, Mistakes& mistakes) {
  std::vector<Transform> out;
  const base::Json* list = purpose.array("transforms", Need::Optional);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    ObjectNode node(&(*list)[i], pointer_to(purpose.pointer_of("transforms"), i), mistakes);
    Transform line;
    line.categories = node.strings("categories", Need::Required, 1);
    line.apply = enumerator(node, "apply", kTransforms, TransformKind::Drop);
    node.close();
    out.push_back(std::move(line));
  }
  return out;
}

Retention read_retention(ObjectNode node) {
  Retention out;
  out.active = node.text("active", Need::Optional);
  out.trigger = node.word("trigger", Need::Required);
  out.after = node.duration("after", Need::Optional);
  out.archive = node.duration("archive", Need::Optional);
  out.restricted_archive = node.choice("access", Need::Optional, {"restricted"}) == "restricted";
  out.min = node.duration("min", Need::Optional);
  out.max = node.duration("max", Need::Optional);
  out.max_with_justification = node.duration("max_with_justification", Need::Optional);
  out.keep_if = node.word("keep_if", Need::Optional);
  out.outputs = node.duration("outputs", Need::Optional);
  node.text("note", Need::Optional);
  node.close();
  if (!out.active.empty()) {
    out.active_duration = base::parse_duration(out.active);
    if (!out.active_duration && !is_word(out.active))
      node.mistake("active", "must be an ISO 8601 duration, or one lower-case word");
  }
  return out;
}

void read_automation(ObjectNode node, const Vocabulary& vocabulary, Purpose& purpose) {
  purpose.automation = enumerator(node, "level", kAutomations, Automation::None);
  purpose.effect = enumerator(node, "effect", kEffects, Effect::None);
  purpose.polarity = node.choice("polarity", Need::Optional, polarities());
  node.choice("art22_relevance", Need::Optional, art22_relevances());
  node.text_by_language("art22_reason", Need::Optional, vocabulary.languages, false);
  purpose.art22_basis = node.choice("art22_basis", Need::Optional, art22_bases());
  node.close();
}

void read_oversight(ObjectNode node, const Vocabulary& vocabulary, Purpose& purpose) {
  if (!node.present()) return;
  purpose.oversight_level = node.choice("level", Need::Required, oversight_levels());
  node.text_by_language("who", Need::Optional, vocabulary.languages, false);
  node.text_by_language("what", Need::Optional, vocabulary.languages, false);
  purpose.review_coverage_min = node.share("review_coverage_min", Need::Optional);
  node.close();
}

void read_recipients(ObjectNode node, const Vocabulary& vocabulary, Purpose& purpose) {
  if (!node.present()) return;
  const Words classes = views(vocabulary.recipient_classes);
  purpose.allowed_recipients = node.choices("allowed", Need::Optional, classes);
  purpose.forbidden_recipients = node.choices("forbidden", Need::Optional, classes);
  node.close();
}

// A pack may write its first notice out; else it is the label and the description, which say the same to the person.
Notice read_notice(ObjectNode node, const Vocabulary& vocabulary, const Purpose& purpose) {
  Notice out;
  if (node.present()) {
    out.version = static_cast<int>(node.integer("version", Need::Required, 1, 1'000'000).value_or(1));
    out.text = node.text_by_language("text", Need::Required, vocabulary.languages, true);
    node.close();
    return out;
  }
  for (const auto& [language, label] : purpose.label.by_language) {
    const auto description = purpose.description.by_language.find(language);
    if (description != purpose.description.by_language.end())
      out.text.by_language[language] = label + "\n" + description->second;
  }
  return out;
}

}  // namespace

Purpose read_purpose(ObjectNode& node, const Vocabulary& vocabulary, Mistakes& mistakes) {
  Purpose out;
  const std::string id = node.text("id", Need::Required);
  if (!id.empty() && !is_purpose_id(id)) node.mistake("id", "must be lower-case words joined by dots");
  out.id = base::PurposeId(id);
  out.is_ai = node.choice("kind", Need::Required, purpose_kinds()) == "ai";
  out.label = node.text_by_language("label", Need::Required, vocabulary.languages, true);
  out.description = node.text_by_language("description", Need::Required, vocabulary.languages, true);
  out.dpv_purpose = node.text("dpv_purpose", Need::Required);
  if (!out.dpv_purpose.empty() && !is_prefixed(out.dpv_purpose, "dpv:"))
    node.mistake("dpv_purpose", "must be a DPV identifier, dpv:...");
  out.fides_use = node.text("fides_use", Need::Required);
  if (!out.fides_use.empty() && !is_purpose_id(out.fides_use))
    node.mistake("fides_use", "must be lower-case words joined by dots");
  out.basis = enumerator(node, "legal_basis", kLegalBases, LegalBasis::Consent);
  out.special_category_basis = node.choice("special_category_basis", Need::Optional, special_category_bases());
  out.consent = read_consent(node.object("consent", Need::Optional));
  out.data_subjects = node.choices("data_subjects", Need::Required, views(vocabulary.data_subjects));
  out.data_categories = node.strings("data_categories", Need::Required, 1);
  const auto dpv_data = node.strings("dpv_data", Need::Optional);
  for (std::size_t i = 0; i < dpv_data.size(); ++i)
    if (!is_prefixed(dpv_data[i], "pd:"))
      mistakes.add(pointer_to(node.pointer_of("dpv_data"), i), "must be a DPV-PD identifier, pd:...");
  out.forbidden_categories = node.strings("forbidden_categories", Need::Optional);
  out.transforms = read_transforms(node, mistakes);
  out.retention = read_retention(node.object("retention", Need::Required));
  out.rights = node.choices("rights", Need::Required, purpose_rights());
  out.objection = enumerator(node, "objection", kObjections, Objection::None);
  out.requirements = words(node, "requires", mistakes);
  out.forbidden_practices = words(node, "forbid", mistakes);
  out.erasure_exception = node.choice("erasure_exception", Need::Optional, erasure_exceptions());
  out.restriction_exception = node.choice("restriction_exception", Need::Optional, restriction_exceptions());
  read_recipients(node.object("recipients", Need::Optional), vocabulary, out);
  read_automation(node.object("automation", Need::Required), vocabulary, out);
  read_oversight(node.object("human_oversight", Need::Optional), vocabulary, out);
  out.minors = enumerator(node, "minors", kMinorsRules, MinorsRule::GuardianBelowAge);
  node.text_by_language("risk_note", Need::Optional, vocabulary.languages, false);
  node.text("article_quote", Need::Optional);
  out.source = node.text("source", Need::Optional);
  out.source_level = node.text("source_level", Need::Optional);
  out.notice = read_notice(node.object("notice", Need::Optional), vocabulary, out);
  node.close();
  return out;
}

}  // namespace egide::policies
