// A policy pack: purposes with their legal basis, categories, transforms, retention and automation, and every number
// of law or policy. JSON on disk (docs/formats/policy-pack.md), validated on load; a pack that fails to load never
// half-applies: load_pack gives a whole Pack or the list of every mistake with its line and field.
//
// Thread safety: a Pack is immutable after loading and may be read from many threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/base/time.h"

namespace egide::policies {

enum class LegalBasis { Consent, Contract, LegalObligation, VitalInterests, PublicTask, LegitimateInterests };
// DPV id: "eu-gdpr:A6-1-a" to "eu-gdpr:A6-1-f".
std::string_view dpv_id(LegalBasis basis) noexcept;
std::optional<LegalBasis> parse_legal_basis(std::string_view dpv) noexcept;

enum class Automation { None, Advisory, HumanConfirms, HumanDecidesWithScore, SolelyAutomated };
std::string_view name_of(Automation automation) noexcept;
std::optional<Automation> parse_automation(std::string_view name) noexcept;

enum class Effect { None, Minor, SimilarlySignificant, Legal };
enum class Objection { None, Withdraw, Grounds, Absolute };
enum class MinorsRule { GuardianBelowAge, NotAllowed, GuardianNotRequired };
std::string_view name_of(Effect effect) noexcept;
std::optional<Effect> parse_effect(std::string_view name) noexcept;
std::string_view name_of(Objection objection) noexcept;
std::string_view name_of(MinorsRule rule) noexcept;

enum class TransformKind {
  Drop,
  DropUnlessProvided,
  PseudonymPerTool,
  KeyedHash,
  GeneraliseAgeBand,
  GeneraliseArea,
  MinimiseSlots,
  MinimiseCounts,
  AggregateK,
  RedactFreeText,
  RelayAddress,
  MergeAfterGeneration,
  DelayPublication
};
std::string_view name_of(TransformKind kind) noexcept;
std::optional<TransformKind> parse_transform(std::string_view name) noexcept;

struct Text {  // by language: "fr", "en"
  std::map<std::string, std::string> by_language;
  // The language asked for, else French, else English, else empty.
  const std::string& in(std::string_view language) const;
};

struct ConsentRule {
  bool explicit_consent = false;
  std::optional<base::Duration> validity;
  bool double_opt_in = false;
  std::optional<base::Duration> renewal_notice;
};

struct Transform {
  std::vector<std::string> categories;
  TransformKind apply;
};

struct Retention {
  std::string active;   // ISO 8601 duration, or a word of the pack ("membership", "consent"); empty: none
  std::string trigger;  // "leave", "last_contact", ...
  std::optional<base::Duration> active_duration, after, archive, outputs;
  std::optional<base::Duration> min, max, max_with_justification;
  std::string keep_if;  // "explicit_agreement"; empty: none
  bool restricted_archive = false;
};

struct Notice {  // version 1 of each purpose's notice comes with the pack; later versions live in the vault
  int version = 1;
  Text text;
};

struct Purpose {
  base::PurposeId id;
  bool is_ai = false;
  Text label, description;
  std::string dpv_purpose, fides_use;
  LegalBasis basis = LegalBasis::Consent;
  std::string special_category_basis;  // DPV id of the Art. 9(2) condition; empty: none recorded
  std::optional<ConsentRule> consent;
  std::vector<std::string> data_subjects, data_categories, forbidden_categories;
  std::vector<Transform> transforms;
  Retention retention;
  std::vector<std::string> rights;
  Objection objection = Objection::None;
  std::vector<std::string> requirements, forbidden_practices;
  std::string erasure_exception;
  // Why the purpose goes on under an Art. 18 restriction (GDPR 18(2)): "legal_claims", ...; empty: it stops.
  std::string restriction_exception;
  std::vector<std::string> allowed_recipients, forbidden_recipients;
  Automation automation = Automation::None;
  Effect effect = Effect::None;
  std::string polarity;     // "benefit", "burden" or empty
  std::string art22_basis;  // "contract", "law", "explicit_consent" or empty
  std::string oversight_level;
  std::optional<double> review_coverage_min;  // share of outputs that a person reviews, 0 to 1
  MinorsRule minors = MinorsRule::GuardianBelowAge;
  Notice notice;
  std::string source, source_level;
  // Set by the loader: a data category is, holds or lies under an Art. 9 or 10 key.
  bool may_hold_special = false;
};

// Position of a purpose in its pack. Stable while the pack lives; projections index by it.
using PurposeIndex = std::uint16_t;

class Pack {
 public:
  Pack() = default;
  Pack(const Pack&) = delete;  // the index views into purposes_
  Pack& operator=(const Pack&) = delete;

  const std::string& jurisdiction() const noexcept { return jurisdiction_; }
  // First 16 bytes of SHA-256 over the pack's canonical JSON; written into each log entry as "pol".
  const base::ByteArray<16>& revision() const noexcept { return revision_; }
  std::string revision_text() const;  // "sha256:<32 hex digits>"

  const std::vector<Purpose>& purposes() const noexcept { return purposes_; }
  std::optional<PurposeIndex> index_of(std::string_view purpose_id) const noexcept;
  const Purpose* find(std::string_view purpose_id) const noexcept;
  const Purpose& at(PurposeIndex index) const { return purposes_.at(index); }

  // Numbers. Each parameter the code asks for is checked to be there when the pack is loaded.
  int minor_consent_age() const noexcept { return minor_consent_age_; }
  // Below it a person takes no part in a purpose whose rule is NotAllowed. The age of consent where the pack says
  // nothing.
  int age_of_majority() const noexcept { return age_of_majority_; }
  bool unknown_age_is_adult() const noexcept { return unknown_age_is_adult_; }
  int k_display() const noexcept { return k_display_; }
  const base::Duration& duration(std::string_view parameter) const;                  // EGIDE_CHECKs that it exists
  const base::Duration* find_duration(std::string_view parameter) const noexcept;    // nullptr: null or absent
  std::optional<std::int64_t> integer(std::string_view parameter) const;             // true and false are 1 and 0
  const std::vector<std::int64_t>* list(std::string_view parameter) const noexcept;  // "webhook_retry_delays_s"
  // Lower bounds after the first: 18 30 45 60. Empty where the pack has none: then no age band is given out.
  const std::vector<int>& age_bands() const noexcept { return age_bands_; }

  // A Saturday, Sunday or public holiday of the pack's country.
  bool is_working_day(base::Date day) const;
  base::Date next_working_day(base::Date day) const;  // the day itself when it is one
  // Cell of the table of rights by legal basis: "yes", "no", "conditional", "withdraw".
  std::string_view right(LegalBasis basis, std::string_view right) const;

  bool is_special_category(std::string_view category) const noexcept;   // Art. 9, parents cover children
  bool is_criminal_category(std::string_view category) const noexcept;  // Art. 10
  const std::vector<std::string>& special_category_keys() const noexcept { return special_keys_; }
  const std::vector<std::string>& criminal_keys() const noexcept { return criminal_keys_; }
  // A key of fideslang's tree, or one that the pack declares.
  bool knows_category(std::string_view category) const noexcept;

 private:
  friend class PackLoader;
  std::string jurisdiction_;
  base::ByteArray<16> revision_{};
  std::vector<Purpose> purposes_;
  std::unordered_map<std::string_view, PurposeIndex> index_;  // views into purposes_' ids
  int minor_consent_age_ = 0;
  int age_of_majority_ = 0;
  bool unknown_age_is_adult_ = true;
  int k_display_ = 0;
  std::vector<int> age_bands_;
  std::map<std::string, base::Duration, std::less<>> durations_;
  std::map<std::string, std::int64_t, std::less<>> integers_;
  std::map<std::string, std::vector<std::int64_t>, std::less<>> lists_;
  std::vector<std::pair<unsigned, unsigned>> fixed_holidays_;  // month, day
  std::vector<int> days_after_easter_;
  std::map<std::pair<LegalBasis, std::string>, std::string> rights_;
  std::vector<std::string> special_keys_, criminal_keys_, declared_categories_;
};

// One file of a pack: name (for messages) and text. A pack is one or more files; exactly one has format
// "egide.purposes/1". InvalidRequest lists every mistake: line, field, and a detail that begins with the file's name.
struct PackFile {
  std::string name;
  std::string text;
};
// `revision_hash` gives SHA-256: this module may not use the crypto module.
base::Result<std::shared_ptr<const Pack>> load_pack(const std::vector<PackFile>& files,
                                                    base::Hash32 (*revision_hash)(base::ByteView));

// The French-association pack that ships inside the binary.
const std::vector<PackFile>& bundled_pack_files();

// "user.contact" covers "user.contact" and "user.contact.email", not "user.contacts".
bool category_covers(std::string_view parent, std::string_view category) noexcept;
// May name a category: lower-case words joined by dots, the first two of them a key of fideslang's tree
// ("user.contact"). Packs declare keys below that; Pack::knows_category is the strict question.
bool is_category_key(std::string_view text) noexcept;

}  // namespace egide::policies
