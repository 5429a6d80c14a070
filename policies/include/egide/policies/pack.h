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

enum class TransformKind {
  Drop, DropUnlessProvided, PseudonymPerTool, KeyedHash, GeneraliseAgeBand, GeneraliseArea, MinimiseSlots,
  MinimiseCounts, AggregateK, RedactFreeText, RelayAddress, MergeAfterGeneration, DelayPublication
};
std::string_view name_of(TransformKind kind) noexcept;

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
  std::vector<std::string> allowed_recipients, forbidden_recipients;
  Automation automation = Automation::None;
  Effect effect = Effect::None;
  std::string polarity;     // "benefit", "burden" or empty
  std::string art22_basis;  // "contract", "law", "explicit_consent" or empty
  std::string oversight_level;
  MinorsRule minors = MinorsRule::GuardianBelowAge;
  Notice notice;
  std::string source, source_level;
};

// Position of a purpose in its pack. Stable while the pack lives; projections index by it.
using PurposeIndex = std::uint16_t;

class Pack {
 public:
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
  bool unknown_age_is_adult() const noexcept { return unknown_age_is_adult_; }
  int k_display() const noexcept { return k_display_; }
  const base::Duration& duration(std::string_view parameter) const;  // EGIDE_CHECKs that it exists
  std::optional<std::int64_t> integer(std::string_view parameter) const;
  const std::vector<int>& age_bands() const noexcept { return age_bands_; }  // lower bounds after the first: 18 30 45 60

  // A Saturday, Sunday or public holiday of the pack's country.
  bool is_working_day(base::Date day) const;
  base::Date next_working_day(base::Date day) const;  // the day itself when it is one
  // Cell of the table of rights by legal basis: "yes", "no", "conditional", "withdraw".
  std::string_view right(LegalBasis basis, std::string_view right) const;

  bool is_special_category(std::string_view category) const noexcept;  // Art. 9, parents cover children
  bool is_criminal_category(std::string_view category) const noexcept; // Art. 10

 private:
  friend class PackLoader;
  std::string jurisdiction_;
  base::ByteArray<16> revision_{};
  std::vector<Purpose> purposes_;
  std::unordered_map<std::string_view, PurposeIndex> index_;  // views into purposes_' ids
  int minor_consent_age_ = 0;
  bool unknown_age_is_adult_ = true;
  int k_display_ = 0;
  std::vector<int> age_bands_;
  std::map<std::string, base::Duration, std::less<>> durations_;
  std::map<std::string, std::int64_t, std::less<>> integers_;
  std::vector<std::pair<unsigned, unsigned>> fixed_holidays_;  // month, day
  std::vector<int> days_after_easter_;
  std::map<std::pair<LegalBasis, std::string>, std::string> rights_;
  std::vector<std::string> special_keys_, criminal_keys_;
};

// One file of a pack: name (for messages) and text. A pack is one or more files; exactly one has format
// "egide.purposes/1". InvalidRequest lists every mistake: line, field, reason.
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
// A fideslang key: lower-case words joined by dots, known to fideslang's user tree or declared by the pack.
bool is_category_key(std::string_view text) noexcept;

}  // namespace egide::policies
