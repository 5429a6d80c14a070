// ListDecisions, GetDecision.
#include "decision_access.h"
#include "decision_seal.h"
#include "entries.h"

namespace egide::vault {
namespace {

constexpr int kMaxPage = 500;

class DecisionReadChange final : public LoggedChange {
 public:
  DecisionReadChange(Services& services, const Caller& caller, const storage::DecisionRow& row, SubjectEntry entry)
      : LoggedChange(services), caller_(caller), row_(row), entry_(std::move(entry)) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EntryFields fields;
    fields.event = audit::event::kDecisionRead;
    fields.caller = &caller_;
    fields.outcome = audit::Outcome::Allow;
    fields.resource = row_.id.uuid();
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, entry_));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
  const storage::DecisionRow& row_;
  SubjectEntry entry_;
};

}  // namespace

DecisionView view_of(const storage::DecisionRow& row) {
  DecisionView view;
  view.id = row.id;
  view.source = row.source;
  view.event_id = row.event_id;
  view.type = row.type;
  view.tool = row.tool.str();
  view.system_id = row.system_id;
  view.system_version = row.system_version;
  view.purpose = row.purpose;
  view.occurred_at = row.occurred_at;
  view.recorded_at = row.recorded_at;
  view.sequence = row.sequence;
  view.had_permit = row.had_permit;
  view.person_known = row.subject.has_value();
  view.log_index = row.log_index;
  view.clear = row.clear;
  return view;
}

base::Result<SeenDecision> see_decision(Services& services, const Caller& caller, const base::RecordId& id) {
  std::optional<storage::DecisionRow> row;
  {
    EGIDE_TRY(const auto reads, services.reads->lease());
    EGIDE_TRY(row, storage::DecisionRepository(*reads).find(id));
  }
  const bool own = row && ((caller.tool != nullptr && row->tool.str() == caller.id) ||
                           (caller.subject && row->subject == caller.subject));
  const bool office = caller.role == Role::Dpo || caller.role == Role::Auditor;
  // One answer for what is not there and for what the caller may not see.
  if (!row || (!own && !office)) return base::not_found("There is no such decision");
  SeenDecision seen{std::move(*row), std::nullopt};
  const bool whole = caller.role == Role::Dpo || caller.subject.has_value();
  if (!whole || !seen.row.subject || seen.row.sealed.empty()) return seen;

  EGIDE_TRY(const auto state, services.living(*seen.row.subject));
  EGIDE_TRY(auto entry, SubjectEntry::prepare(services, *state, R"({"fields":["decision"]})"));
  EGIDE_TRY(seen.sealed, open_decision(services, seen.row, entry.dek()));
  DecisionReadChange change(services, caller, seen.row, std::move(entry));
  EGIDE_TRY_VOID(services.committer->commit(change));
  return seen;
}

base::Result<DecisionPage> ListDecisions::execute(const Caller& caller, const DecisionQuery& query) {
  if (query.limit < 1 || query.limit > kMaxPage) return base::invalid_field("/limit", "must be between 1 and 500");
  storage::DecisionFilter filter;
  filter.system_id = query.system_id;
  filter.after = query.after;
  filter.limit = query.limit + 1;  // one more tells whether there is a next page
  if (caller.tool != nullptr)
    filter.tool = base::ToolId(caller.id);
  else if (caller.role != Role::Dpo && caller.role != Role::Auditor)
    return base::forbidden("Decisions are listed for the data protection officer, auditors and their tool");
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(auto rows, storage::DecisionRepository(*reads).list(filter));
  DecisionPage page;
  const bool more = rows.size() > static_cast<std::size_t>(query.limit);
  if (more) rows.pop_back();
  for (const auto& row : rows) page.items.push_back(view_of(row));
  if (more) page.next = DecisionPosition(rows.back().recorded_at, rows.back().id);
  return page;
}

base::Result<DecisionRecord> GetDecision::execute(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY(auto seen, see_decision(services_, caller, id));
  DecisionRecord record;
  record.view = view_of(seen.row);
  if (seen.sealed) {
    record.subject = seen.row.subject;
    record.sealed = std::move(seen.sealed);
  }
  return record;
}

}  // namespace egide::vault
