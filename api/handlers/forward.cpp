// Forward-auth: a proxy asks before it passes a request on (docs/forward-auth.md). Answers are 200, 401 and 403 only;
// the dispatcher makes one of these of everything that ends elsewhere.
#include <algorithm>

#include "egide/vault/forward_access.h"
#include "forward_answer.h"
#include "forward_gate.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

HttpResponse denied(const char* reason, const std::string& purpose = {}) {
  ForwardVerdict verdict;
  verdict.reason = reason;
  verdict.purpose = purpose;
  return forward_answer(verdict);
}

// A proxy can't mask a field: what nobody behind it carries out makes the permit void.
bool all_handled(const ForwardGate& gate, const vault::AccessAnswer& access) {
  return access.terms != nullptr &&
         std::all_of(access.terms->obligations.begin(), access.terms->obligations.end(),
                     [&](const policies::Obligation& obligation) { return gate.handles(obligation.action); });
}

HttpResponse to_response(const ForwardGate& gate, const vault::ForwardAnswer& answer) {
  ForwardVerdict verdict;
  verdict.permit = answer.access.decision.permit && all_handled(gate, answer.access);
  verdict.reason = answer.access.decision.permit && !verdict.permit ? "obligation_not_handled"
                                                                    : policies::name_of(answer.access.decision.reason);
  verdict.evaluation = base::to_base32(answer.access.evaluation.bytes());
  if (answer.access.consent) verdict.record = answer.access.consent->record.str();
  verdict.purpose = gate.profile.purpose;
  verdict.pseudonym = answer.pseudonym;
  return forward_answer(verdict);
}

Answered ask(const RoutePorts& ports, const ForwardGates& gates, const RequestContext& in) {
  if (!gates.is_proxy(in.request().peer_address())) return denied("untrusted_proxy");
  const ForwardGate* gate = gates.find(in.path_value("profile"));
  if (gate == nullptr) return denied("unknown_profile");
  vault::ForwardAccess access(ports.services());
  const auto found = gate->find_person(in.request(), access.now());
  if (found.why_not != nullptr) return denied(found.why_not, gate->profile.purpose);
  vault::AccessQuestion question;
  question.tool = gate->profile.tool;
  question.purpose = gate->profile.purpose;
  question.categories = gate->profile.categories;
  question.person = found.person;
  EGIDE_TRY(const auto answer, access.execute(vault_caller(in), question));
  return to_response(*gate, answer);
}

Route forward_route(const char* pattern, const char* name, const RoutePorts& ports, const ForwardGates& gates) {
  Route out =
      route(Method::Get, pattern, name, [&ports, &gates](const RequestContext& in) { return ask(ports, gates, in); });
  out.any_method = true;
  out.any_query = true;
  return out;
}

}  // namespace

void add_forward_routes(Router& router, const RoutePorts& ports, const ForwardGates& gates) {
  router.add(forward_route("/gateway/forward/{profile}", "forward.ask", ports, gates));
  router.add(forward_route("/gateway/forward/{profile}/{path*}", "forward.ask_below", ports, gates));
}

}  // namespace egide::api
