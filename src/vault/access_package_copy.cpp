#include "access_package_copy.h"

#include <algorithm>

#include "access_package_log.h"
#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/storage/consent_repository.h"
#include "request_chain.h"
#include "request_record.h"
#include "sealing.h"

namespace egide::vault {
namespace {

constexpr int kRequestPage = 200;

base::Result<void> copy_attributes(const Services& services, storage::Connection& connection, base::ByteView dek,
                                   PersonCopy& out) {
  EGIDE_TRY(const auto rows, storage::SubjectRepository(connection).attributes(out.subject));
  EGIDE_TRY(auto values, open_attributes(services, dek, out.subject, rows));
  for (const auto& row : rows) out.attributes.push_back({row, std::move(values.at(row.category))});
  return {};
}

base::Result<void> copy_consents(const Services& services, storage::Connection& connection, base::ByteView dek,
                                 PersonCopy& out) {
  EGIDE_TRY(const auto rows, storage::ConsentRepository(connection).of_subject(out.subject));
  for (const auto& row : rows) {
    EGIDE_TRY(const auto text,
              open_field(services, dek, out.subject, {"consent_event", row.id.str(), "sealed", 1}, row.sealed));
    EGIDE_TRY(const auto sealed, base::parse_json(text));
    PackageJson event = PackageJson::object();
    event["id"] = row.id.str();
    event["purpose"] = row.purpose;
    event["event"] = row.type;
    event["by"] = row.party == storage::ConsentParty::Guardian ? "guardian" : "data_subject";
    event["at"] = base::format_rfc3339(row.at);
    event["recorded_at"] = base::format_rfc3339(row.recorded_at);
    event["channel"] = row.channel;
    if (row.valid_until) event["valid_until"] = base::format_rfc3339(*row.valid_until);
    event["notice"]["version"] = row.notice_version;
    event["notice"]["language"] = row.notice_language;
    event["notice"]["sha256"] = base::to_hex(row.notice_hash);
    for (const auto& [key, value] : sealed.items())
      if (!value.is_string() || !value.get_ref<const std::string&>().empty()) event[key] = value;
    event["log_index"] = row.log_index;
    out.consents.push_back(std::move(event));
  }
  return {};
}

base::Result<PackageJson> copy_request(const Services& services, const storage::RequestRepository& requests,
                                       base::ByteView dek, const storage::RequestRow& row) {
  PackageJson request = PackageJson::object();
  request["id"] = row.id.str();
  request["type"] = row.type;
  request["state"] = row.state;
  request["channel"] = row.channel;
  request["received_at"] = base::format_rfc3339(row.received_at);
  request["due"] = base::format_date(row.due);
  EGIDE_TRY(const auto details, open_details(services, dek, *row.subject, row));
  request["scope"]["purposes"] = details.scope.purposes;
  request["scope"]["categories"] = details.scope.categories;
  request["details"] = details.text;
  request["transitions"] = PackageJson::array();
  EGIDE_TRY(const auto transitions, requests.transitions(row.id));
  for (const auto& transition : transitions) {
    PackageJson step = PackageJson::object();
    step["to"] = transition.to;
    step["at"] = base::format_rfc3339(transition.at);
    step["by"] = actor_text(transition.actor);
    if (!transition.ground.empty()) step["ground"] = transition.ground;
    request["transitions"].push_back(std::move(step));
  }
  return request;
}

base::Result<void> copy_requests(const Services& services, storage::Connection& connection, base::ByteView dek,
                                 PersonCopy& out) {
  const storage::RequestRepository requests(connection);
  storage::RequestFilter filter;
  filter.subject = out.subject;
  filter.limit = kRequestPage;
  for (;;) {
    EGIDE_TRY(const auto rows, requests.list(filter));
    for (const auto& row : rows) {
      EGIDE_TRY(auto request, copy_request(services, requests, dek, row));
      out.requests.push_back(std::move(request));
    }
    if (rows.size() < static_cast<std::size_t>(kRequestPage)) return {};
    filter.after.emplace(rows.back().received_at, rows.back().id);
  }
}

}  // namespace

base::Result<PersonCopy> copy_person(Services& services, const base::SubjectId& subject) {
  EGIDE_TRY(const auto head, durable_chain_head(services, subject));
  PersonCopy out;
  out.subject = subject;
  EGIDE_TRY(out.state, services.living(subject));
  EGIDE_TRY(const auto dek, crypto::unwrap_dek(services.epoch_keys, subject, out.state->keys));

  EGIDE_TRY(const auto reads, services.reads->lease());
  EGIDE_TRY(const auto row, storage::SubjectRepository(*reads).find(subject));
  if (!row || row->status == storage::SubjectStatus::Erased)
    return base::Error(base::ErrorCode::Gone, "This person has been erased");
  out.registered_at = row->created_at;
  EGIDE_TRY(out.log_size, storage::LogStore(*reads).size());
  out.log_index = head == 0 ? 0 : head - 1;
  EGIDE_TRY_VOID(copy_attributes(services, *reads, dek.expose_secret(), out));
  EGIDE_TRY_VOID(copy_consents(services, *reads, dek.expose_secret(), out));
  EGIDE_TRY_VOID(copy_requests(services, *reads, dek.expose_secret(), out));
  EGIDE_TRY_VOID(copy_log(services, *reads, dek.expose_secret(), head, out));
  return out;
}

}  // namespace egide::vault
