#include "egide/vault/access_requests.h"

#include <algorithm>

#include "consent_events.h"
#include "denial_binding.h"
#include "egide/crypto/random.h"
#include "egide/storage/access_request_repository.h"
#include "egide/vault/generic_access.h"
#include "search_change.h"

namespace egide::vault {
namespace {

using Problem = AccessRequestProblem;
using policies::ConsentState;

constexpr std::chrono::hours kWindow{24 * 30};
constexpr std::size_t kMaxInWindow = 3;
const std::vector<std::string> kAllCategories;

std::string id_text(const base::Uuid& id) { return "arq_" + base::to_base64url(id.bytes()); }

std::optional<base::Uuid> parse_id(const std::string& text) {
  if (text.rfind("arq_", 0) != 0) return std::nullopt;
  const auto bytes = base::from_base64url(std::string_view(text).substr(4));
  return bytes ? base::Uuid::from_bytes(*bytes) : std::nullopt;
}

// Said no, in an event after the request.
bool is_refusal(const PartyConsent& party, std::int64_t asked_at) noexcept {
  if (party.sequence <= asked_at) return false;
  switch (party.facts.state) {
    case ConsentState::Refused:
    case ConsentState::Withdrawn:
    case ConsentState::Revoked:
    case ConsentState::Invalidated:
      return true;
    case ConsentState::None:
    case ConsentState::Unknown:
    case ConsentState::Requested:
    case ConsentState::RequestDeferred:
    case ConsentState::Given:
    case ConsentState::RenewedGiven:
    case ConsentState::Expired:
      break;
  }
  return false;
}

TaskStatus status_of(const Services& services, const storage::AccessRequestRow& row, base::Timestamp now) {
  const auto state = services.subjects.find(row.subject);
  const auto purpose = services.pack->index_of(row.purpose);
  if (state == nullptr || state->erased || !purpose) return TaskStatus::Failed;
  const policies::Decision decision =
      UseDecider(services, row.tool, *purpose, kAllCategories, std::nullopt).decide(*state, now);
  if (decision.permit) return TaskStatus::Approved;
  if (const PurposeConsent* consent = state->consent(*purpose))
    if (is_refusal(consent->person, row.person_sequence) || is_refusal(consent->guardian, row.guardian_sequence))
      return TaskStatus::Denied;
  if (row.expires_at <= now) return TaskStatus::Expired;
  return decision.requestable ? TaskStatus::Pending : TaskStatus::Failed;
}

// The event "requested", where it can follow the present state. Where it can't (an expired consent that nothing has
// marked, a request that another tool made), only the log says that this tool asked too.
class AccessRequestChange final : public LoggedChange {
 public:
  AccessRequestChange(Services& services, const Caller& caller, const NewAccessRequest& request,
                      policies::PurposeIndex purpose, const base::SubjectId& subject)
      : LoggedChange(services), caller_(caller), request_(request), purpose_(purpose) {
    row_.id = base::Uuid(crypto::random_array<16>());
    row_.tool = request.question.tool;
    row_.subject = subject;
    row_.purpose = request.question.purpose;
    row_.expires_at = request.expires_at;
  }

  base::Result<void> apply(storage::ChangeContext& context) override {
    const base::Timestamp now = context.now();
    const auto state = services_.subjects.find(row_.subject);
    if (state == nullptr || state->erased) return refuse(Problem::NotRequestable);
    const policies::Decision decision =
        UseDecider(services_, row_.tool, purpose_, request_.question.categories, request_.question.automation)
            .decide(*state, now);
    if (decision.permit || !decision.requestable) return refuse(Problem::NotRequestable);
    storage::AccessRequestRepository requests(context.connection());
    EGIDE_TRY(const auto recent, requests.recent(row_.tool, row_.subject, now - kWindow));
    for (const auto& other : recent)
      if (other.purpose == row_.purpose && status_of(services_, other, now) == TaskStatus::Pending)
        return refuse(Problem::Duplicate);
    if (recent.size() >= kMaxInWindow) return refuse(Problem::NotRequestable);
    EGIDE_TRY_VOID(ask(context, *state, decision.reason == policies::Reason::GuardianConsentMissing));
    row_.created_at = now;
    return requests.insert(row_);
  }

  AccessTaskOrProblem take() const {
    if (problem_) return *problem_;
    return AccessTask{id_text(row_.id), TaskStatus::Pending, row_.expires_at, std::nullopt};
  }

 private:
  void publish() noexcept override {
    if (next_ != nullptr) services_.subjects.put(next_);
  }

  base::Result<void> refuse(Problem problem) {
    problem_ = problem;
    return {};
  }

  base::Result<void> ask(storage::ChangeContext& context, const SubjectState& state, bool guardian) {
    std::string detail = R"({"channel":"api","tool":)";
    append_json_string(detail, row_.tool);
    detail += '}';
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services_, state, detail));
    const policies::Purpose& purpose = services_.pack->at(purpose_);
    EntryFields fields;
    fields.event = audit::event::kConsentRequested;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    fields.legal_basis = policies::dpv_id(purpose.basis);

    auto next = std::make_shared<SubjectState>(state);
    next->revision = state.revision + 1;
    PurposeConsent& both = next->consent_for(purpose_);
    const PartyConsent& party = guardian ? both.guardian : both.person;
    if (next_consent_state(party.facts.state, "requested")) {
      NewConsent consent;
      consent.purpose = purpose.id.str();
      consent.status = "requested";
      consent.channel = "api";
      EGIDE_TRY(auto applied, apply_consent(services_, caller_, consent, checked(guardian, context.now(), state.locale),
                                            *next, entry.dek(), context.now()));
      fields.resource = applied.row.id.uuid();
      EGIDE_TRY(applied.row.log_index, append(context, fields, entry));
      EGIDE_TRY_VOID(store_consent_event(services_, context, applied.row));
      next_ = next;
    } else {
      EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, entry));
    }
    row_.person_sequence = both.person.sequence;
    row_.guardian_sequence = both.guardian.sequence;
    return {};
  }

  // The notice that will be shown: the current one, in the person's language where it has that.
  CheckedConsent checked(bool guardian, base::Timestamp now, const std::string& locale) const {
    const NoticeVersion notice = services_.notices.current(purpose_);
    CheckedConsent out;
    out.purpose = purpose_;
    out.party = guardian ? storage::ConsentParty::Guardian : storage::ConsentParty::Person;
    out.at = now;
    out.notice_version = notice.version;
    out.notice_language = notice.texts.contains(locale) ? locale : services_.language;
    const auto hash = notice.hashes.find(out.notice_language);
    if (hash != notice.hashes.end()) out.notice_hash = hash->second;
    return out;
  }

  const Caller& caller_;
  const NewAccessRequest& request_;
  policies::PurposeIndex purpose_;
  storage::AccessRequestRow row_;
  std::optional<Problem> problem_;
  SubjectStatePtr next_;
};

base::Result<std::optional<AccessTask::Approval>> approval_of(const Services& services,
                                                              const storage::AccessRequestRow& row) {
  const auto state = services.subjects.find(row.subject);
  const auto purpose = services.pack->index_of(row.purpose);
  const PurposeConsent* consent = state == nullptr || !purpose ? nullptr : state->consent(*purpose);
  if (consent == nullptr) return std::optional<AccessTask::Approval>();
  AccessTask::Approval out;
  out.id = consent->person.record.str();
  EGIDE_TRY(const auto reads, services.reads->lease());
  EGIDE_TRY(const auto event, storage::ConsentRepository(*reads).find(consent->person.record));
  if (!event) return std::optional<AccessTask::Approval>();
  out.approved_at = event->recorded_at;
  const base::Duration* usual = services.pack->find_duration("consent_validity_default");
  out.approved_until = consent->person.facts.valid_until.value_or(
      base::add(out.approved_at, usual != nullptr ? *usual : base::Duration{12, 0, {}}));
  if (const auto& other = consent->guardian.facts.valid_until)
    out.approved_until = std::min(out.approved_until, *other);
  return std::optional<AccessTask::Approval>(std::move(out));
}

}  // namespace

const char* name_of(TaskStatus status) noexcept {
  switch (status) {
    case TaskStatus::Pending:
      return "pending";
    case TaskStatus::Approved:
      return "approved";
    case TaskStatus::Denied:
      return "denied";
    case TaskStatus::Expired:
      return "expired";
    case TaskStatus::Failed:
      break;
  }
  return "failed";
}

base::Result<AccessTaskOrProblem> AccessRequests::open(const Caller& caller, const NewAccessRequest& request) {
  const AccessQuestion& question = request.question;
  if (question.tool != caller.id && !may_ask_for_any(caller))
    return base::forbidden("A tool's key may ask only for itself");
  const auto purpose = services_.pack->index_of(question.purpose);
  if (!purpose) return AccessTaskOrProblem(Problem::InvalidBinding);
  EGIDE_TRY(const auto subject, services_.resolve_person(question.person, question.tool, question.purpose));
  if (!subject ||
      !is_bound(services_, request.evaluation_id, {question.tool, *subject, question.purpose, request.expires_at}))
    return AccessTaskOrProblem(Problem::InvalidBinding);
  if (request.expires_at <= services_.clock->now()) return AccessTaskOrProblem(Problem::ExpiredDenial);
  AccessRequestChange change(services_, caller, request, *purpose, *subject);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return change.take();
}

base::Result<AccessTaskOrProblem> AccessRequests::status(const Caller& caller, const std::string& id) {
  const auto key = parse_id(id);
  if (!key) return AccessTaskOrProblem(Problem::UnknownTask);
  std::optional<storage::AccessRequestRow> row;
  {
    EGIDE_TRY(const auto reads, services_.reads->lease());
    EGIDE_TRY(row, storage::AccessRequestRepository(*reads).find(*key));
  }
  if (!row || (row->tool != caller.id && !may_ask_for_any(caller))) return AccessTaskOrProblem(Problem::UnknownTask);
  AccessTask task;
  task.id = id_text(row->id);
  task.expires_at = row->expires_at;
  task.status = status_of(services_, *row, services_.clock->now());
  if (task.status == TaskStatus::Approved) {
    EGIDE_TRY(task.approval, approval_of(services_, *row));
  }
  return AccessTaskOrProblem(std::move(task));
}

}  // namespace egide::vault
