#include "egide/storage/request_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, type, subject_id, state, channel, language, received_at, recorded_at, due, legal_due, version, "
    "log_index, "
    "receipt_index, sealed FROM request";

base::Result<base::Date> date_of(const Statement& s, int column) {
  const auto date = base::parse_date(s.text(column));
  if (!date) return base::integrity_violation("A stored date is damaged");
  return *date;
}

base::Result<RequestRow> read_request(const Statement& s) {
  RequestRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::RecordId(id);
  row.type = text_of(s, 1);
  EGIDE_TRY(row.subject, optional_subject(s, 2));
  row.state = text_of(s, 3);
  row.channel = text_of(s, 4);
  row.language = text_of(s, 5);
  row.received_at = to_time(s.integer(6));
  row.recorded_at = to_time(s.integer(7));
  EGIDE_TRY(row.due, date_of(s, 8));
  EGIDE_TRY(row.legal_due, date_of(s, 9));
  row.version = s.integer(10);
  row.log_index = static_cast<std::uint64_t>(s.integer(11));
  if (!s.is_null(12)) row.receipt_index = static_cast<std::uint64_t>(s.integer(12));
  row.sealed = bytes_of(s, 13);
  return row;
}

base::Result<std::vector<RequestRow>> read_all(Statement& s) {
  std::vector<RequestRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_request(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

}  // namespace

base::Result<void> RequestRepository::insert(const RequestRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO request (id, type, subject_id, state, channel, language, received_at, recorded_at, due, legal_due, "
      "version, log_index, receipt_index, sealed) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL, ?13)");
  s.bind(1, row.id.bytes());
  s.bind(2, std::string_view(row.type));
  bind_optional(s, 3, row.subject);
  s.bind(4, std::string_view(row.state));
  s.bind(5, std::string_view(row.channel));
  s.bind(6, std::string_view(row.language));
  s.bind(7, to_millis(row.received_at));
  s.bind(8, to_millis(row.recorded_at));
  s.bind(9, std::string_view(base::format_date(row.due)));
  s.bind(10, std::string_view(base::format_date(row.legal_due)));
  s.bind(11, row.version);
  s.bind(12, row.log_index);
  s.bind(13, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::optional<RequestRow>> RequestRepository::find(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s));
  return rows.empty() ? std::optional<RequestRow>() : std::optional<RequestRow>(std::move(rows.front()));
}

base::Result<std::vector<RequestRow>> RequestRepository::list(const RequestFilter& filter) const {
  Statement& s =
      connection_.prepare(std::string(kColumns) +
                          " WHERE (?1 IS NULL OR subject_id = ?1) AND (?2 = '' OR state = ?2) "
                          "AND (?3 = '' OR type = ?3) AND (received_at > ?4 OR (received_at = ?4 AND id > ?5)) "
                          "ORDER BY received_at, id LIMIT ?6");
  bind_optional(s, 1, filter.subject);
  s.bind(2, std::string_view(filter.state));
  s.bind(3, std::string_view(filter.type));
  const base::Uuid nil;
  s.bind(4, filter.after ? to_millis(filter.after->first) : std::int64_t{-1});
  s.bind(5, filter.after ? filter.after->second.bytes() : base::ByteView(nil.bytes()));
  s.bind(6, filter.limit);
  return read_all(s);
}

base::Result<std::vector<StateCount>> RequestRepository::count_by_state() const {
  Statement& s = connection_.prepare("SELECT state, COUNT(*), MIN(due) FROM request GROUP BY state ORDER BY state");
  std::vector<StateCount> out;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return out;
    StateCount row;
    row.state = text_of(s, 0);
    row.requests = s.integer(1);
    EGIDE_TRY(row.earliest_due, date_of(s, 2));
    out.push_back(std::move(row));
  }
}

base::Result<void> RequestRepository::move(const base::RecordId& id, std::int64_t expected, std::string_view state,
                                           std::optional<std::uint64_t> receipt_index) {
  Statement& s = connection_.prepare(
      "UPDATE request SET state = ?3, version = version + 1, receipt_index = coalesce(?4, receipt_index) "
      "WHERE id = ?1 AND version = ?2");
  s.bind(1, id.bytes());
  s.bind(2, expected);
  s.bind(3, state);
  if (receipt_index)
    s.bind(4, *receipt_index);
  else
    s.bind_null(4);
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1)
    return base::Error(base::ErrorCode::Precondition, "The request has changed meanwhile: read it again");
  return {};
}

base::Result<void> RequestRepository::append_transition(const TransitionRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO request_transition (request_id, number, from_state, to_state, at, actor, ground, log_index) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  s.bind(1, row.request.bytes());
  s.bind(2, row.number);
  s.bind(3, std::string_view(row.from));
  s.bind(4, std::string_view(row.to));
  s.bind(5, to_millis(row.at));
  s.bind(6, base::ByteView(row.actor));
  s.bind(7, std::string_view(row.ground));
  s.bind(8, row.log_index);
  return run(s);
}

base::Result<std::vector<TransitionRow>> RequestRepository::transitions(const base::RecordId& id) const {
  Statement& s = connection_.prepare(
      "SELECT number, from_state, to_state, at, actor, ground, log_index FROM request_transition WHERE request_id = ?1 "
      "ORDER BY number");
  s.bind(1, id.bytes());
  std::vector<TransitionRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    const auto actor = array_of<16>(s, 4);
    if (!actor) {
      s.reset();
      return actor.error();
    }
    rows.push_back({id, static_cast<int>(s.integer(0)), text_of(s, 1), text_of(s, 2), to_time(s.integer(3)), *actor,
                    text_of(s, 5), static_cast<std::uint64_t>(s.integer(6))});
  }
}

base::Result<void> RequestRepository::put_package(const PackageRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO package (request_id, subject_id, created_at, sha256, sealed) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (request_id) DO UPDATE SET created_at = excluded.created_at, sha256 = excluded.sha256, "
      "sealed = excluded.sealed");
  s.bind(1, row.request.bytes());
  s.bind(2, row.subject.bytes());
  s.bind(3, to_millis(row.created_at));
  s.bind(4, base::ByteView(row.sha256));
  s.bind(5, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::optional<PackageRow>> RequestRepository::package(const base::RecordId& request) const {
  Statement& s =
      connection_.prepare("SELECT subject_id, created_at, sha256, sealed FROM package WHERE request_id = ?1");
  s.bind(1, request.bytes());
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<PackageRow>();
  const auto subject = uuid_of(s, 0);
  PackageRow row{request, {}, to_time(s.integer(1)), bytes_of(s, 2), bytes_of(s, 3)};
  s.reset();
  if (!subject) return subject.error();
  row.subject = base::SubjectId(*subject);
  return std::optional<PackageRow>(std::move(row));
}

}  // namespace egide::storage
