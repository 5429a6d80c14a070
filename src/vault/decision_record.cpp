// RecordDecisions: everything is made ready on the caller's thread; the committer looks for repeats, appends the entry
// and writes the row.
#include <map>
#include <nlohmann/json.hpp>

#include "cloud_event.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "egide/storage/decision_repository.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/decisions.h"
#include "entries.h"
#include "new_subject.h"
#include "sealing.h"

namespace egide::vault {
namespace {

struct Item {
  DecisionEvent event;
  base::Hash32 content{};
  policies::PurposeIndex purpose = 0;
  std::optional<base::SubjectId> subject;
  std::optional<std::size_t> repeats;  // an earlier event of this batch with the same (source, id)
  SubjectStatePtr state;               // the one it was prepared from
  policies::Decision decision;
  storage::DecisionRow row;
  std::optional<SubjectEntry> entry;
  RecordedDecision answer;
};

std::string number_text(std::size_t number) { return "/" + std::to_string(number); }

// The consent and the rules under which the decision was taken, bound in at that moment: a later withdrawal does not
// make it unlawful, and can't make it lawful.
std::string clear_part(const Services& services, const Item& item) {
  std::string out = item.event.clear.empty() ? "{" : item.event.clear + ",";
  out += R"("reason":")" + std::string(policies::name_of(item.decision.reason)) + '"';
  out += R"(,"policy_revision":")" + services.pack->revision_text() + '"';
  const PurposeConsent* consent = item.state != nullptr ? item.state->consent(item.purpose) : nullptr;
  if (consent != nullptr && consent->person.facts.state != policies::ConsentState::None)
    out += R"(,"consent":{"record":")" + consent->person.record.str() + R"(","state":")" +
           std::string(policies::dpv_id(consent->person.facts.state)) + R"(","notice_version":")" +
           std::to_string(consent->person.facts.notice_version) + "\"}";
  if (item.state == nullptr && !item.event.sealed_names.empty()) {
    // Nobody's key can hold them, so what they said is not kept: only that it was there.
    out += R"(,"erased":[)";
    for (std::size_t i = 0; i < item.event.sealed_names.size(); ++i)
      out += (i > 0 ? "," : "") + base::Json("/data/" + item.event.sealed_names[i]).dump();
    out += ']';
  }
  return out + "}";
}

base::Result<void> prepare(const Services& services, const Caller& caller, Item& item, base::Timestamp now) {
  policies::DecisionRequest request;
  request.purpose = item.purpose;
  request.automation = item.event.automation;
  request.oldest_acceptable_notice = services.notices.oldest_acceptable(item.purpose);
  policies::SubjectFacts facts;
  if (item.state != nullptr) facts = facts_for(*item.state, item.purpose, *services.pack, now);
  item.decision = policies::decide(request, caller.tool->facts(), facts, *services.pack, now);
  item.row.had_permit = item.decision.permit;
  item.row.clear = clear_part(services, item);
  item.entry.reset();
  item.row.sealed.clear();
  if (item.state == nullptr || item.state->erased) return {};

  const auto r32 = crypto::random_array<32>();
  std::string detail = item.event.sealed.empty() ? "{" : item.event.sealed + ",";
  detail += R"("clear_sha256":")" + base::to_hex(crypto::sha256(base::as_bytes(item.row.clear))) + "\"}";
  EGIDE_TRY(auto entry, SubjectEntry::prepare_unstored(services, *item.state, detail, r32));
  std::string plain(base::as_text(r32));
  plain += detail;
  item.row.sealed =
      seal_field(services, entry.dek(), item.state->id, {"decision", item.row.id.str(), "sealed", 1}, plain);
  item.entry.emplace(std::move(entry));
  return {};
}

class RecordChange final : public LoggedChange {
 public:
  RecordChange(Services& services, const Caller& caller, std::vector<Item>& items)
      : LoggedChange(services), caller_(caller), items_(items) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::DecisionRepository decisions(context.connection());
    std::vector<base::FieldError> conflicts;
    for (std::size_t i = 0; i < items_.size(); ++i) EGIDE_TRY_VOID(look_for(decisions, i, conflicts));
    if (!conflicts.empty())
      return base::Error(base::ErrorCode::Conflict, "Another event stands under this source and id",
                         std::move(conflicts));
    for (Item& item : items_)
      if (item.answer.is_new) EGIDE_TRY_VOID(record(context, decisions, item));
    return {};
  }

 private:
  base::Result<void> look_for(storage::DecisionRepository& decisions, std::size_t i,
                              std::vector<base::FieldError>& conflicts) {
    Item& item = items_[i];
    if (item.repeats) {
      item.answer = items_[*item.repeats].answer;
      item.answer.is_new = false;
      return {};
    }
    EGIDE_TRY(const auto known, decisions.find_event(item.event.source, item.event.id));
    item.answer.is_new = !known;
    item.answer.id = known ? known->id : item.row.id;
    if (known &&
        !std::equal(known->content_hash.begin(), known->content_hash.end(), item.content.begin(), item.content.end()))
      conflicts.push_back(
          {items_.size() > 1 ? number_text(i) + "/id" : "/id", "was sent before with other content", 0});
    return {};
  }

  base::Result<void> record(storage::ChangeContext& context, storage::DecisionRepository& decisions, Item& item) {
    auto state = item.subject ? services_.subjects.find(*item.subject) : nullptr;
    if (state != item.state) {
      item.state = std::move(state);
      EGIDE_TRY_VOID(prepare(services_, caller_, item, context.now()));
    }
    const policies::Purpose& purpose = services_.pack->at(item.purpose);
    EntryFields fields;
    fields.event = audit::event::kDecisionRecorded;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    fields.legal_basis = policies::dpv_id(purpose.basis);
    fields.outcome = item.decision.permit ? audit::Outcome::Allow : audit::Outcome::Deny;
    fields.with_policy = true;
    if (item.entry) fields.resource = item.row.id.uuid();
    EGIDE_TRY(item.row.log_index, item.entry ? append(context, fields, *item.entry) : append(context, fields));
    if (item.entry) item.row.subject = item.state->id;
    item.row.recorded_at = context.now();
    EGIDE_TRY_VOID(decisions.insert(item.row));
    item.answer.had_permit = item.decision.permit;
    item.answer.reason = item.decision.reason;
    item.answer.person_known = item.entry.has_value();
    item.answer.log_index = item.row.log_index;
    return {};
  }

  const Caller& caller_;
  std::vector<Item>& items_;
};

// Subject id, pseudonym of this tool and purpose, or the organisation's own number.
base::Result<std::optional<base::SubjectId>> resolve(Services& services, const storage::SubjectRepository& people,
                                                     const Caller& caller, const Item& item) {
  const std::string& text = item.event.person;
  if (text.empty()) return std::optional<base::SubjectId>();
  EGIDE_TRY(const auto known, services.resolve_person(text, caller.id, services.pack->at(item.purpose).id.str()));
  if (known) return known;
  EGIDE_TRY(const auto value, index_value(services, "reference", text));
  EGIDE_TRY(const auto found, people.find_by_index("reference", value));
  return found.size() == 1 ? std::optional<base::SubjectId>(found.front()) : std::nullopt;
}

class Batch {
 public:
  Batch(Services& services, const Caller& caller, const nlohmann::json& events)
      : services_(services), caller_(caller), events_(events), many_(events.is_array()) {}

  base::Result<std::vector<RecordedDecision>> record() {
    const base::Timestamp now = services_.clock->now();
    if (many_ && (events_.empty() || events_.size() > kMaxDecisionBatch))
      return base::Error(events_.empty() ? base::ErrorCode::InvalidRequest : base::ErrorCode::TooLarge,
                         "A batch holds between 1 and 1000 events");
    EGIDE_TRY_VOID(read(now));
    EGIDE_TRY_VOID(make_ready(now));
    RecordChange change(services_, caller_, items_);
    EGIDE_TRY_VOID(services_.committer->commit(change));
    std::vector<RecordedDecision> out;
    out.reserve(items_.size());
    for (const Item& item : items_) out.push_back(item.answer);
    return out;
  }

 private:
  base::Result<void> read(base::Timestamp now) {
    std::vector<base::FieldError> mistakes;
    const std::size_t count = many_ ? events_.size() : 1;
    items_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const nlohmann::json& event = many_ ? events_[i] : events_;
      const std::string pointer = many_ ? number_text(i) : std::string();
      items_[i].event = read_decision_event(event, pointer, now, mistakes);
      find_purpose(items_[i], pointer, mistakes);
      // Keyed: the content names a person, and a plain hash of it could be found by trying.
      if (event.is_object())
        items_[i].content = services_.keys->authenticate("egide/event-content/v1", base::as_bytes(event.dump()));
    }
    if (mistakes.empty()) return {};
    return base::Error(base::ErrorCode::InvalidRequest, "The events are not valid: none was recorded",
                       std::move(mistakes));
  }

  void find_purpose(Item& item, const std::string& pointer, std::vector<base::FieldError>& mistakes) {
    if (item.event.purpose.empty() && caller_.tool->grants.size() == 1) {
      item.purpose = caller_.tool->grants.front().purpose;
      return;
    }
    const auto index = services_.pack->index_of(item.event.purpose);
    if (index)
      item.purpose = *index;
    else
      mistakes.push_back({pointer + "/data/purpose_id",
                          item.event.purpose.empty() ? "is required: this tool serves more than one purpose"
                                                     : "is not a purpose of the policy pack",
                          0});
  }

  base::Result<void> make_ready(base::Timestamp now) {
    std::map<std::pair<std::string, std::string>, std::size_t> seen;
    EGIDE_TRY(const auto reads, services_.reads->lease());
    const storage::SubjectRepository people(*reads);
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      const auto [first, is_new] = seen.emplace(std::make_pair(item.event.source, item.event.id), i);
      if (!is_new) {
        if (items_[first->second].content != item.content)
          return base::Error(base::ErrorCode::Conflict, "Two events of the batch differ under one source and id",
                             {{number_text(i) + "/id", "stands twice in the batch with other content", 0}});
        item.repeats = first->second;
        continue;
      }
      fill_row(item, now);
      EGIDE_TRY(item.subject, resolve(services_, people, caller_, item));
      if (item.subject) item.state = services_.subjects.find(*item.subject);
      item.event.person.clear();
      EGIDE_TRY_VOID(prepare(services_, caller_, item, now));
    }
    return {};
  }

  void fill_row(Item& item, base::Timestamp now) {
    item.row.id = base::RecordId(crypto::time_uuid(now));
    item.row.source = item.event.source;
    item.row.event_id = item.event.id;
    item.row.content_hash = base::to_bytes(item.content);
    item.row.type = item.event.type;
    item.row.tool = base::ToolId(caller_.id);
    item.row.system_id = item.event.system_id;
    item.row.system_version = item.event.system_version;
    item.row.purpose = services_.pack->at(item.purpose).id.str();
    item.row.occurred_at = item.event.time;
    item.row.sequence = item.event.sequence;
  }

  Services& services_;
  const Caller& caller_;
  const nlohmann::json& events_;
  const bool many_;
  std::vector<Item> items_;
};

}  // namespace

base::Result<std::vector<RecordedDecision>> RecordDecisions::execute(const Caller& caller,
                                                                     const nlohmann::json& events) {
  if (caller.tool == nullptr) return base::forbidden("Only the tool that took a decision records it");
  return Batch(services_, caller, events).record();
}

}  // namespace egide::vault
