// The decision engine: may this tool use this person's data for this purpose, now?
//
// A pure function over (request, facts, pack, time). Deny by default: a Decision begins as a denial, and the reasons
// are tried in the fixed order of docs/formats/decisions.md; the first that holds is the answer. What the caller sends
// can only narrow a decision, never widen it.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "egide/policies/pack.h"

namespace egide::policies {

enum class Reason : std::uint8_t {
  UnknownTool,                  // 1
  PurposeNotGranted,            // 2
  UnknownSubject,               // 3
  Erased,                       // 4
  Restricted,                   // 5
  RetentionElapsed,             // 6
  Objected,                     // 7
  SpecialCategoryWithoutBasis,  // 8
  GuardianConsentMissing,       // 9
  ConsentMissing,               // 10
  ConsentWithdrawn,             // 11
  ConsentExpired,               // 12
  NoticeOutdated,               // 13
  Art22BasisMissing,            // 14
  RecipientForbidden,           // 15
  Permit,                       // 16
  NoPolicy,                     // a pair of types that no policy covers
  Error,                        // an error while deciding denies
};
std::string_view name_of(Reason reason) noexcept;  // "consent_missing"
std::optional<Reason> parse_reason(std::string_view name) noexcept;

// DPV 2.3 consent states, docs/formats/consent.md.
enum class ConsentState : std::uint8_t {
  None,
  Unknown,
  Requested,
  RequestDeferred,
  Refused,
  Given,
  RenewedGiven,
  Expired,
  Withdrawn,
  Revoked,
  Invalidated
};
std::string_view dpv_id(ConsentState state) noexcept;  // "dpv:ConsentGiven"; empty for None: nothing was recorded
std::optional<ConsentState> parse_consent_state(std::string_view dpv) noexcept;
bool is_valid_for_processing(ConsentState state) noexcept;

struct ConsentFacts {
  ConsentState state = ConsentState::None;
  std::optional<base::Timestamp> valid_until;
  int notice_version = 0;
  // Of a refusal: when. A person who refused is asked again only when the pack's reask_after_refusal has passed.
  std::optional<base::Timestamp> refused_at;
};

struct ToolGrant {
  PurposeIndex purpose = 0;
  std::vector<std::string> categories;  // empty: all the purpose allows
};

struct ToolFacts {
  bool known = false;
  bool active = false;
  std::span<const ToolGrant> grants;  // of operators too: what their role may be used for
  std::string_view
      recipient_class;  // "charity_partner", "public_authority_nominative", ...; empty: a tool of the house
  bool third_country_without_safeguard = false;
  bool is_tool = true;  // false: an operator of the house
};

struct SubjectFacts {
  bool exists = false;  // true for a tombstone too
  bool erased = false;
  bool restricted = false;               // Art. 18, of the person; the purpose's restriction_exception is applied here
  bool retention_elapsed = false;        // for this purpose
  bool objected = false;                 // for this purpose, in force
  bool art9_condition_recorded = false;  // for this purpose: the condition its special_category_basis names is met
  std::optional<base::Date> birth_date;
  ConsentFacts consent;           // of this purpose, by the person
  ConsentFacts guardian_consent;  // of this purpose, by the guardian(s)
};

struct DecisionRequest {
  std::optional<PurposeIndex> purpose;      // nothing: unknown purpose
  std::span<const std::string> categories;  // empty: all the purpose allows
  std::optional<Automation> automation;     // nothing: what the purpose declares
  std::optional<Effect> effect;
  int oldest_acceptable_notice = 1;
};

struct Obligation {
  std::string action;  // "mask", "drop", "generalise", "record_decision", ...
  std::vector<std::string> categories;
  std::vector<std::pair<std::string, std::string>> parameters;
};

struct Decision {
  bool permit = false;
  Reason reason = Reason::Error;
  // Whether consent can be asked for (a requestable denial).
  bool requestable = false;
};

// Does not allocate. At most a few hundred nanoseconds for packs of ordinary size.
Decision decide(const DecisionRequest& request, const ToolFacts& tool, const SubjectFacts& subject, const Pack& pack,
                base::Timestamp now) noexcept;

// The categories a permit covers: those asked for (or all of the purpose's), inside purpose and grant, never a
// forbidden one. And what the tool must do with them. Two parameters are left to the caller, who has a clock and the
// register of systems: "at" of delete_after (now + "after"), "system" of record_decision.
std::vector<std::string> permitted_categories(const DecisionRequest& request, const ToolFacts& tool, const Pack& pack);
std::vector<Obligation> obligations_for(PurposeIndex purpose, std::span<const std::string> categories,
                                        const Pack& pack);

}  // namespace egide::policies
