#include "handlers/access_answer.h"

#include "egide/base/time.h"
#include "handlers/json_text.h"

namespace egide::api {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, text);
}

void append_consent(std::string& out, const vault::AccessAnswer::Consent& consent) {
  out += R"(,"consent":{"record":")";
  out += consent.record.str();
  out += '"';
  append_member(out, "state", policies::dpv_id(consent.state));
  append_member(out, "notice_version", std::to_string(consent.notice_version));
  if (consent.valid_until) append_member(out, "valid_until", base::format_rfc3339(*consent.valid_until));
  out += '}';
}

// A period becomes the day it ends on: the tool need not know how the vault counts.
void append_parameter(std::string& out, const std::string& name, const std::string& value, base::Timestamp now) {
  append_member(out, name, value);
  if (name != "after") return;
  if (const auto period = base::parse_duration(value))
    append_member(out, "at", base::format_rfc3339(base::add(now, *period)));
}

void append_obligations(std::string& out, const vault::AccessAnswer& answer) {
  out += R"(,"obligations":[)";
  std::uint64_t number = 0;
  for (const policies::Obligation& obligation : answer.obligations) {
    if (number++ > 0) out += ',';
    out += R"({"id":"o)";
    append_number(out, number);
    out += R"(","type":"custom","properties":{"vendor":"egide")";
    append_member(out, "action", obligation.action);
    if (!obligation.categories.empty()) {
      out += R"(,"categories":)";
      append_json_strings(out, obligation.categories);
    }
    for (const auto& [name, value] : obligation.parameters) append_parameter(out, name, value, answer.evaluated_at);
    out += "}}";
  }
  out += ']';
}

}  // namespace

void append_decision(std::string& out, const vault::AccessAnswer& answer, const AnswerStyle& style) {
  const bool permit = answer.decision.permit && style.covered;
  const auto reason = style.covered ? answer.decision.reason : policies::Reason::NoPolicy;
  out +=
      permit ? R"("decision":true,"context":{"evaluation_id":")" : R"("decision":false,"context":{"evaluation_id":")";
  out += base::to_base32(answer.evaluation.bytes());
  out += '"';
  append_member(out, "evaluated_at", base::format_rfc3339(answer.evaluated_at));
  append_member(out, "reason", policies::name_of(reason));
  if (!answer.purpose.empty()) append_member(out, "purpose", answer.purpose);
  if (!answer.legal_basis.empty()) append_member(out, "legal_basis", answer.legal_basis);
  if (answer.consent) append_consent(out, *answer.consent);
  if (permit) {
    out += R"(,"categories":)";
    append_json_strings(out, answer.categories);
  }
  append_member(out, "policy_revision", style.policy_revision);
  out += R"(,"log_index":)";
  append_number(out, answer.log_index);
  out += R"(,"max_age":0)";
  append_obligations(out, answer);
  if (!style.short_circuit.empty()) append_member(out, "short_circuit", style.short_circuit);
  out += '}';
}

void append_item_error(std::string& out, int status, const base::Error& error, std::string_view short_circuit) {
  std::string message = error.message();
  if (!error.fields().empty()) message = error.fields().front().pointer + " " + error.fields().front().detail;
  out += R"({"decision":false,"context":{"error":{"status":)";
  append_number(out, static_cast<std::uint64_t>(status));
  append_member(out, "message", message);
  out += '}';
  if (!short_circuit.empty()) append_member(out, "short_circuit", short_circuit);
  out += "}}";
}

}  // namespace egide::api
