#include "egide/vault/evaluate_access.h"

#include "denial_binding.h"
#include "egide/crypto/random.h"
#include "entries.h"

namespace egide::vault {
namespace {

// A question with everything that can be prepared before the committer's turn.
struct Item {
  const AccessQuestion* question = nullptr;
  std::shared_ptr<const ToolState> tool;
  std::optional<policies::PurposeIndex> purpose;
  std::optional<base::SubjectId> subject;
  SubjectStatePtr state;              // the one the decision was made from
  int oldest_notice = 1;              // acceptable when the decision was made
  std::optional<SubjectEntry> entry;  // prepared for `state`; nothing without a living person
  AccessAnswer answer;
};

policies::DecisionRequest request_of(const Item& item) {
  policies::DecisionRequest request;
  request.purpose = item.purpose;
  request.categories = item.question->categories;
  request.automation = item.question->automation;
  request.oldest_acceptable_notice = item.oldest_notice;
  return request;
}

policies::Decision decide_item(const Services& services, const Item& item, base::Timestamp now) {
  const policies::ToolFacts tool = item.tool != nullptr ? item.tool->facts() : policies::ToolFacts();
  policies::SubjectFacts subject;
  if (item.state != nullptr && item.purpose) subject = facts_for(*item.state, *item.purpose, *services.pack, now);
  return policies::decide(request_of(item), tool, subject, *services.pack, now);
}

std::string detail_of(const Item& item) {
  std::string out = R"({"tool":)";
  append_json_string(out, item.question->tool);
  if (!item.question->categories.empty()) {
    out += R"(,"categories":[)";
    for (std::size_t i = 0; i < item.question->categories.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, item.question->categories[i]);
    }
    out += ']';
  }
  out += R"(,"reason":")";
  out += policies::name_of(item.answer.decision.reason);
  out += "\"}";
  return out;
}

// A denial for want of consent may be answered with a request for it, as long as the pack allows.
void offer_request(const Services& services, Item& item, base::Timestamp now) {
  item.answer.requestable_until.reset();
  const base::Duration* lifetime = services.pack->find_duration("requestable_denial_lifetime");
  if (!item.answer.decision.requestable || lifetime == nullptr || !item.subject || !item.purpose) return;
  const base::Timestamp until = base::add(now, *lifetime);
  item.answer.requestable_until = until;
  item.answer.evaluation =
      bind_denial(services, item.answer.evaluation,
                  {item.question->tool, *item.subject, services.pack->at(*item.purpose).id.str(), until});
}

// Decides, and seals the detail. Called again on the committer's thread when the state has moved on.
base::Result<void> prepare(const Services& services, Item& item, base::Timestamp now) {
  item.answer.decision = decide_item(services, item, now);
  item.answer.evaluated_at = now;
  offer_request(services, item, now);
  item.entry.reset();
  if (item.state != nullptr && !item.state->erased) {
    EGIDE_TRY(auto entry, SubjectEntry::prepare(services, *item.state, detail_of(item)));
    item.entry.emplace(std::move(entry));
  }
  return {};
}

class EvaluationChange final : public LoggedChange {
 public:
  EvaluationChange(Services& services, const Caller& caller, std::vector<Item>& items)
      : LoggedChange(services), caller_(caller), items_(items) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    // Every check comes before the first entry: a failure here leaves nothing to roll back.
    for (Item& item : items_) EGIDE_TRY_VOID(refresh(item, context.now()));
    for (Item& item : items_) {
      EntryFields fields;
      fields.event = audit::event::kAccessEvaluated;
      fields.caller = &caller_;
      if (item.purpose) {
        const policies::Purpose& purpose = services_.pack->at(*item.purpose);
        fields.purpose = purpose.id.str();
        fields.legal_basis = policies::dpv_id(purpose.basis);
      }
      fields.outcome = item.answer.decision.permit ? audit::Outcome::Allow : audit::Outcome::Deny;
      fields.with_policy = true;
      fields.request = item.answer.evaluation;
      EGIDE_TRY(item.answer.log_index, item.entry ? append(context, fields, *item.entry) : append(context, fields));
    }
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  base::Result<void> refresh(Item& item, base::Timestamp now) {
    const auto tool = services_.accounts.tool(item.question->tool);
    SubjectStatePtr state = item.subject ? services_.subjects.find(*item.subject) : nullptr;
    const int oldest_notice = item.purpose ? services_.notices.oldest_acceptable(*item.purpose) : 1;
    if (state == item.state && tool == item.tool && oldest_notice == item.oldest_notice) return {};
    item.state = std::move(state);
    item.tool = tool;
    item.oldest_notice = oldest_notice;
    return prepare(services_, item, now);
  }

  const Caller& caller_;
  std::vector<Item>& items_;
};

std::shared_ptr<const PermitTerms> terms_of(const Services& services, const Item& item) {
  if (item.question->categories.empty())
    for (std::size_t i = 0; i < item.tool->grants.size(); ++i)
      if (item.tool->grants[i].purpose == *item.purpose) return item.tool->terms[i];
  auto terms = std::make_shared<PermitTerms>();
  terms->categories = policies::permitted_categories(request_of(item), item.tool->facts(), *services.pack);
  terms->obligations = policies::obligations_for(*item.purpose, terms->categories, *services.pack);
  return terms;
}

void complete(const Services& services, Item& item) {
  AccessAnswer& answer = item.answer;
  answer.subject = item.subject;
  if (!item.purpose) return;
  const policies::Purpose& purpose = services.pack->at(*item.purpose);
  answer.purpose = purpose.id.str();
  answer.legal_basis = policies::dpv_id(purpose.basis);
  const PurposeConsent* consent = item.state != nullptr ? item.state->consent(*item.purpose) : nullptr;
  if (consent != nullptr && consent->person.facts.state != policies::ConsentState::None) {
    policies::ConsentFacts facts = consent->person.facts;
    // Expired at its date, without waiting for a job.
    if (policies::is_valid_for_processing(facts.state) && facts.valid_until &&
        *facts.valid_until <= answer.evaluated_at)
      facts.state = policies::ConsentState::Expired;
    answer.consent =
        AccessAnswer::Consent{consent->person.record, facts.state, facts.notice_version, facts.valid_until};
  }
  if (answer.decision.permit) answer.terms = terms_of(services, item);
}

}  // namespace

base::Result<std::vector<AccessAnswer>> EvaluateAccess::execute_many(const Caller& caller,
                                                                     const std::vector<AccessQuestion>& questions) {
  const base::Timestamp now = services_.clock->now();
  std::vector<Item> items(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    Item& item = items[i];
    item.question = &questions[i];
    if (caller.role == Role::Tool && item.question->tool != caller.id && !caller.tool->row.evaluate_any)
      return base::forbidden("A tool's key may ask only for itself");
    item.tool = services_.accounts.tool(item.question->tool);
    item.purpose = services_.pack->index_of(item.question->purpose);
    if (item.tool != nullptr && item.purpose) {
      EGIDE_TRY(item.subject,
                services_.resolve_person(item.question->person, item.question->tool, item.question->purpose));
    }
    if (item.subject) item.state = services_.subjects.find(*item.subject);
    if (item.purpose) item.oldest_notice = services_.notices.oldest_acceptable(*item.purpose);
    item.answer.evaluation = base::Uuid(crypto::random_array<16>());
    EGIDE_TRY_VOID(prepare(services_, item, now));
  }
  EvaluationChange change(services_, caller, items);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  std::vector<AccessAnswer> answers;
  answers.reserve(items.size());
  for (Item& item : items) {
    complete(services_, item);
    answers.push_back(std::move(item.answer));
  }
  return answers;
}

base::Result<AccessAnswer> EvaluateAccess::execute(const Caller& caller, const AccessQuestion& question) {
  EGIDE_TRY(auto answers, execute_many(caller, {question}));
  return std::move(answers.front());
}

}  // namespace egide::vault
