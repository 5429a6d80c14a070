// What a fulfilled request does, inside its transition's change.
#include <algorithm>

#include "consent_events.h"
#include "egide/base/bytes.h"
#include "egide/storage/consent_repository.h"
#include "egide/storage/subject_repository.h"
#include "erase_subject.h"
#include "request_change.h"
#include "request_record.h"
#include "webhook_queue.h"

namespace egide::vault {
namespace {

// The channels of consent events, by the channels of requests.
std::string consent_channel(const std::string& channel) {
  if (channel == "portal" || channel == "phone" || channel == "in_person") return channel;
  if (channel == "email") return "email_link";
  return channel == "post" ? "paper" : "api";
}

std::vector<policies::PurposeIndex> indexes_of(const policies::Pack& pack, const std::vector<std::string>& purposes) {
  std::vector<policies::PurposeIndex> out;
  for (const auto& purpose : purposes)
    if (const auto index = pack.index_of(purpose)) out.push_back(*index);
  return out;
}

// Without a scope: every purpose that the law lets people object to.
std::vector<policies::PurposeIndex> objectionable(const policies::Pack& pack) {
  std::vector<policies::PurposeIndex> out;
  for (std::size_t i = 0; i < pack.purposes().size(); ++i) {
    const auto rule = pack.purposes()[i].objection;
    if (rule == policies::Objection::Grounds || rule == policies::Objection::Absolute)
      out.push_back(static_cast<policies::PurposeIndex>(i));
  }
  return out;
}

}  // namespace

base::Result<void> TransitionChange::take_effect(storage::ChangeContext& context, RequestType type) {
  switch (type) {
    case RequestType::Access:
    case RequestType::Portability:
      return store_package(context);
    case RequestType::Erasure:
      return erase_person(context);
    case RequestType::Restriction:
      return restrict_person(context);
    case RequestType::Objection:
      return record_objections(context);
    case RequestType::Withdrawal:
      return withdraw_consents(context);
    // Carried out by other use cases (UpdateSubject, the review of a decision, an answer): the transition says so.
    case RequestType::Rectification:
    case RequestType::AutomatedDecision:
    case RequestType::Information:
      return {};
  }
  return {};
}

SubjectState& TransitionChange::next_state() {
  if (next_ == nullptr) {
    next_ = std::make_shared<SubjectState>(*state_);
    next_->revision = state_->revision + 1;
  }
  return *next_;
}

base::Result<RequestScope> TransitionChange::scope() const {
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services_.epoch_keys, state_->id, state_->keys));
  EGIDE_TRY(auto details, open_details(services_, dek.expose_secret(), state_->id, row_));
  return std::move(details.scope);
}

base::Result<void> TransitionChange::restrict_person(storage::ChangeContext& context) {
  EGIDE_TRY_VOID(storage::SubjectRepository(context.connection()).set_restricted(state_->id, true));
  next_state().restricted = true;
  EntryFields fields;
  fields.event = audit::event::kSubjectRestricted;
  fields.caller = &caller_;
  fields.resource = state_->id.uuid();
  EGIDE_TRY(const auto about, entry(request_only_detail()));
  EGIDE_TRY(const auto index, append(context, fields, about));
  return WebhookQueue(services_, context).subject_restricted(*state_, index);
}

base::Result<void> TransitionChange::record_objections(storage::ChangeContext& context) {
  EGIDE_TRY(const auto wanted, scope());
  const auto purposes =
      wanted.purposes.empty() ? objectionable(*services_.pack) : indexes_of(*services_.pack, wanted.purposes);
  storage::SubjectRepository people(context.connection());
  SubjectState& next = next_state();
  for (const auto index : purposes) {
    if (std::find(next.objections.begin(), next.objections.end(), index) != next.objections.end()) continue;
    const policies::Purpose& purpose = services_.pack->at(index);
    EGIDE_TRY_VOID(people.put_objection(next.id, purpose.id.str(), context.now()));
    next.objections.push_back(index);
    EntryFields fields;
    fields.event = audit::event::kSubjectObjected;
    fields.caller = &caller_;
    fields.purpose = purpose.id.str();
    fields.legal_basis = policies::dpv_id(purpose.basis);
    EGIDE_TRY(const auto about, entry(request_only_detail()));
    EGIDE_TRY(const auto logged, append(context, fields, about));
    EGIDE_TRY_VOID(WebhookQueue(services_, context).subject_objected(*state_, index, logged));
  }
  return {};
}

base::Result<void> TransitionChange::withdraw_consents(storage::ChangeContext& context) {
  EGIDE_TRY(const auto wanted, scope());
  const auto named = indexes_of(*services_.pack, wanted.purposes);
  std::vector<policies::PurposeIndex> standing;
  for (const PurposeConsent& consent : state_->consents) {
    const bool asked = named.empty() || std::find(named.begin(), named.end(), consent.purpose) != named.end();
    if (asked && policies::is_valid_for_processing(consent.person.facts.state)) standing.push_back(consent.purpose);
  }
  for (const auto purpose : standing) EGIDE_TRY_VOID(withdraw_one(context, purpose));
  return {};
}

base::Result<void> TransitionChange::withdraw_one(storage::ChangeContext& context, policies::PurposeIndex purpose) {
  const policies::Purpose& rules = services_.pack->at(purpose);
  NewConsent consent;
  consent.purpose = rules.id.str();
  consent.status = "withdrawn";
  consent.channel = consent_channel(row_.channel);
  consent.method = "rights_request";
  consent.evidence = id_.str();
  EGIDE_TRY(const auto checked, check_consent(services_, caller_, consent, state_->locale, context.now()));
  EGIDE_TRY(const auto about, entry(request_only_detail()));
  EGIDE_TRY(auto applied,
            apply_consent(services_, caller_, consent, checked, next_state(), about.dek(), context.now()));
  const auto fields = consent_entry(services_, caller_, applied);
  EGIDE_TRY(applied.row.log_index, append(context, fields, about));
  return store_consent_event(services_, context, applied.row);
}

base::Result<void> TransitionChange::erase_person(storage::ChangeContext& context) {
  EGIDE_TRY(auto kaudit, crypto::unwrap_kaudit(services_.epoch_keys, state_->id, state_->keys));
  kaudit_.emplace(std::move(kaudit));
  EGIDE_TRY(const auto index, erase_in(services_, context, caller_, *state_, kaudit_->expose_secret(), id_));
  erased_at_ = index;
  return {};
}

base::Result<void> TransitionChange::store_package(storage::ChangeContext& context) {
  if (!package_) return base::unavailable("The package could not be made, try again");
  EntryFields fields;
  fields.event = audit::event::kPackageMade;
  fields.caller = &caller_;
  fields.resource = id_.uuid();
  fields.outcome = audit::Outcome::Allow;
  EGIDE_TRY(const auto about,
            entry(R"({"request":")" + id_.str() + R"(","sha256":")" + base::to_hex(package_->sha256) + "\"}"));
  EGIDE_TRY([[maybe_unused]] const auto index, append(context, fields, about));
  return storage::RequestRepository(context.connection())
      .put_package(seal_package(services_, about.dek(), state_->id, id_, *package_, context.now()));
}

}  // namespace egide::vault
