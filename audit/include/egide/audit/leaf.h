// A log entry (leaf): one line of JSON in one canonical form, hashed exactly as stored (docs/formats/log-leaf.md).
//
// Keys in a fixed order, absent keys left out, strings only from printable ASCII without '"' and '\', no white space,
// a final line feed, at most 65,535 bytes. No personal data: people appear as per-entry tags, details as commitments.
//
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"

namespace egide::audit {

using LeafIndex = std::uint64_t;

enum class Outcome { Allow, Deny, Fail };

// The closed list of event names. `is_known_event` answers for text.
namespace event {
inline constexpr std::string_view kLogCreated = "log.created";
inline constexpr std::string_view kLogKey = "log.key";
inline constexpr std::string_view kLogPrune = "log.prune";
inline constexpr std::string_view kLogRestore = "log.restore";
inline constexpr std::string_view kSubjectCreated = "subject.created";
inline constexpr std::string_view kSubjectUpdated = "subject.updated";
inline constexpr std::string_view kSubjectRead = "subject.read";
inline constexpr std::string_view kSubjectLookup = "subject.lookup";
inline constexpr std::string_view kSubjectErased = "subject.erased";
inline constexpr std::string_view kSubjectRestricted = "subject.restricted";
inline constexpr std::string_view kSubjectRestrictionLifted = "subject.restriction_lifted";
inline constexpr std::string_view kSubjectObjected = "subject.objected";
inline constexpr std::string_view kSubjectObjectionLifted = "subject.objection_lifted";
inline constexpr std::string_view kSubjectImported = "subject.imported";
inline constexpr std::string_view kConsentRequested = "consent.requested";
inline constexpr std::string_view kConsentGiven = "consent.given";
inline constexpr std::string_view kConsentRefused = "consent.refused";
inline constexpr std::string_view kConsentWithdrawn = "consent.withdrawn";
inline constexpr std::string_view kConsentChanged = "consent.changed";
inline constexpr std::string_view kNoticePublished = "notice.published";
inline constexpr std::string_view kPurposeChanged = "purpose.changed";
inline constexpr std::string_view kPolicyLoaded = "policy.loaded";
inline constexpr std::string_view kAccessEvaluated = "access.evaluated";
inline constexpr std::string_view kAccessSearched = "access.searched";
inline constexpr std::string_view kRecordRead = "record.read";
inline constexpr std::string_view kPseudonymsRead = "pseudonyms.read";
inline constexpr std::string_view kDecisionRecorded = "decision.recorded";
inline constexpr std::string_view kDecisionRead = "decision.read";
inline constexpr std::string_view kDecisionReviewed = "decision.reviewed";
inline constexpr std::string_view kDecisionContested = "decision.contested";
inline constexpr std::string_view kDecisionOutcome = "decision.outcome";
inline constexpr std::string_view kDecisionGap = "decision.gap";
inline constexpr std::string_view kRequestOpened = "request.opened";
inline constexpr std::string_view kRequestChanged = "request.changed";
inline constexpr std::string_view kPackageMade = "package.made";
inline constexpr std::string_view kPackageRead = "package.read";
inline constexpr std::string_view kReportMade = "report.made";
inline constexpr std::string_view kToolChanged = "tool.changed";
inline constexpr std::string_view kUserChanged = "user.changed";
inline constexpr std::string_view kKeyRotated = "key.rotated";
inline constexpr std::string_view kServerStarted = "server.started";
}  // namespace event
bool is_known_event(std::string_view name) noexcept;

// Everything but the index. Only the members that are set are written.
struct Leaf {
  LeafIndex index = 0;                       // "i"
  base::Timestamp time{};                    // "t", ms since 1970
  std::string_view event;                    // "ev"
  // Only for the events that docs/formats/log-leaf.md names; directly after "ev".
  std::string old_vkey, new_vkey;            // "old", "new" in log.key
  std::optional<std::uint64_t> min;          // "min" in log.prune
  std::optional<std::uint64_t> size, tail;   // "size", "tail" in log.restore; "size" in access.searched
  std::optional<base::ByteArray<16>> actor;  // "act": a_...; unset and `actor_is_self`: "self"
  bool actor_is_self = false;
  std::optional<base::ByteArray<16>> subject_tag;   // "sub"
  std::optional<base::ByteArray<16>> resource_tag;  // "res"
  std::string_view purpose;                  // "pur"
  std::string_view legal_basis;              // "lb"
  std::optional<Outcome> outcome;            // "dec"
  std::optional<base::ByteArray<16>> policy; // "pol": sha256: + 32 hex digits (first 16 bytes)
  std::optional<base::ByteArray<16>> request;  // "rq"
  std::optional<base::Hash32> commitment;    // "cm"
  std::optional<base::ByteArray<16>> fingerprint;  // "fp", only in subject.erased
};

// Appends the canonical line. InvalidRequest when a text member holds a character outside the form, the event is
// unknown, a member stands with an event it does not belong to, or the line would pass 65,535 bytes.
base::Result<void> write_leaf(const Leaf& leaf, std::string& out);

// A parsed leaf: owns its text. Refuses every line that write_leaf would not produce byte for byte.
struct ParsedLeaf {
  Leaf leaf;  // its views point into `text`
  std::string text;
  ParsedLeaf() = default;
  ParsedLeaf(ParsedLeaf&&) = delete;
};
// Fills `out` from `line` (copied). Integrity on anything not canonical.
base::Result<void> parse_leaf(std::string_view line, ParsedLeaf& out);

// Per-entry tags and the commitment (docs/formats/log-leaf.md, "Tags"). `kaudit` and `r32` have 32 bytes.
base::ByteArray<16> subject_tag(base::ByteView kaudit, LeafIndex index);
base::ByteArray<16> resource_tag(base::ByteView kaudit, LeafIndex index, const base::Uuid& record);
base::Hash32 detail_commitment(base::ByteView r32, LeafIndex index, base::ByteView detail);
base::ByteArray<16> erasure_fingerprint(base::ByteView kaudit);

}  // namespace egide::audit
