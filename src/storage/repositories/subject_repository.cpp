#include "egide/storage/subject_repository.h"

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, status, locale, created_at, version, restricted, epoch, key_version, dek, kaudit, facts FROM subject";

base::Result<SubjectRow> read_subject(const Statement& s) {
  SubjectRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  row.id = base::SubjectId(id);
  row.status = s.integer(1) == 1 ? SubjectStatus::Living : SubjectStatus::Erased;
  row.locale = text_of(s, 2);
  row.created_at = to_time(s.integer(3));
  row.version = s.integer(4);
  row.restricted = s.integer(5) != 0;
  row.keys.epoch = static_cast<crypto::Epoch>(s.integer(6));
  row.keys.version = static_cast<int>(s.integer(7));
  row.keys.dek = bytes_of(s, 8);
  row.keys.kaudit = bytes_of(s, 9);
  row.facts = bytes_of(s, 10);
  return row;
}

}  // namespace

base::Result<void> SubjectRepository::insert(const SubjectRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO subject (id, status, locale, created_at, version, restricted, epoch, key_version, dek, kaudit, "
      "facts) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  s.bind(1, row.id.bytes());
  s.bind(2, static_cast<int>(row.status));
  s.bind(3, std::string_view(row.locale));
  s.bind(4, to_millis(row.created_at));
  s.bind(5, row.version);
  s.bind(6, row.restricted ? 1 : 0);
  s.bind(7, static_cast<int>(row.keys.epoch));
  s.bind(8, row.keys.version);
  s.bind(9, base::ByteView(row.keys.dek));
  s.bind(10, base::ByteView(row.keys.kaudit));
  s.bind(11, base::ByteView(row.facts));
  return run(s);
}

base::Result<std::optional<SubjectRow>> SubjectRepository::find(const base::SubjectId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<SubjectRow>();
  auto row = read_subject(s);
  s.reset();
  if (!row) return std::move(row).error();
  return std::optional<SubjectRow>(std::move(row).value());
}

base::Result<void> SubjectRepository::update_facts(const base::SubjectId& id, std::int64_t expected,
                                                   base::ByteView facts) {
  Statement& s = connection_.prepare(
      "UPDATE subject SET facts = ?3, version = version + 1 WHERE id = ?1 AND version = ?2 AND status = 1");
  s.bind(1, id.bytes());
  s.bind(2, expected);
  s.bind(3, facts);
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1)
    return base::Error(base::ErrorCode::Precondition, "The person's record has changed meanwhile: read it again");
  return {};
}

base::Result<void> SubjectRepository::set_restricted(const base::SubjectId& id, bool restricted) {
  Statement& s = connection_.prepare("UPDATE subject SET restricted = ?2 WHERE id = ?1 AND status = 1");
  s.bind(1, id.bytes());
  s.bind(2, restricted ? 1 : 0);
  return run(s);
}

base::Result<void> SubjectRepository::set_keys(const base::SubjectId& id, const crypto::WrappedSubjectKeys& keys) {
  Statement& s = connection_.prepare(
      "UPDATE subject SET epoch = ?2, key_version = ?3, dek = ?4, kaudit = ?5 WHERE id = ?1 AND status = 1");
  s.bind(1, id.bytes());
  s.bind(2, static_cast<int>(keys.epoch));
  s.bind(3, keys.version);
  s.bind(4, base::ByteView(keys.dek));
  s.bind(5, base::ByteView(keys.kaudit));
  return run(s);
}

base::Result<void> SubjectRepository::for_each(const std::function<base::Result<void>(SubjectRow&&)>& row) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " ORDER BY id");
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return {};
    auto read = read_subject(s);
    base::Result<void> taken = read ? row(std::move(read).value()) : base::Result<void>(std::move(read).error());
    if (!taken) {
      s.reset();
      return taken;
    }
  }
}

base::Result<std::int64_t> SubjectRepository::count_living() const {
  Statement& s = connection_.prepare("SELECT count(*) FROM subject WHERE status = 1");
  EGIDE_TRY([[maybe_unused]] const bool row, s.step());
  const std::int64_t count = s.integer(0);
  s.reset();
  return count;
}

base::Result<void> SubjectRepository::put_attribute(const base::SubjectId& id, const AttributeRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO attribute (subject_id, category, version, updated_at, source, sealed) VALUES (?1, ?2, ?3, ?4, ?5, "
      "?6) "
      "ON CONFLICT (subject_id, category) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at, "
      "source = excluded.source, sealed = excluded.sealed");
  s.bind(1, id.bytes());
  s.bind(2, std::string_view(row.category));
  s.bind(3, row.version);
  s.bind(4, to_millis(row.updated_at));
  s.bind(5, std::string_view(row.source));
  s.bind(6, base::ByteView(row.sealed));
  return run(s);
}

base::Result<void> SubjectRepository::remove_attribute(const base::SubjectId& id, std::string_view category) {
  Statement& s = connection_.prepare("DELETE FROM attribute WHERE subject_id = ?1 AND category = ?2");
  s.bind(1, id.bytes());
  s.bind(2, category);
  return run(s);
}

base::Result<std::vector<AttributeRow>> SubjectRepository::attributes(const base::SubjectId& id) const {
  Statement& s = connection_.prepare(
      "SELECT category, version, updated_at, source, sealed FROM attribute WHERE subject_id = ?1 ORDER BY category");
  s.bind(1, id.bytes());
  std::vector<AttributeRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    rows.push_back({text_of(s, 0), s.integer(1), to_time(s.integer(2)), text_of(s, 3), bytes_of(s, 4)});
  }
}

base::Result<void> SubjectRepository::put_index(std::string_view field, base::ByteView value,
                                                const base::SubjectId& id) {
  Statement& s = connection_.prepare("INSERT INTO blind_index (field, value, subject_id) VALUES (?1, ?2, ?3)");
  s.bind(1, field);
  s.bind(2, value);
  s.bind(3, id.bytes());
  return run(s);
}

base::Result<void> SubjectRepository::remove_index(std::string_view field, const base::SubjectId& id) {
  Statement& s = connection_.prepare("DELETE FROM blind_index WHERE subject_id = ?1 AND field = ?2");
  s.bind(1, id.bytes());
  s.bind(2, field);
  return run(s);
}

base::Result<std::vector<base::SubjectId>> SubjectRepository::find_by_index(std::string_view field,
                                                                            base::ByteView value) const {
  Statement& s =
      connection_.prepare("SELECT subject_id FROM blind_index WHERE field = ?1 AND value = ?2 ORDER BY subject_id");
  s.bind(1, field);
  s.bind(2, value);
  std::vector<base::SubjectId> found;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return found;
    const auto id = uuid_of(s, 0);
    if (!id) {
      s.reset();
      return id.error();
    }
    found.emplace_back(*id);
  }
}

base::Result<void> SubjectRepository::put_objection(const base::SubjectId& id, std::string_view purpose,
                                                    base::Timestamp since) {
  Statement& s = connection_.prepare(
      "INSERT INTO objection (subject_id, purpose, since) VALUES (?1, ?2, ?3) ON CONFLICT (subject_id, purpose) DO "
      "NOTHING");
  s.bind(1, id.bytes());
  s.bind(2, purpose);
  s.bind(3, to_millis(since));
  return run(s);
}

base::Result<void> SubjectRepository::remove_objection(const base::SubjectId& id, std::string_view purpose) {
  Statement& s = connection_.prepare("DELETE FROM objection WHERE subject_id = ?1 AND purpose = ?2");
  s.bind(1, id.bytes());
  s.bind(2, purpose);
  return run(s);
}

base::Result<void> SubjectRepository::for_each_objection(
    const std::function<void(const base::SubjectId&, std::string_view purpose)>& row) const {
  Statement& s = connection_.prepare("SELECT subject_id, purpose FROM objection");
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return {};
    const auto id = uuid_of(s, 0);
    if (!id) {
      s.reset();
      return id.error();
    }
    row(base::SubjectId(*id), s.text(1));
  }
}

base::Result<std::int64_t> SubjectRepository::erase(const base::SubjectId& id) {
  // What is removed is also overwritten where the engine can (SQLite: secure_delete); Connection::purge_history() then
  // drops older versions of the pages.
  static constexpr std::string_view kStatements[] = {
      "UPDATE subject SET status = 2, locale = '', restricted = 0, dek = NULL, kaudit = NULL, facts = NULL, "
      "version = version + 1 WHERE id = ?1",
      "DELETE FROM attribute WHERE subject_id = ?1",
      "DELETE FROM blind_index WHERE subject_id = ?1",
      "DELETE FROM objection WHERE subject_id = ?1",
      "DELETE FROM consent_event WHERE subject_id = ?1",
      "DELETE FROM mail_outbox WHERE subject_id = ?1 OR about_id = ?1",
      "DELETE FROM consent_link WHERE subject_id = ?1 OR guardian_id = ?1",
      "DELETE FROM guardianship WHERE child_id = ?1 OR guardian_id = ?1",
      "DELETE FROM package WHERE subject_id = ?1",
      "DELETE FROM idempotency WHERE subject_id = ?1",
      "DELETE FROM access_request WHERE subject_id = ?1",
      "UPDATE request SET subject_id = NULL, sealed = NULL WHERE subject_id = ?1",
      "UPDATE reidentification SET subject_id = NULL, sealed = NULL WHERE subject_id = ?1",
  };
  std::int64_t touched = 0;
  for (const std::string_view sql : kStatements) {
    Statement& s = connection_.prepare(sql);
    s.bind(1, id.bytes());
    EGIDE_TRY_VOID(run(s));
    touched += connection_.changes();
  }
  return touched;
}

}  // namespace egide::storage
