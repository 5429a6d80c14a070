// RecordDecisions: everything is made ready on the caller's thread, in one snapshot a batch; the committer appends the
// entries and writes the rows.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "cloud_event.h"
#include "decision_seal.h"
#include "egide/crypto/random.h"
#include "egide/storage/decision_repository.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/decisions.h"
#include "entries.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

constexpr std::size_t kMaxEvent = 256U << 10;
// Another thread may record one of the events between the look and the write; then all is looked up again.
constexpr int kAttempts = 5;

struct Item {
  DecisionEvent event;
  policies::PurposeIndex purpose = 0;
  std::optional<std::size_t> repeats;      // an earlier event of this batch with the same (source, id)
  std::optional<base::SubjectId> subject;  // whom data.subject named
  PreparedDecision decision;
  RecordedDecision answer;
};

class RecordChange final : public LoggedChange {
 public:
  RecordChange(Services& services, const Caller& caller, std::vector<Item>& items)
      : LoggedChange(services), caller_(caller), items_(items) {}

  // Conflict: one of the events stands there already.
  base::Result<void> apply(storage::ChangeContext& context) override {
    const auto tool = services_.accounts.tool(caller_.id);
    storage::DecisionRepository decisions(context.connection());
    WebhookQueue webhooks(services_, context);
    for (Item& item : items_) {
      if (!item.answer.is_new) continue;
      EGIDE_TRY_VOID(refresh(item, tool, context.now()));
      EGIDE_TRY_VOID(record(context, decisions, item));
      EGIDE_TRY_VOID(webhooks.decision_recorded(item.decision.row));
    }
    return {};
  }

 private:
  // The order of the log is the order of effects: what has moved on since is looked at again.
  base::Result<void> refresh(Item& item, const std::shared_ptr<const ToolState>& tool, base::Timestamp now) {
    auto state = item.subject ? services_.subjects.find(*item.subject) : nullptr;
    const int oldest_notice = services_.notices.oldest_acceptable(item.purpose);
    PreparedDecision& decision = item.decision;
    if (state == decision.state && tool == decision.tool && oldest_notice == decision.oldest_notice) return {};
    decision.state = std::move(state);
    decision.tool = tool;
    decision.oldest_notice = oldest_notice;
    return prepare_decision(services_, item.event, item.purpose, now, decision);
  }

  base::Result<void> record(storage::ChangeContext& context, storage::DecisionRepository& decisions, Item& item) {
    PreparedDecision& decision = item.decision;
    const policies::Purpose& purpose = services_.pack->at(item.purpose);
    EntryFields fields;
    fields.event = audit::event::kDecisionRecorded;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    fields.legal_basis = policies::dpv_id(purpose.basis);
    fields.outcome = decision.verdict.permit ? audit::Outcome::Allow : audit::Outcome::Deny;
    fields.with_policy = true;
    if (decision.entry) fields.resource = decision.row.id.uuid();
    EGIDE_TRY(decision.row.log_index,
              decision.entry ? append(context, fields, *decision.entry) : append(context, fields));
    decision.row.recorded_at = context.now();
    EGIDE_TRY_VOID(decisions.insert(decision.row));
    item.answer.id = decision.row.id;
    item.answer.had_permit = decision.verdict.permit;
    item.answer.reason = decision.verdict.reason;
    item.answer.person_known = decision.entry.has_value();
    item.answer.log_index = decision.row.log_index;
    return {};
  }

  const Caller& caller_;
  std::vector<Item>& items_;
};

// Finds people by what tools call them. Reads in one snapshot; keeps what it found for the batch, no longer.
class People {
 public:
  static base::Result<People> in(Services& services, const Caller& caller, storage::Connection& reads) {
    EGIDE_TRY(auto index, services.exact_index("reference"));
    return People(services, caller, reads, std::move(index));
  }
  // Subject id, pseudonym of this tool and purpose, or the organisation's own number. Nothing: unknown.
  base::Result<std::optional<base::SubjectId>> find(const std::string& text, const std::string& purpose) {
    if (text.empty()) return std::optional<base::SubjectId>();
    EGIDE_TRY(const auto known, services_.resolve_person(text, caller_.id, purpose));
    if (known && services_.subjects.find(*known) != nullptr) return known;
    const auto [at, is_new] = found_.emplace(text, std::nullopt);
    if (!is_new) return at->second;
    EGIDE_TRY(const auto people, people_.find_by_index("reference", index_.of(text)));  // as index_value() makes it
    if (people.size() == 1) at->second = people.front();
    return at->second;
  }

 private:
  People(Services& services, const Caller& caller, storage::Connection& reads, crypto::BlindIndex index)
      : services_(services), caller_(caller), people_(reads), index_(std::move(index)) {}
  Services& services_;
  const Caller& caller_;
  storage::SubjectRepository people_;
  crypto::BlindIndex index_;
  std::unordered_map<std::string, std::optional<base::SubjectId>> found_;
};

class Batch {
 public:
  Batch(Services& services, const Caller& caller, const nlohmann::json& events)
      : services_(services), caller_(caller), events_(events), many_(events.is_array()) {}

  base::Result<std::vector<RecordedDecision>> record() {
    const base::Timestamp now = services_.clock->now();
    if (many_ && events_.empty()) return base::invalid_request("A batch holds at least one event");
    if (many_ && events_.size() > kMaxDecisionBatch)
      return base::Error(base::ErrorCode::TooLarge, "A batch holds at most 1000 events");
    EGIDE_TRY_VOID(read(now));
    EGIDE_TRY_VOID(find_repeats());
    EGIDE_TRY_VOID(make_ready(now));
    EGIDE_TRY_VOID(commit());
    std::vector<RecordedDecision> out;
    out.reserve(items_.size());
    for (Item& item : items_) {
      if (item.repeats) item.answer.id = items_[*item.repeats].answer.id;
      out.push_back(item.answer);
    }
    return out;
  }

 private:
  const nlohmann::json& event(std::size_t i) const { return many_ ? events_[i] : events_; }
  std::string pointer(std::size_t i) const { return many_ ? "/" + std::to_string(i) : std::string(); }

  base::Result<void> read(base::Timestamp now) {
    std::vector<base::FieldError> mistakes, too_large;
    items_.resize(many_ ? events_.size() : 1);
    std::string content;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      content.clear();
      append_canonical(content, event(i));
      if (content.size() > kMaxEvent) too_large.push_back({pointer(i), "must have at most 256 KiB", 0});
      if (!base::is_valid_utf8(content)) mistakes.push_back({pointer(i), "must be UTF-8", 0});
      const std::size_t before = mistakes.size();
      item.event = read_decision_event(event(i), pointer(i), now, mistakes);
      if (mistakes.size() == before) find_purpose(item, pointer(i), mistakes);
      item.decision.row.content_hash = content_hash(content);
    }
    if (!too_large.empty())
      return base::Error(base::ErrorCode::TooLarge, "An event is too large: none was recorded", std::move(too_large));
    if (mistakes.empty()) return {};
    return base::Error(base::ErrorCode::InvalidRequest, "The events are not valid: none was recorded",
                       std::move(mistakes));
  }

  // Keyed: the content names a person, and a plain hash of it could be found by trying. Of the tool too: nobody learns
  // whether another's event is there.
  base::Bytes content_hash(std::string& content) const {
    content += '\n';
    content += caller_.id;
    return base::to_bytes(
        base::ByteView(services_.keys->authenticate("egide/event-content/v1", base::as_bytes(content))));
  }

  void find_purpose(Item& item, const std::string& where, std::vector<base::FieldError>& mistakes) const {
    if (item.event.purpose.empty() && caller_.tool->grants.size() == 1) {
      item.purpose = caller_.tool->grants.front().purpose;
      return;
    }
    const auto index = services_.pack->index_of(item.event.purpose);
    if (index)
      item.purpose = *index;
    else
      mistakes.push_back({where + "/data/purpose_id",
                          item.event.purpose.empty() ? "is required: this tool does not have exactly one purpose"
                                                     : "is not a purpose of the policy pack",
                          0});
  }

  base::Result<void> find_repeats() {
    std::unordered_map<std::string, std::size_t> seen;
    seen.reserve(items_.size());
    std::vector<base::FieldError> conflicts;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      // No control character stands in either.
      const auto [first, is_new] = seen.emplace(item.event.source + '\n' + item.event.id, i);
      item.answer.is_new = is_new;
      if (is_new) continue;
      item.repeats = first->second;
      if (items_[first->second].decision.row.content_hash != item.decision.row.content_hash)
        conflicts.push_back({pointer(i) + "/id", "stands twice in the batch with other content", 0});
    }
    return refuse(std::move(conflicts));
  }

  base::Result<void> make_ready(base::Timestamp now) {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(auto people, People::in(services_, caller_, *reads));
    const auto tool = services_.accounts.tool(caller_.id);
    for (Item& item : items_) {
      if (item.repeats) continue;
      fill_row(item, now);
      EGIDE_TRY(item.subject, people.find(item.event.person, item.decision.row.purpose));
      crypto::wipe(item.event.person);
      PreparedDecision& decision = item.decision;
      decision.tool = tool;
      decision.oldest_notice = services_.notices.oldest_acceptable(item.purpose);
      if (item.subject) decision.state = services_.subjects.find(*item.subject);
      EGIDE_TRY_VOID(prepare_decision(services_, item.event, item.purpose, now, decision));
    }
    return {};
  }

  void fill_row(Item& item, base::Timestamp now) const {
    storage::DecisionRow& row = item.decision.row;
    row.id = base::RecordId(crypto::time_uuid(now));
    row.source = std::move(item.event.source);
    row.event_id = std::move(item.event.id);
    row.type = std::move(item.event.type);
    row.tool = base::ToolId(caller_.id);
    row.system_id = std::move(item.event.system_id);
    row.system_version = std::move(item.event.system_version);
    row.purpose = services_.pack->at(item.purpose).id.str();
    row.occurred_at = item.event.time;
    row.sequence = std::move(item.event.sequence);
  }

  // Events are new as a rule, so they are written without looking first: the table's own rule finds what stands there.
  base::Result<void> commit() {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (std::none_of(items_.begin(), items_.end(), [](const Item& item) { return item.answer.is_new; })) return {};
      RecordChange change(services_, caller_, items_);
      const auto committed = services_.committer->commit(change);
      if (committed || committed.error().code() != base::ErrorCode::Conflict) return committed;
      EGIDE_TRY_VOID(find_known());
    }
    return base::unavailable("The same events are being recorded at once: try again");
  }

  base::Result<void> find_known() {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    const storage::DecisionRepository decisions(*reads);
    std::vector<base::FieldError> conflicts;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      if (item.repeats) continue;
      const storage::DecisionRow& row = item.decision.row;
      EGIDE_TRY(const auto known, decisions.find_event(row.source, row.event_id));
      item.answer = RecordedDecision();
      item.answer.is_new = !known;
      if (!known) continue;
      item.answer.id = known->id;
      if (known->content_hash != row.content_hash)
        conflicts.push_back({pointer(i) + "/id", "was recorded before with other content", 0});
    }
    return refuse(std::move(conflicts));
  }

  static base::Result<void> refuse(std::vector<base::FieldError> conflicts) {
    if (conflicts.empty()) return {};
    return base::Error(base::ErrorCode::Conflict, "Another event stands under this source and id: none was recorded",
                       std::move(conflicts));
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
  if (caller.role != Role::Tool || caller.tool == nullptr)
    return base::forbidden("Only the tool that took a decision records it");
  return Batch(services_, caller, events).record();
}

}  // namespace egide::vault
