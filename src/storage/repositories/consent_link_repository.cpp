#include "egide/storage/consent_link_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

void bind_time(Statement& s, int parameter, const std::optional<base::Timestamp>& time) {
  if (time)
    s.bind(parameter, to_millis(*time));
  else
    s.bind_null(parameter);
}

base::Result<ConsentLinkRow> read_link(const Statement& s) {
  ConsentLinkRow row;
  EGIDE_TRY(row.token_hash, array_of<32>(s, 0));
  EGIDE_TRY(const base::Uuid subject, uuid_of(s, 1));
  row.subject = base::SubjectId(subject);
  row.purpose = text_of(s, 2);
  row.party = s.integer(3) == 1 ? ConsentParty::Person : ConsentParty::Guardian;
  EGIDE_TRY(row.guardian, optional_subject(s, 4));
  row.notice_version = static_cast<int>(s.integer(5));
  row.notice_language = text_of(s, 6);
  EGIDE_TRY(row.ceremony, uuid_of(s, 7));
  row.created_at = to_time(s.integer(8));
  row.expires_at = to_time(s.integer(9));
  if (!s.is_null(10)) row.used_at = to_time(s.integer(10));
  if (!s.is_null(11)) {
    EGIDE_TRY(const base::Uuid event, uuid_of(s, 11));
    row.event = base::RecordId(event);
  }
  return row;
}

base::Result<GuardianshipRow> read_guardianship(const Statement& s) {
  GuardianshipRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  EGIDE_TRY(const base::Uuid child, uuid_of(s, 1));
  EGIDE_TRY(const base::Uuid guardian, uuid_of(s, 2));
  row.id = base::RecordId(id);
  row.child = base::SubjectId(child);
  row.guardian = base::SubjectId(guardian);
  row.since = to_time(s.integer(3));
  if (!s.is_null(4)) row.until = to_time(s.integer(4));
  row.verified_by = text_of(s, 5);
  row.log_index = static_cast<std::uint64_t>(s.integer(6));
  row.sealed = bytes_of(s, 7);
  return row;
}

constexpr std::string_view kGuardianships =
    "SELECT id, child_id, guardian_id, since, until, verified_by, log_index, sealed FROM guardianship";

}  // namespace

base::Result<void> ConsentLinkRepository::insert(const ConsentLinkRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO consent_link (token_hash, subject_id, purpose, party, guardian_id, notice_version, notice_language, "
      "ceremony, created_at, expires_at, used_at, event_id) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  s.bind(1, base::ByteView(row.token_hash));
  s.bind(2, row.subject.bytes());
  s.bind(3, std::string_view(row.purpose));
  s.bind(4, static_cast<int>(row.party));
  bind_optional(s, 5, row.guardian);
  s.bind(6, row.notice_version);
  s.bind(7, std::string_view(row.notice_language));
  s.bind(8, base::ByteView(row.ceremony.bytes()));
  s.bind(9, to_millis(row.created_at));
  s.bind(10, to_millis(row.expires_at));
  bind_time(s, 11, row.used_at);
  if (row.event)
    s.bind(12, row.event->bytes());
  else
    s.bind_null(12);
  return run(s);
}

base::Result<std::optional<ConsentLinkRow>> ConsentLinkRepository::find(const base::Hash32& token_hash) const {
  Statement& s = connection_.prepare(
      "SELECT token_hash, subject_id, purpose, party, guardian_id, notice_version, notice_language, ceremony, "
      "created_at, expires_at, used_at, event_id FROM consent_link WHERE token_hash = ?1");
  s.bind(1, base::ByteView(token_hash));
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<ConsentLinkRow>();
  auto row = read_link(s);
  s.reset();
  if (!row) return std::move(row).error();
  return std::optional<ConsentLinkRow>(std::move(*row));
}

base::Result<void> ConsentLinkRepository::use(const base::Hash32& token_hash, base::Timestamp at,
                                              const base::RecordId& event) {
  Statement& s = connection_.prepare(
      "UPDATE consent_link SET used_at = ?2, event_id = ?3 WHERE token_hash = ?1 AND used_at IS NULL");
  s.bind(1, base::ByteView(token_hash));
  s.bind(2, to_millis(at));
  s.bind(3, event.bytes());
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::conflict("This link was used already");
  return {};
}

base::Result<std::int64_t> ConsentLinkRepository::made_since(const base::SubjectId& subject, std::string_view purpose,
                                                             ConsentParty party, base::Timestamp since) const {
  Statement& s = connection_.prepare(
      "SELECT COUNT(*) FROM consent_link WHERE subject_id = ?1 AND purpose = ?2 AND party = ?3 AND created_at > ?4");
  s.bind(1, subject.bytes());
  s.bind(2, purpose);
  s.bind(3, static_cast<int>(party));
  s.bind(4, to_millis(since));
  EGIDE_TRY([[maybe_unused]] const bool row, s.step());
  const auto count = s.integer(0);
  s.reset();
  return count;
}

base::Result<void> GuardianshipRepository::insert(const GuardianshipRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO guardianship (id, child_id, guardian_id, since, until, verified_by, log_index, sealed) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  s.bind(1, row.id.bytes());
  s.bind(2, row.child.bytes());
  s.bind(3, row.guardian.bytes());
  s.bind(4, to_millis(row.since));
  bind_time(s, 5, row.until);
  s.bind(6, std::string_view(row.verified_by));
  s.bind(7, row.log_index);
  s.bind(8, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::optional<GuardianshipRow>> GuardianshipRepository::find(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kGuardianships) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<GuardianshipRow>();
  auto row = read_guardianship(s);
  s.reset();
  if (!row) return std::move(row).error();
  return std::optional<GuardianshipRow>(std::move(*row));
}

base::Result<std::vector<GuardianshipRow>> GuardianshipRepository::of_child(const base::SubjectId& child) const {
  Statement& s = connection_.prepare(std::string(kGuardianships) + " WHERE child_id = ?1 ORDER BY since, id");
  s.bind(1, child.bytes());
  std::vector<GuardianshipRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_guardianship(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(*row));
  }
}

base::Result<void> GuardianshipRepository::end(const base::RecordId& id, base::Timestamp at) {
  Statement& s = connection_.prepare("UPDATE guardianship SET until = ?2 WHERE id = ?1 AND until IS NULL");
  s.bind(1, id.bytes());
  s.bind(2, to_millis(at));
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::conflict("This guardianship has ended already");
  return {};
}

}  // namespace egide::storage
