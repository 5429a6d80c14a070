#include "handlers/access_answer.h"

#include <memory>
#include <vector>

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

// What a permit covers and obliges to, as text. A tool asks about one purpose again and again, so the text is kept;
// only the days on which periods end are written anew.
struct RenderedTerms {
  std::shared_ptr<const vault::PermitTerms> terms;
  std::string categories;
  std::vector<std::string> obligations;  // pieces; after each but the last comes the end of a period
  std::vector<base::Duration> periods;
};

// A period becomes the day it ends on: the tool need not know how the vault counts.
void render_parameter(RenderedTerms& out, const std::string& name, const std::string& value) {
  append_member(out.obligations.back(), name, value);
  if (name != "after") return;
  const auto period = base::parse_duration(value);
  if (!period) return;
  out.obligations.back() += R"(,"at":")";
  out.periods.push_back(*period);
  out.obligations.emplace_back("\"");
}

RenderedTerms render(std::shared_ptr<const vault::PermitTerms> terms) {
  RenderedTerms out;
  append_json_strings(out.categories, terms->categories);
  out.obligations.emplace_back();
  std::uint64_t number = 0;
  for (const policies::Obligation& obligation : terms->obligations) {
    if (number++ > 0) out.obligations.back() += ',';
    out.obligations.back() += R"({"id":"o)";
    append_number(out.obligations.back(), number);
    out.obligations.back() += R"(","type":"custom","properties":{"vendor":"egide")";
    append_member(out.obligations.back(), "action", obligation.action);
    if (!obligation.categories.empty()) {
      out.obligations.back() += R"(,"categories":)";
      append_json_strings(out.obligations.back(), obligation.categories);
    }
    for (const auto& [name, value] : obligation.parameters) render_parameter(out, name, value);
    out.obligations.back() += "}}";
  }
  out.terms = std::move(terms);
  return out;
}

const RenderedTerms& rendered(const std::shared_ptr<const vault::PermitTerms>& terms) {
  static thread_local RenderedTerms last;  // holds its terms, so that another object can't take their place
  if (last.terms != terms) last = render(terms);
  return last;
}

// What every decision's context begins and ends with.
void append_head(std::string& out, bool permit, const base::Uuid& evaluation, base::Timestamp at,
                 std::string_view reason) {
  out +=
      permit ? R"("decision":true,"context":{"evaluation_id":")" : R"("decision":false,"context":{"evaluation_id":")";
  out += base::to_base32(evaluation.bytes());
  out += '"';
  append_member(out, "evaluated_at", base::format_rfc3339(at));
  append_member(out, "reason", reason);
}

void append_log_place(std::string& out, std::string_view revision, std::uint64_t log_index) {
  append_member(out, "policy_revision", revision);
  out += R"(,"log_index":)";
  append_number(out, log_index);
  out += R"(,"max_age":0)";
}

// Where the tool may ask for the consent it lacks. The form says the purpose, not the person.
void append_access_request(std::string& out, const vault::AccessAnswer& answer, std::string_view base_url) {
  out += R"(,"access_request":{"endpoint":)";
  append_json_string(out, std::string(base_url) + "/access/v1/requests");
  append_member(out, "template", "consent:" + answer.purpose);
  append_member(out, "expires_at", base::format_rfc3339(*answer.requestable_until));
  append_member(out, "form_url", std::string(base_url) + "/choices/" + answer.purpose);
  out += R"(,"display":{"title":"Ask for consent"}})";
}

}  // namespace

void append_obligations(std::string& out, const std::shared_ptr<const vault::PermitTerms>& terms, base::Timestamp now) {
  out += R"(,"obligations":[)";
  if (terms != nullptr) {
    const RenderedTerms& text = rendered(terms);
    out += text.obligations.front();
    for (std::size_t i = 0; i < text.periods.size(); ++i) {
      out += base::format_rfc3339(base::add(now, text.periods[i]));
      out += text.obligations[i + 1];
    }
  }
  out += ']';
}

void append_decision(std::string& out, const vault::AccessAnswer& answer, const AnswerStyle& style) {
  const bool permit = answer.decision.permit;
  append_head(out, permit, answer.evaluation, answer.evaluated_at, policies::name_of(answer.decision.reason));
  if (!answer.purpose.empty()) append_member(out, "purpose", answer.purpose);
  if (!answer.legal_basis.empty()) append_member(out, "legal_basis", answer.legal_basis);
  if (answer.consent) append_consent(out, *answer.consent);
  const auto terms = permit ? answer.terms : nullptr;
  if (terms != nullptr) out.append(R"(,"categories":)").append(rendered(terms).categories);
  append_log_place(out, style.policy_revision, answer.log_index);
  append_obligations(out, terms, answer.evaluated_at);
  if (!permit && answer.requestable_until) append_access_request(out, answer, style.base_url);
  if (!style.short_circuit.empty()) append_member(out, "short_circuit", style.short_circuit);
  out += '}';
}

void append_decision(std::string& out, const vault::GenericAnswer& answer, std::string_view short_circuit) {
  append_head(out, answer.permit, answer.evaluation, answer.evaluated_at, answer.reason);
  if (!answer.rule.empty()) append_member(out, "rule", answer.rule);
  append_log_place(out, answer.policy_revision, answer.log_index);
  append_obligations(out, nullptr, answer.evaluated_at);
  if (!short_circuit.empty()) append_member(out, "short_circuit", short_circuit);
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
