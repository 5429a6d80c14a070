#include "handlers/access_engine.h"

#include "handlers/access_answer.h"

namespace egide::api {
namespace {

using vault::PairKind;

// Whether an error is about one item only: what it asks for is not the caller's to ask.
bool is_of_item(const base::Error& error) noexcept { return error.code() == base::ErrorCode::Forbidden; }

// Some item is forbidden, so that all were refused: each gets its own answer.
base::Result<void> evaluate_singly(const RoutePorts& ports, const vault::Caller& caller,
                                   const std::vector<base::Result<AskedAccess>>& items, PairKind kind,
                                   std::vector<AccessOutcome>& out) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i] || (items[i]->kind == PairKind::Consent) != (kind == PairKind::Consent)) continue;
    auto one = evaluate_one(ports, caller, *items[i]);
    if (one)
      out[i] = std::move(*one);
    else if (is_of_item(one.error()))
      out[i] = std::move(one).error();
    else
      return std::move(one).error();
  }
  return {};
}

template <typename Answers>
void place(Answers& answers, const std::vector<std::size_t>& places, std::vector<AccessOutcome>& out) {
  for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(answers[i]);
}

}  // namespace

bool is_permit(const AccessOutcome& outcome) noexcept {
  if (const auto* consent = std::get_if<vault::AccessAnswer>(&outcome)) return consent->decision.permit;
  if (const auto* generic = std::get_if<vault::GenericAnswer>(&outcome)) return generic->permit;
  return false;
}

std::string evaluation_id(const AccessOutcome& outcome) {
  if (const auto* consent = std::get_if<vault::AccessAnswer>(&outcome))
    return base::to_base32(consent->evaluation.bytes());
  if (const auto* generic = std::get_if<vault::GenericAnswer>(&outcome))
    return base::to_base32(generic->evaluation.bytes());
  return {};
}

base::Result<AccessOutcome> evaluate_one(const RoutePorts& ports, const vault::Caller& caller,
                                         const AskedAccess& asked) {
  if (asked.kind == PairKind::Consent) {
    EGIDE_TRY(auto answer, vault::EvaluateAccess(ports.services()).execute(caller, asked.question));
    return AccessOutcome(std::move(answer));
  }
  EGIDE_TRY(auto answers, vault::EvaluateGeneric(ports.services()).execute_many(caller, {asked.generic}));
  return AccessOutcome(std::move(answers.front()));
}

base::Result<std::vector<AccessOutcome>> evaluate_all(const RoutePorts& ports, const vault::Caller& caller,
                                                      const std::vector<base::Result<AskedAccess>>& items) {
  std::vector<AccessOutcome> out(items.size(), base::Error(base::ErrorCode::Unavailable, "not evaluated"));
  std::vector<vault::AccessQuestion> questions;
  std::vector<policies::GenericRequest> requests;
  std::vector<std::size_t> consent_at, generic_at;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i]) {
      out[i] = items[i].error();
    } else if (items[i]->kind == PairKind::Consent) {
      questions.push_back(items[i]->question);
      consent_at.push_back(i);
    } else {
      requests.push_back(items[i]->generic);
      generic_at.push_back(i);
    }
  }
  if (!questions.empty()) {
    auto answers = vault::EvaluateAccess(ports.services()).execute_many(caller, questions);
    if (answers)
      place(*answers, consent_at, out);
    else if (is_of_item(answers.error()))
      EGIDE_TRY_VOID(evaluate_singly(ports, caller, items, PairKind::Consent, out));
    else
      return std::move(answers).error();
  }
  if (!requests.empty()) {
    auto answers = vault::EvaluateGeneric(ports.services()).execute_many(caller, requests);
    if (answers)
      place(*answers, generic_at, out);
    else if (is_of_item(answers.error()))
      EGIDE_TRY_VOID(evaluate_singly(ports, caller, items, PairKind::Generic, out));
    else
      return std::move(answers).error();
  }
  return out;
}

void append_outcome(std::string& out, const RoutePorts& ports, const AccessOutcome& outcome,
                    std::string_view short_circuit) {
  if (const auto* error = std::get_if<base::Error>(&outcome)) {
    append_item_error(out, is_of_item(*error) ? 403 : 400, *error, short_circuit);
    return;
  }
  out += '{';
  if (const auto* consent = std::get_if<vault::AccessAnswer>(&outcome))
    append_decision(out, *consent, {ports.info.pack_revision, ports.public_base_url, short_circuit});
  else
    append_decision(out, std::get<vault::GenericAnswer>(outcome), short_circuit);
  out += '}';
}

}  // namespace egide::api
