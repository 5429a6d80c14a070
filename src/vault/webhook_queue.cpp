#include "webhook_queue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/crypto/random.h"
#include "entries.h"
#include "webhook_events.h"

namespace egide::vault {
namespace {

void add_text(std::string& members, std::string_view name, std::string_view value) {
  members.append(",\"").append(name).append("\":");
  append_json_string(members, value);
}

void add_list(std::string& members, std::string_view name, const std::vector<std::string>& values) {
  members.append(",\"").append(name).append("\":[");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) members += ',';
    append_json_string(members, values[i]);
  }
  members += ']';
}

std::string data_of(std::string_view type, base::Timestamp now, std::string_view members) {
  std::string out = R"({"type":)";
  append_json_string(out, type);
  add_text(out, "timestamp", base::format_rfc3339(now));
  return out.append(members).append("}");
}

bool covers_one_way(std::string_view a, std::string_view b) {
  return policies::category_covers(a, b) || policies::category_covers(b, a);
}

// Of `categories` those that the purpose, within the tool's grant, has to do with; all of the purpose's for nullptr.
std::vector<std::string> concerned(const policies::Purpose& purpose, const policies::ToolGrant& grant,
                                   const std::vector<std::string>* categories) {
  const auto& granted = grant.categories.empty() ? purpose.data_categories : grant.categories;
  if (categories == nullptr) return granted;
  std::vector<std::string> out;
  for (const auto& category : *categories)
    if (std::any_of(granted.begin(), granted.end(), [&](const auto& one) { return covers_one_way(one, category); }))
      out.push_back(category);
  return out;
}

// A tool can know a person for a purpose that rests on consent only once something was said about it.
bool may_know(const policies::Pack& pack, const SubjectState& state, policies::PurposeIndex purpose) {
  return pack.at(purpose).basis != policies::LegalBasis::Consent || state.consent(purpose) != nullptr;
}

bool is_granted(const ToolState& tool, policies::PurposeIndex purpose) {
  return std::any_of(tool.grants.begin(), tool.grants.end(),
                     [&](const auto& grant) { return grant.purpose == purpose; });
}

}  // namespace

base::Result<void> WebhookQueue::load() {
  if (loaded_) return {};
  EGIDE_TRY(const auto rows, storage::WebhookRepository(context_.connection()).endpoints());
  for (const auto& row : rows) {
    // Kept for one that is disabled too: it gets them when it is back.
    if (!row.verified_once) continue;
    EGIDE_TRY(const base::Json types, base::parse_json(row.types));
    Endpoint endpoint{row.id, row.tool, {}};
    for (const auto& type : types) endpoint.types.push_back(type.get<std::string>());
    endpoints_.push_back(std::move(endpoint));
  }
  loaded_ = true;
  return {};
}

base::Result<void> WebhookQueue::put(const Endpoint& endpoint, const Event& event) {
  if (!endpoint.types.empty() &&
      std::find(endpoint.types.begin(), endpoint.types.end(), event.type) == endpoint.types.end())
    return {};
  storage::WebhookDeliveryRow row;
  row.created_at = context_.now();
  row.id = base::RecordId(crypto::time_uuid(row.created_at));
  row.endpoint = endpoint.id;
  row.subject = event.subject;
  row.type = event.type;
  row.data = data_of(event.type, row.created_at, event.members + ",\"log_index\":" + std::to_string(event.index));
  row.log_index = event.index;
  row.next_at = row.created_at;
  return storage::WebhookRepository(context_.connection()).enqueue(row);
}

base::Result<void> WebhookQueue::to_owner(const std::string& tool, const Event& event) {
  EGIDE_TRY_VOID(load());
  for (const auto& endpoint : endpoints_)
    if (endpoint.tool.empty() || endpoint.tool == tool) EGIDE_TRY_VOID(put(endpoint, event));
  return {};
}

base::Result<void> WebhookQueue::about_person(const About& about) {
  EGIDE_TRY_VOID(load());
  for (const auto& endpoint : endpoints_) {
    if (endpoint.tool.empty()) continue;
    const auto tool = services_.accounts.tool(endpoint.tool);
    // A tool whose key was taken away learns nothing more, but it still has to erase.
    if (tool == nullptr || (!tool->row.active && about.type != "subject.erased")) continue;
    for (const auto& grant : tool->grants) EGIDE_TRY_VOID(about_person(about, endpoint, grant));
  }
  return {};
}

base::Result<void> WebhookQueue::about_person(const About& about, const Endpoint& endpoint,
                                              const policies::ToolGrant& grant) {
  if (about.purpose && *about.purpose != grant.purpose) return {};
  if (!may_know(*services_.pack, about.state, grant.purpose)) return {};
  const policies::Purpose& purpose = services_.pack->at(grant.purpose);
  const auto categories = concerned(purpose, grant, about.categories);
  if (about.categories != nullptr && categories.empty()) return {};
  Event event{about.type, {}, about.index, std::nullopt};
  if (about.keeps_subject) event.subject = about.state.id;
  EGIDE_TRY(const auto pseudonym, services_.pseudonyms->pseudonym(purpose.id.str(), endpoint.tool, about.state.id));
  add_text(event.members, "subject", pseudonym);
  // The purpose whose pseudonym this is: a tool with two purposes gets two events.
  if (about.lists_purposes)
    add_list(event.members, "purposes", {purpose.id.str()});
  else
    add_text(event.members, "purpose", purpose.id.str());
  if (about.lists_categories) add_list(event.members, "categories", categories);
  if (about.request) add_text(event.members, "request", about.request->str());
  return put(endpoint, event);
}

base::Result<void> WebhookQueue::consent(const storage::ConsentEventRow& row) {
  const auto type = consent_webhook_type(row.type);
  const auto purpose = services_.pack->index_of(row.purpose);
  if (type.empty() || !purpose) return {};
  EGIDE_TRY_VOID(load());
  for (const auto& endpoint : endpoints_) {
    if (endpoint.tool.empty()) continue;
    const auto tool = services_.accounts.tool(endpoint.tool);
    if (tool == nullptr || !tool->row.active || !is_granted(*tool, *purpose)) continue;
    Event event{type, {}, row.log_index, row.subject};
    EGIDE_TRY(const auto pseudonym, services_.pseudonyms->pseudonym(row.purpose, endpoint.tool, row.subject));
    add_text(event.members, "subject", pseudonym);
    add_text(event.members, "purpose", row.purpose);
    add_text(event.members, "consent", row.id.str());
    if (row.valid_until) add_text(event.members, "valid_until", base::format_rfc3339(*row.valid_until));
    EGIDE_TRY_VOID(put(endpoint, event));
  }
  return {};
}

base::Result<void> WebhookQueue::subject_created(const SubjectState& state, audit::LeafIndex index) {
  return about_person({.type = "subject.created", .state = state, .index = index});
}

base::Result<void> WebhookQueue::subject_rectified(const SubjectState& state,
                                                   const std::vector<std::string>& categories, audit::LeafIndex index) {
  return about_person({.type = "subject.rectified",
                       .state = state,
                       .index = index,
                       .categories = &categories,
                       .lists_categories = true});
}

base::Result<void> WebhookQueue::subject_restricted(const SubjectState& state, audit::LeafIndex index) {
  return about_person({.type = "subject.restricted", .state = state, .index = index, .lists_purposes = true});
}

base::Result<void> WebhookQueue::subject_objected(const SubjectState& state, policies::PurposeIndex purpose,
                                                  audit::LeafIndex index) {
  return about_person(
      {.type = "subject.objected", .state = state, .index = index, .purpose = purpose, .lists_purposes = true});
}

base::Result<void> WebhookQueue::subject_erased(const SubjectState& state, audit::LeafIndex index,
                                                const std::optional<base::RecordId>& request) {
  EGIDE_TRY_VOID(storage::WebhookRepository(context_.connection()).forget_subject(state.id));
  return about_person({.type = "subject.erased",
                       .state = state,
                       .index = index,
                       .lists_categories = true,
                       .request = request,
                       .keeps_subject = false});
}

base::Result<void> WebhookQueue::notice_published(policies::PurposeIndex purpose, int version, bool material,
                                                  audit::LeafIndex index) {
  EGIDE_TRY_VOID(load());
  Event event{"notice.published", {}, index, std::nullopt};
  add_text(event.members, "purpose", services_.pack->at(purpose).id.str());
  event.members.append(",\"version\":").append(std::to_string(version));
  event.members.append(material ? ",\"material\":true" : ",\"material\":false");
  for (const auto& endpoint : endpoints_) {
    if (!endpoint.tool.empty()) {
      const auto tool = services_.accounts.tool(endpoint.tool);
      if (tool == nullptr || !tool->row.active || !is_granted(*tool, purpose)) continue;
    }
    EGIDE_TRY_VOID(put(endpoint, event));
  }
  return {};
}

base::Result<void> WebhookQueue::request(const storage::RequestRow& row, std::string_view state,
                                         audit::LeafIndex index) {
  const auto type = request_webhook_type(state);
  if (type.empty()) return {};
  EGIDE_TRY_VOID(load());
  Event event{type, {}, index, std::nullopt};
  add_text(event.members, "request", row.id.str());
  add_text(event.members, "request_type", row.type);
  add_text(event.members, "due", base::format_date(row.due));
  for (const auto& endpoint : endpoints_)
    if (endpoint.tool.empty()) EGIDE_TRY_VOID(put(endpoint, event));
  return {};
}

base::Result<void> WebhookQueue::decision_recorded(const storage::DecisionRow& row) {
  // Not tied to the person: it names the decision, which only its tool and the association can read.
  Event event{"decision.recorded", {}, row.log_index, std::nullopt};
  add_text(event.members, "decision", row.id.str());
  add_text(event.members, "system", row.system_id);
  return to_owner(row.tool.str(), event);
}

base::Result<void> WebhookQueue::tool_revoked(const std::string& tool, audit::LeafIndex index) {
  Event event{"tool.revoked", {}, index, std::nullopt};
  add_text(event.members, "tool", tool);
  return to_owner(tool, event);
}

base::Result<void> queue_webhook_test(storage::Connection& connection, const base::RecordId& endpoint,
                                      base::Timestamp now) {
  storage::WebhookDeliveryRow row;
  row.created_at = now;
  row.id = base::RecordId(crypto::time_uuid(now));
  row.endpoint = endpoint;
  row.type = "endpoint.test";
  std::string members;
  add_text(members, "challenge", base::to_base64url(crypto::random_array<24>()));
  row.data = data_of(row.type, now, members);
  row.next_at = now;
  return storage::WebhookRepository(connection).enqueue(row);
}

}  // namespace egide::vault
