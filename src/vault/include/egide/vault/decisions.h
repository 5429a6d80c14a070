// Algorithmic decisions: tools record them as CloudEvents 1.0; people, the data protection officer and auditors read
// them back. docs/formats/decision-record.md says which member is kept where.
//
// What a decision says about a person (inputs, contributions, reasons, counterfactuals, every member that is not known
// here) is sealed under that person's key; the rest is kept clear. Both are bound into the log entry.
//
// Thread safety: may be called from many threads.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/policies/decide.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

inline constexpr std::size_t kMaxDecisionBatch = 1000;

struct RecordedDecision {
  base::RecordId id;
  // False: the same event with the same content was recorded before, or stands earlier in this batch. The members below
  // are then left as they are here.
  bool is_new = false;
  bool had_permit = false;
  policies::Reason reason = policies::Reason::Error;
  bool person_known = false;
  std::uint64_t log_index = 0;
};

class RecordDecisions {
 public:
  explicit RecordDecisions(Services& services) : services_(services) {}
  // `events`: one CloudEvent (an object) or a batch of 1 to 1000 (an array). One transaction: recorded whole or refused
  // whole. Answers in the order of the events, after they are durable.
  //
  // Forbidden: not a tool. InvalidRequest: every mistake of every event ("/12/data/outcome" in a batch, "/data/outcome"
  // of one). Conflict: other content under a known (source, id); `fields` names the events. TooLarge: over 1000 events,
  // or an event over 256 KiB. Unavailable: the log can't be written.
  base::Result<std::vector<RecordedDecision>> execute(const Caller& caller, const nlohmann::json& events);

 private:
  Services& services_;
};

// What everybody who may see a decision sees of it. No identity: whose it is stands in DecisionRecord.
struct DecisionView {
  base::RecordId id;
  std::string source, event_id, type, tool;
  std::string system_id, system_version, purpose;
  base::Timestamp occurred_at{}, recorded_at{};
  std::string sequence;  // empty: the source numbers nothing
  bool had_permit = false;
  bool person_known = false;  // false after an erasure, too
  std::uint64_t log_index = 0;
  std::string clear;  // a JSON object: docs/formats/decision-record.md, "Clear part"
};

using DecisionPosition = std::pair<base::Timestamp, base::RecordId>;

struct DecisionQuery {
  std::string system_id;  // empty: all
  std::optional<DecisionPosition> after;
  int limit = 50;  // 1 to 500
};
struct DecisionPage {
  std::vector<DecisionView> items;       // in the order of (recorded_at, id)
  std::optional<DecisionPosition> next;  // nothing at the end
};

class ListDecisions {
 public:
  explicit ListDecisions(Services& services) : services_(services) {}
  // All for the data protection officer and auditors, its own for a tool. Forbidden for others. InvalidRequest: limit.
  base::Result<DecisionPage> execute(const Caller& caller, const DecisionQuery& query);

 private:
  Services& services_;
};

struct DecisionRecord {
  DecisionView view;
  std::optional<base::SubjectId> subject;  // for the data protection officer and the person
  // A JSON object: the sealed part, for the data protection officer and the person. Nothing for others, and where
  // nobody is known.
  std::optional<std::string> sealed;
};

class GetDecision {
 public:
  explicit GetDecision(Services& services) : services_(services) {}
  // A tool its own and an auditor any, clear part only; the data protection officer any and the person their own, with
  // the sealed part: that is logged (decision.read) before it is answered. NotFound, too, for what the caller may not
  // see. Integrity: the stored record is not the one the log commits to.
  base::Result<DecisionRecord> execute(const Caller& caller, const base::RecordId& id);

 private:
  Services& services_;
};

// A decision in words (GDPR Art. 12, 13 to 15, 22; AI Act Art. 86).
struct DecisionExplanation {
  base::RecordId decision;
  std::string language;  // "fr" or "en"
  struct Section {
    std::string key;  // "decision", "system", "data", "weights", "change", "safeguards", "rights", "proof"
    std::string heading;
    std::vector<std::string> lines;
    bool unverified = false;  // as the tool sent it; egide can't check it
  };
  std::vector<Section> sections;
  std::vector<std::string> missing;  // what the tool did not send: "contributions", "counterfactuals", ...
  // Proof that it was written when the decision was recorded.
  std::uint64_t log_index = 0;
  std::string proof;  // "/v1/audit/entries/42/proof"
  base::Timestamp recorded_at{};
};

class ExplainDecision {
 public:
  explicit ExplainDecision(Services& services) : services_(services) {}
  // `language`: fr or en; anything else is the vault's. What is personal in it (data, weights, what would change it) is
  // given to the data protection officer and the person; others get the clear part in words. NotFound as GetDecision.
  base::Result<DecisionExplanation> execute(const Caller& caller, const base::RecordId& id,
                                            const std::string& language);

 private:
  Services& services_;
};

}  // namespace egide::vault
