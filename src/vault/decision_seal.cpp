#include "decision_seal.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "egide/storage/log_store.h"
#include "sealing.h"

namespace egide::vault {
namespace {

constexpr std::size_t kCommitmentKey = 32;  // r32 stands before the sealed members

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// Every column that is known when the record is sealed, and the clear part: injective, so that no two records share it.
std::string record_hash(const storage::DecisionRow& row) {
  const auto occurred = base::le64(static_cast<std::uint64_t>(row.occurred_at.time_since_epoch().count()));
  const std::string_view permit = row.had_permit ? "1" : "0";
  const auto hash = crypto::sha256(
      crypto::enc({row.id.bytes(), base::as_bytes(row.source), base::as_bytes(row.event_id), base::as_bytes(row.type),
                   base::as_bytes(row.tool.str()), base::as_bytes(row.system_id), base::as_bytes(row.system_version),
                   base::as_bytes(row.purpose), occurred, base::as_bytes(row.sequence), base::as_bytes(permit),
                   base::as_bytes(row.clear)}));
  return base::to_hex(hash);
}

// The members of what can't be kept, as pointers: nobody's key can hold them. That they were there is said.
std::string not_kept(const std::vector<JsonMember>& sealed) {
  std::string out = "[";
  for (const JsonMember& member : sealed) {
    if (out.size() > 1) out += ',';
    append_json_string(out, member.name);
  }
  return out + ']';
}

// The rules and the consent under which the decision was taken, as they were at that moment. The consent's record is
// sealed: in clear it would tie a person's decisions together after an erasure.
std::vector<JsonMember> circumstances(const Services& services, const DecisionEvent& event,
                                      const PurposeConsent* consent, policies::Reason reason, bool kept) {
  std::vector<JsonMember> out;
  out.reserve(4);
  out.push_back({"policy_revision", json_text(services.pack->revision_text())});
  out.push_back({"reason", json_text(policies::name_of(reason))});
  if (consent != nullptr)
    out.push_back({"consent", R"({"notice_version":)" + std::to_string(consent->person.facts.notice_version) +
                                  R"(,"state":)" + json_text(policies::dpv_id(consent->person.facts.state)) + '}'});
  if (!kept && !event.sealed.empty()) out.push_back({"not_kept", not_kept(event.sealed)});
  return out;
}

policies::Decision decide(const Services& services, const DecisionEvent& event, policies::PurposeIndex purpose,
                          base::Timestamp now, const PreparedDecision& decision) {
  policies::DecisionRequest request;
  request.purpose = purpose;
  request.automation = event.automation;
  request.effect = event.effect;
  request.oldest_acceptable_notice = decision.oldest_notice;
  policies::SubjectFacts facts;
  if (decision.state != nullptr) facts = facts_for(*decision.state, purpose, *services.pack, now);
  const policies::ToolFacts tool = decision.tool != nullptr ? decision.tool->facts() : policies::ToolFacts();
  return policies::decide(request, tool, facts, *services.pack, now);
}

base::Error damaged() { return base::integrity_violation("The stored decision is not the one the log commits to"); }

}  // namespace

base::Result<void> prepare_decision(const Services& services, const DecisionEvent& event,
                                    policies::PurposeIndex purpose, base::Timestamp now, PreparedDecision& decision) {
  storage::DecisionRow& row = decision.row;
  decision.verdict = decide(services, event, purpose, now, decision);
  decision.entry.reset();
  row.had_permit = decision.verdict.permit;
  row.subject.reset();
  row.sealed.clear();
  const SubjectState* person = decision.state != nullptr && !decision.state->erased ? decision.state.get() : nullptr;
  if (person == nullptr) {
    row.clear = canonical_object(event.clear, circumstances(services, event, nullptr, decision.verdict.reason, false));
    return {};
  }

  const PurposeConsent* consent = person->consent(purpose);
  if (consent != nullptr && consent->person.sequence == 0) consent = nullptr;
  std::vector<JsonMember> ours;
  if (consent != nullptr) ours.push_back({"consent_record", json_text(consent->person.record.str())});
  row.clear = canonical_object(event.clear, circumstances(services, event, consent, decision.verdict.reason, true));
  row.subject = person->id;
  ours.push_back({"record_sha256", json_text(record_hash(row))});
  const std::string detail = canonical_object(event.sealed, ours);

  const auto r32 = crypto::random_array<kCommitmentKey>();
  EGIDE_TRY(auto entry, SubjectEntry::prepare_unstored(services, *person, detail, r32));
  std::string plain(base::as_text(r32));
  plain += detail;
  row.sealed = seal_field(services, entry.dek(), person->id, {"decision", row.id.str(), "sealed", 1}, plain);
  crypto::wipe(plain);
  decision.entry.emplace(std::move(entry));
  return {};
}

base::Result<std::string> open_decision(Services& services, const storage::DecisionRow& row, base::ByteView dek) {
  EGIDE_TRY(const std::string plain,
            open_field(services, dek, *row.subject, {"decision", row.id.str(), "sealed", 1}, row.sealed));
  if (plain.size() < kCommitmentKey) return damaged();
  std::string detail = plain.substr(kCommitmentKey);
  std::string line;
  {
    EGIDE_TRY(const auto reads, services.reads->lease());
    EGIDE_TRY(line, storage::LogStore(*reads).leaf(row.log_index));
  }
  audit::ParsedLeaf leaf;
  EGIDE_TRY_VOID(audit::parse_leaf(line, leaf));
  const auto r32 = base::as_bytes(plain).first(kCommitmentKey);
  if (leaf.leaf.commitment != audit::detail_commitment(r32, row.log_index, base::as_bytes(detail))) return damaged();
  if (leaf.leaf.time != row.recorded_at) return damaged();
  const auto json = base::parse_json(detail);
  if (!json || !json->is_object() || json->value("record_sha256", std::string()) != record_hash(row)) return damaged();
  return detail;
}

}  // namespace egide::vault
