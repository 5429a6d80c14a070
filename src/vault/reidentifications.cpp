#include "egide/vault/reidentifications.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/audit/disclosure_events.h"
#include "egide/base/json.h"
#include "egide/crypto/random.h"
#include "entries.h"
#include "reidentification_states.h"
#include "sealing.h"

namespace egide::vault {
namespace {

using storage::ReidentificationRow;

// One answer for a pseudonym that is malformed, unknown, or of another tool or purpose.
base::Error no_such_pseudonym() {
  return base::not_found("There is no person with this pseudonym for this tool and purpose");
}
base::Error no_such_record() { return base::not_found("There is no such re-identification"); }
base::Error person_erased() { return {base::ErrorCode::Gone, "This person has been erased"}; }

bool is_staff(const Caller& caller) { return caller.role == Role::Dpo || caller.role == Role::Coordinator; }

// The account as it is now: a caller was authenticated some time ago, and the opener of a record days ago.
std::shared_ptr<const AccountState> active_account(const Services& services, const base::UserId& id) {
  for (auto& account : services.accounts.accounts())
    if (account->row.id == id && account->row.active) return account;
  return nullptr;
}

base::Result<base::UserId> account_of(const Services& services, const Caller& caller) {
  const auto id = is_staff(caller) ? base::UserId::parse(caller.id) : std::nullopt;
  const auto account = id ? active_account(services, *id) : nullptr;
  if (account == nullptr) return base::forbidden("Pseudonyms are lifted by coordinators and data protection officers");
  return *id;
}

FieldPlace place_of(const base::RecordId& id) { return {"reidentification", id.str(), "sealed", 1}; }

std::string log_detail(const ReidentificationRow& row, std::string_view reason, std::string_view more) {
  std::string out = R"({"reidentification":")" + row.id.str() + R"(","tool":)";
  append_json_string(out, row.tool.str());
  out += R"(,"reason":)";
  append_json_string(out, reason);
  out += more;
  return out + '}';
}

EntryFields fields_of(const ReidentificationRow& row, std::string_view event, const Caller& caller) {
  EntryFields out;
  out.event = event;
  out.caller = &caller;
  out.purpose = row.purpose;
  out.outcome = audit::Outcome::Allow;
  out.resource = row.id.uuid();
  return out;
}

ReidentificationView view_of(const ReidentificationRow& row, base::Timestamp now) {
  ReidentificationView out;
  out.id = row.id;
  out.state = state_at(row, now);
  out.erased = !row.subject;
  out.tool = row.tool.str();
  out.purpose = row.purpose;
  out.opener = row.opener;
  out.approver = row.approver;
  out.opened_at = row.opened_at;
  out.approve_until = row.approve_until;
  out.duration = row.duration;
  out.approved_at = row.approved_at;
  out.read_until = row.read_until;
  out.log_index = row.log_index;
  return out;
}

struct Sealed {
  std::string pseudonym, reason;
};

std::string to_text(const Sealed& sealed) {
  return nlohmann::json{{"pseudonym", sealed.pseudonym}, {"reason", sealed.reason}}.dump();
}

base::Result<Sealed> open_sealed(const Services& services, const SubjectState& state, const ReidentificationRow& row) {
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, state.id, state.keys));
  EGIDE_TRY(const auto text, open_field(services, dek.expose_secret(), state.id, place_of(row.id), row.sealed));
  EGIDE_TRY(const auto json, base::parse_json(text));
  if (!json.is_object() || !json.contains("pseudonym") || !json.contains("reason"))
    return base::integrity_violation("A stored re-identification is damaged");
  return Sealed{json.at("pseudonym").get<std::string>(), json.at("reason").get<std::string>()};
}

base::Result<ReidentificationRow> find_row(storage::Connection& connection, const base::RecordId& id) {
  EGIDE_TRY(auto row, storage::ReidentificationRepository(connection).find(id));
  if (!row) return no_such_record();
  if (!row->subject) return person_erased();
  return std::move(*row);
}

class OpeningChange final : public LoggedChange {
 public:
  OpeningChange(Services& services, const Caller& caller, const base::SubjectId& subject,
                const NewReidentification& asked, const base::UserId& opener)
      : LoggedChange(services), caller_(caller), asked_(asked) {
    row.subject = subject;
    row.tool = base::ToolId(asked.tool);
    row.purpose = asked.purpose;
    row.opener = opener;
    row.duration = asked.duration;
    row.state = name_of(ReidentificationState::Pending);
  }

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::ReidentificationRepository rows(context.connection());
    if (active_account(services_, row.opener) == nullptr) return base::forbidden("This account has been disabled");
    EGIDE_TRY(const auto state, services_.living(*row.subject));
    row.opened_at = context.now();
    row.approve_until = row.opened_at + kApprovalWait;
    row.id = base::RecordId(crypto::time_uuid(row.opened_at));
    const std::string more = R"(,"step":"opened","seconds":)" + std::to_string(row.duration.count());
    EGIDE_TRY(const auto entry, SubjectEntry::prepare(services_, *state, log_detail(row, asked_.reason, more)));
    row.sealed =
        seal_field(services_, entry.dek(), state->id, place_of(row.id), to_text({asked_.pseudonym, asked_.reason}));
    EGIDE_TRY(row.log_index, append(context, fields_of(row, audit::event::kReidentificationOpened, caller_), entry));
    return rows.insert(row);
  }
  ReidentificationRow row;

 private:
  const Caller& caller_;
  const NewReidentification& asked_;
};

// A pseudonym that led nowhere. Nobody is concerned, but somebody tried.
class MissedChange final : public LoggedChange {
 public:
  MissedChange(Services& services, const Caller& caller) : LoggedChange(services), caller_(caller) {}
  base::Result<void> apply(storage::ChangeContext& context) override {
    EntryFields fields;
    fields.event = audit::event::kReidentificationOpened;
    fields.caller = &caller_;
    fields.outcome = audit::Outcome::Deny;
    EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields));
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
};

class ApprovalChange final : public LoggedChange {
 public:
  ApprovalChange(Services& services, const Caller& caller, const base::RecordId& id, const base::UserId& approver)
      : LoggedChange(services), caller_(caller), id_(id), approver_(approver) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    storage::ReidentificationRepository rows(context.connection());
    EGIDE_TRY(row, find_row(context.connection(), id_));
    EGIDE_TRY_VOID(check(context.now()));
    EGIDE_TRY(const auto state, services_.living(*row.subject));
    EGIDE_TRY(const auto sealed, open_sealed(services_, *state, row));
    EGIDE_TRY(const auto entry,
              SubjectEntry::prepare(services_, *state, log_detail(row, sealed.reason, R"(,"step":"approved")")));
    EGIDE_TRY([[maybe_unused]] const auto index,
              append(context, fields_of(row, audit::event::kReidentificationApproved, caller_), entry));
    row.approver = approver_;
    row.approved_at = context.now();
    row.read_until = context.now() + row.duration;
    EGIDE_TRY_VOID(rows.approve(id_, name_of(ReidentificationState::Pending), name_of(ReidentificationState::Approved),
                                approver_, *row.approved_at, *row.read_until));
    row.state = name_of(ReidentificationState::Approved);
    return {};
  }
  ReidentificationRow row;

 private:
  base::Result<void> check(base::Timestamp now) const {
    const auto approver = active_account(services_, approver_);
    if (approver == nullptr) return base::forbidden("This account has been disabled");
    if (row.opener == approver_) return base::forbidden("Whoever asks can't approve: it takes a second person");
    if (!may_become(state_at(row, now), ReidentificationState::Approved, ReidentificationBy::AnotherPerson))
      return base::conflict("The re-identification no longer waits for an approval");
    const auto opener = active_account(services_, row.opener);
    if (opener == nullptr) return base::conflict("The account that asked has been disabled");
    if (opener->role != Role::Dpo && approver->role != Role::Dpo)
      return base::forbidden("One of the two is a data protection officer");
    return {};
  }
  const Caller& caller_;
  const base::RecordId& id_;
  base::UserId approver_;
};

// The entry of a look, and what it may show, decided at one place in the log.
class ReadingChange final : public LoggedChange {
 public:
  ReadingChange(Services& services, const Caller& caller, const base::RecordId& id, const base::UserId& reader)
      : LoggedChange(services), caller_(caller), id_(id), reader_(reader) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    EGIDE_TRY(const auto row, find_row(context.connection(), id_));
    EGIDE_TRY(const auto state, services_.living(*row.subject));
    EGIDE_TRY(const auto sealed, open_sealed(services_, *state, row));
    view = view_of(row, context.now());
    view.pseudonym = sealed.pseudonym;
    view.reason = sealed.reason;
    if (may_read(row)) view.subject = row.subject;
    const char* more = view.subject ? R"(,"step":"read","identity":true)" : R"(,"step":"read","identity":false)";
    EGIDE_TRY(const auto entry, SubjectEntry::prepare(services_, *state, log_detail(row, sealed.reason, more)));
    EGIDE_TRY([[maybe_unused]] const auto index,
              append(context, fields_of(row, audit::event::kReidentificationRead, caller_), entry));
    return {};
  }
  ReidentificationView view;

 private:
  bool may_read(const ReidentificationRow& row) const {
    return view.state == ReidentificationState::Approved && row.opener == reader_ && row.approver &&
           *row.approver != row.opener && active_account(services_, row.opener) != nullptr &&
           active_account(services_, *row.approver) != nullptr;
  }
  const Caller& caller_;
  const base::RecordId& id_;
  base::UserId reader_;
};

}  // namespace

base::Result<ReidentificationView> Reidentifications::open(const Caller& caller, const NewReidentification& asked) {
  EGIDE_TRY(const auto opener, account_of(services_, caller));
  if (asked.duration < kShortestReidentification || asked.duration > kLongestReidentification)
    return base::invalid_field("/duration", "must be between PT1M and PT24H");
  std::optional<base::SubjectId> subject;
  // Only for what exists: each pair of names has a table of pseudonyms of its own.
  if (services_.accounts.tool(asked.tool) != nullptr && services_.pack->find(asked.purpose) != nullptr) {
    EGIDE_TRY(subject, services_.pseudonyms->resolve(asked.purpose, asked.tool, asked.pseudonym));
  }
  const auto state = subject ? services_.subjects.find(*subject) : nullptr;
  if (state == nullptr) {
    MissedChange missed(services_, caller);
    EGIDE_TRY_VOID(services_.committer->commit(missed));
    return no_such_pseudonym();
  }
  OpeningChange change(services_, caller, *subject, asked, opener);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return view_of(change.row, change.row.opened_at);
}

base::Result<ReidentificationView> Reidentifications::approve(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY(const auto approver, account_of(services_, caller));
  ApprovalChange change(services_, caller, id, approver);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return view_of(change.row, *change.row.approved_at);
}

base::Result<ReidentificationView> Reidentifications::get(const Caller& caller, const base::RecordId& id) {
  EGIDE_TRY(const auto reader, account_of(services_, caller));
  ReadingChange change(services_, caller, id, reader);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.view;
}

base::Result<Reidentifications::Page> Reidentifications::list(
    const std::optional<std::pair<base::Timestamp, base::RecordId>>& after, int limit) const {
  EGIDE_TRY(const auto reads, services_.reads->lease());
  EGIDE_TRY(auto rows, storage::ReidentificationRepository(*reads).list(after, limit + 1));
  const base::Timestamp now = services_.clock->now();
  Page out;
  const bool more = rows.size() > static_cast<std::size_t>(limit);
  if (more) rows.pop_back();
  for (const auto& row : rows) out.items.push_back(view_of(row, now));
  if (more) out.next = std::pair(rows.back().opened_at, rows.back().id);
  return out;
}

}  // namespace egide::vault
