#include <algorithm>

#include "pack_loader.h"

namespace egide::policies {
namespace {

class Check {
 public:
  Check(const Purpose& purpose, const std::string& pointer, const Pack& pack, Mistakes& mistakes)
      : purpose_(purpose), pointer_(pointer), pack_(pack), mistakes_(mistakes) {}

  void consent() {
    const bool by_consent = purpose_.basis == LegalBasis::Consent;
    if (by_consent && !purpose_.consent) add("consent", "is required where the legal basis is consent");
    if (!by_consent && purpose_.consent) add("consent", "must be null where the legal basis is not consent");
    if (by_consent && !has_right("withdrawal"))
      add("rights", "must hold withdrawal where the legal basis is consent (GDPR 7(3))");
    if (purpose_.is_ai && !(by_consent && purpose_.consent && purpose_.consent->explicit_consent))
      add("consent", "an AI purpose rests on explicit consent");
    if (purpose_.art22_basis == "explicit_consent" && !(purpose_.consent && purpose_.consent->explicit_consent))
      add("automation/art22_basis", "explicit_consent needs a consent rule that is explicit (GDPR 22(2)(c))");
    if (purpose_.restriction_exception == "consent" && !by_consent)
      add("restriction_exception", "consent needs consent as legal basis (GDPR 18(2))");
  }

  // GDPR 21: where the person may object, and where withdrawing takes its place.
  void objection() {
    const bool may_object =
        purpose_.basis == LegalBasis::LegitimateInterests || purpose_.basis == LegalBasis::PublicTask;
    if (may_object && purpose_.objection == Objection::None)
      add("objection", "must not be none for legitimate interests or a public task (GDPR 21(1))");
    if (purpose_.objection == Objection::Withdraw && purpose_.basis != LegalBasis::Consent)
      add("objection", "withdraw needs consent as legal basis");
    if (purpose_.effect != Effect::None && purpose_.polarity.empty())
      add("automation/polarity", "is required where there is an effect");
  }

  void categories() {
    known("data_categories", purpose_.data_categories);
    known("forbidden_categories", purpose_.forbidden_categories);
    for (std::size_t i = 0; i < purpose_.transforms.size(); ++i)
      known("transforms/" + std::to_string(i) + "/categories", purpose_.transforms[i].categories);
    for (std::size_t i = 0; i < purpose_.data_categories.size(); ++i)
      for (const std::string& forbidden : purpose_.forbidden_categories)
        if (category_covers(forbidden, purpose_.data_categories[i]))
          add("data_categories/" + std::to_string(i), "is in forbidden_categories too");
  }

  // A parent key holds its special children unless they are forbidden one by one.
  void special_categories() {
    for (std::size_t i = 0; i < purpose_.data_categories.size(); ++i) {
      const std::string at = "data_categories/" + std::to_string(i);
      if (holds(pack_.special_category_keys(), purpose_.data_categories[i]) && purpose_.special_category_basis.empty())
        add(at, "holds an Art. 9 category: name the condition in special_category_basis, or forbid it");
      const bool by_law = purpose_.basis == LegalBasis::LegalObligation || purpose_.basis == LegalBasis::PublicTask;
      if (holds(pack_.criminal_keys(), purpose_.data_categories[i]) && !by_law)
        add(at, "holds an Art. 10 category: only a legal obligation or a public task may");
    }
    if (purpose_.special_category_basis == "eu-gdpr:A9-2-a" && purpose_.consent && !purpose_.consent->explicit_consent)
      add("consent/explicit", "must be true: the Art. 9 condition is explicit consent");
  }

  void retention() {
    const Retention& r = purpose_.retention;
    if (r.active.empty() && !r.after && !r.archive && !r.min && !r.max)
      add("retention", "must say how long: active, after, archive, min or max");
    if (r.restricted_archive && !r.archive) add("retention/access", "needs an archive");
  }

 private:
  void add(const std::string& below, const std::string& detail) { mistakes_.add(pointer_ + "/" + below, detail); }
  bool has_right(std::string_view right) const {
    return std::find(purpose_.rights.begin(), purpose_.rights.end(), right) != purpose_.rights.end();
  }
  void known(const std::string& below, const std::vector<std::string>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (!pack_.knows_category(keys[i]))
        add(below + "/" + std::to_string(i), "is not a key of fideslang's user tree, nor declared by the pack");
  }
  bool holds(const std::vector<std::string>& keys, const std::string& category) const {
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
      if (category_covers(key, category)) return true;
      return category_covers(category, key) &&
             std::none_of(purpose_.forbidden_categories.begin(), purpose_.forbidden_categories.end(),
                          [&](const std::string& forbidden) { return category_covers(forbidden, key); });
    });
  }

  const Purpose& purpose_;
  const std::string& pointer_;
  const Pack& pack_;
  Mistakes& mistakes_;
};

bool ticks_a_box(std::string_view name) {
  constexpr std::string_view kNames[] = {"default",   "default_on", "checked",     "prechecked", "pre_checked",
                                         "preticked", "pre_ticked", "preselected", "opted_in"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

void check_purpose(const Purpose& purpose, const std::string& pointer, const Pack& pack, Mistakes& mistakes) {
  Check check(purpose, pointer, pack, mistakes);
  check.consent();
  check.objection();
  check.categories();
  check.special_categories();
  check.retention();
}

void refuse_preticked(const base::Json& value, const std::string& pointer, Mistakes& mistakes) {
  if (value.is_object()) {
    for (const auto& item : value.items()) {
      const std::string at = pointer_to(pointer, item.key());
      if (ticks_a_box(item.key())) mistakes.add(at, "a pack ticks no box for anybody (GDPR 4(11), recital 32)");
      refuse_preticked(item.value(), at, mistakes);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) refuse_preticked(value[i], pointer_to(pointer, i), mistakes);
  }
}

}  // namespace egide::policies
