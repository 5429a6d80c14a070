#include "egide/storage/webhook_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr const char* kEndpointColumns =
    "SELECT id, tool, url, description, types, format, asymmetric, state, reason, verified_once, secret, "
    "previous_secret, previous_until, exhausted, paused_until, created_at, version FROM webhook_endpoint";

base::Result<WebhookEndpointRow> read_endpoint(const Statement& s) {
  WebhookEndpointRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::RecordId(id);
  row.tool = text_of(s, 1);
  row.url = text_of(s, 2);
  row.description = text_of(s, 3);
  row.types = text_of(s, 4);
  row.format = text_of(s, 5);
  row.asymmetric = s.integer(6) != 0;
  row.state = text_of(s, 7);
  row.reason = text_of(s, 8);
  row.verified_once = s.integer(9) != 0;
  row.secret = bytes_of(s, 10);
  if (!s.is_null(11)) row.previous_secret = bytes_of(s, 11);
  row.previous_until = to_time(s.integer(12));
  row.exhausted = static_cast<int>(s.integer(13));
  row.paused_until = to_time(s.integer(14));
  row.created_at = to_time(s.integer(15));
  row.version = s.integer(16);
  return row;
}

// The columns that change, from ?3 on; ?1 is the id, ?2 the version.
void bind_endpoint(Statement& s, const WebhookEndpointRow& row) {
  s.bind(1, row.id.bytes());
  s.bind(2, row.version);
  s.bind(3, std::string_view(row.url));
  s.bind(4, std::string_view(row.description));
  s.bind(5, std::string_view(row.types));
  s.bind(6, std::string_view(row.format));
  s.bind(7, row.asymmetric ? 1 : 0);
  s.bind(8, std::string_view(row.state));
  s.bind(9, std::string_view(row.reason));
  s.bind(10, row.verified_once ? 1 : 0);
  s.bind(11, base::ByteView(row.secret));
  if (row.previous_secret.empty())
    s.bind_null(12);
  else
    s.bind(12, base::ByteView(row.previous_secret));
  s.bind(13, to_millis(row.previous_until));
  s.bind(14, row.exhausted);
  s.bind(15, to_millis(row.paused_until));
}

// Every row of a statement, each read by `read`.
template <typename Row>
base::Result<std::vector<Row>> read_all(Statement& s, base::Result<Row> (*read)(const Statement&)) {
  std::vector<Row> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

}  // namespace

base::Result<void> WebhookRepository::insert_endpoint(const WebhookEndpointRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO webhook_endpoint (id, version, url, description, types, format, asymmetric, state, reason, "
      "verified_once, secret, previous_secret, previous_until, exhausted, paused_until, tool, created_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)");
  bind_endpoint(s, row);
  s.bind(16, std::string_view(row.tool));
  s.bind(17, to_millis(row.created_at));
  return run(s);
}

base::Result<void> WebhookRepository::update_endpoint(const WebhookEndpointRow& row) {
  Statement& s = connection_.prepare(
      "UPDATE webhook_endpoint SET version = ?2, url = ?3, description = ?4, types = ?5, format = ?6, asymmetric = ?7, "
      "state = ?8, reason = ?9, verified_once = ?10, secret = ?11, previous_secret = ?12, previous_until = ?13, "
      "exhausted = ?14, paused_until = ?15 WHERE id = ?1");
  bind_endpoint(s, row);
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::not_found("There is no such webhook");
  return {};
}

base::Result<std::optional<WebhookEndpointRow>> WebhookRepository::endpoint(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kEndpointColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s, read_endpoint));
  return rows.empty() ? std::optional<WebhookEndpointRow>() : std::optional<WebhookEndpointRow>(std::move(rows[0]));
}

base::Result<std::vector<WebhookEndpointRow>> WebhookRepository::endpoints() const {
  return read_all(connection_.prepare(std::string(kEndpointColumns) + " ORDER BY created_at, id"), read_endpoint);
}

base::Result<void> WebhookRepository::remove_endpoint(const base::RecordId& id) {
  for (const char* sql :
       {"DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM webhook_delivery WHERE endpoint_id = ?1)",
        "DELETE FROM webhook_delivery WHERE endpoint_id = ?1", "DELETE FROM webhook_endpoint WHERE id = ?1"}) {
    Statement& s = connection_.prepare(sql);
    s.bind(1, id.bytes());
    EGIDE_TRY_VOID(run(s));
  }
  if (connection_.changes() != 1) return base::not_found("There is no such webhook");
  return {};
}

}  // namespace egide::storage
