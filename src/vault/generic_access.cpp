#include "egide/vault/generic_access.h"

#include <algorithm>
#include <utility>

#include "access_gateway.h"
#include "egide/crypto/random.h"
#include "entries.h"

namespace egide::vault {
namespace {

bool holds(const std::vector<std::string>& types, std::string_view type) noexcept {
  return std::find(types.begin(), types.end(), type) != types.end();
}

class GenericChange final : public LoggedChange {
 public:
  GenericChange(Services& services, const Caller& caller, std::vector<GenericAnswer>& answers)
      : LoggedChange(services), caller_(caller), answers_(answers) {}

  base::Result<void> apply(storage::ChangeContext& context) override {
    for (GenericAnswer& answer : answers_) {
      EntryFields fields;
      fields.event = audit::event::kAccessEvaluated;
      fields.caller = &caller_;
      fields.outcome = answer.permit ? audit::Outcome::Allow : audit::Outcome::Deny;
      fields.with_policy = true;
      if (!services_.gateway->generic->empty()) fields.policy = &services_.gateway->generic->revision();
      fields.request = answer.evaluation;
      EGIDE_TRY(answer.log_index, append(context, fields));
    }
    return {};
  }
  bool needs_savepoint() const noexcept override { return false; }

 private:
  const Caller& caller_;
  std::vector<GenericAnswer>& answers_;
};

}  // namespace

PairKind kind_of_pair(const Services& services, std::string_view subject_type, std::string_view resource_type) {
  const AccessGateway& gateway = *services.gateway;
  if (holds(gateway.tool_types, subject_type) && holds(gateway.person_types, resource_type)) return PairKind::Consent;
  return gateway.generic->covers(subject_type, resource_type) ? PairKind::Generic : PairKind::None;
}

ConsentTypes consent_types(const Services& services) {
  const AccessGateway& gateway = *services.gateway;
  return {gateway.tool_types.empty() ? std::string() : gateway.tool_types.front(),
          gateway.person_types.empty() ? std::string() : gateway.person_types.front()};
}

bool may_ask_for_any(const Caller& caller) noexcept {
  return caller.role == Role::Dpo ||
         (caller.role == Role::Tool && caller.tool != nullptr && caller.tool->row.evaluate_any);
}

base::Result<std::vector<GenericAnswer>> EvaluateGeneric::execute_many(
    const Caller& caller, const std::vector<policies::GenericRequest>& questions) {
  const auto& generic = *services_.gateway->generic;
  const base::Timestamp now = services_.clock->now();
  const std::string revision = generic.empty() ? services_.pack->revision_text() : generic.revision_text();
  std::vector<GenericAnswer> answers(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const policies::GenericDecision decision = generic.decide(questions[i]);
    if (decision.covered && !may_ask_for_any(caller)) return base::forbidden("A tool's key may ask only for itself");
    GenericAnswer& answer = answers[i];
    answer.permit = decision.covered && decision.permit;
    answer.rule = decision.rule;
    if (!decision.covered)
      answer.reason = "no_policy";
    else if (decision.permit)
      answer.reason = "permit";
    else
      answer.reason = answer.rule.empty() ? "no_rule" : "rule_denied";
    answer.evaluation = base::Uuid(crypto::random_array<16>());
    answer.evaluated_at = now;
    answer.policy_revision = revision;
  }
  GenericChange change(services_, caller, answers);
  EGIDE_TRY_VOID(services_.committer->commit(change));
  return answers;
}

}  // namespace egide::vault
