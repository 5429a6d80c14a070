#include "egide/storage/consent_repository.h"

#include <nlohmann/json.hpp>

#include "repositories/row.h"

namespace egide::storage {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, subject_id, purpose, party, sequence, type, at, recorded_at, channel, notice_version, notice_language, "
    "notice_hash, valid_until, ceremony, log_index, sealed FROM consent_event";

base::Result<ConsentEventRow> read_event(const Statement& s) {
  ConsentEventRow row;
  EGIDE_TRY(const base::Uuid id, uuid_of(s, 0));
  EGIDE_TRY(const base::Uuid subject, uuid_of(s, 1));
  row.id = base::RecordId(id);
  row.subject = base::SubjectId(subject);
  row.purpose = text_of(s, 2);
  row.party = s.integer(3) == 1 ? ConsentParty::Person : ConsentParty::Guardian;
  row.sequence = s.integer(4);
  row.type = text_of(s, 5);
  row.at = to_time(s.integer(6));
  row.recorded_at = to_time(s.integer(7));
  row.channel = text_of(s, 8);
  row.notice_version = static_cast<int>(s.integer(9));
  row.notice_language = text_of(s, 10);
  row.notice_hash = bytes_of(s, 11);
  if (!s.is_null(12)) row.valid_until = to_time(s.integer(12));
  if (!s.is_null(13)) {
    EGIDE_TRY(row.ceremony, uuid_of(s, 13));
  }
  row.log_index = static_cast<std::uint64_t>(s.integer(14));
  row.sealed = bytes_of(s, 15);
  return row;
}

// Reads all rows of a bound statement.
base::Result<std::vector<ConsentEventRow>> read_all(Statement& s) {
  std::vector<ConsentEventRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_event(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

base::Result<NoticeRow> read_notice(const Statement& s) {
  NoticeRow row;
  row.purpose = text_of(s, 0);
  row.version = static_cast<int>(s.integer(1));
  const auto texts = nlohmann::json::parse(s.text(2), nullptr, false);
  if (!texts.is_object()) return base::integrity_violation("A stored notice is damaged");
  for (const auto& item : texts.items())
    if (item.value().is_string()) row.texts[item.key()] = item.value().get<std::string>();
  row.summary = text_of(s, 3);
  row.material = s.integer(4) != 0;
  row.oldest_acceptable = static_cast<int>(s.integer(5));
  row.issued_at = to_time(s.integer(6));
  return row;
}

base::Result<std::vector<NoticeRow>> read_notices(Statement& s) {
  std::vector<NoticeRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    auto row = read_notice(s);
    if (!row) {
      s.reset();
      return std::move(row).error();
    }
    rows.push_back(std::move(row).value());
  }
}

}  // namespace

base::Result<void> ConsentRepository::append(const ConsentEventRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO consent_event (id, subject_id, purpose, party, sequence, type, at, recorded_at, channel, "
      "notice_version, "
      "notice_language, notice_hash, valid_until, ceremony, log_index, sealed) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
  s.bind(1, row.id.bytes());
  s.bind(2, row.subject.bytes());
  s.bind(3, std::string_view(row.purpose));
  s.bind(4, static_cast<int>(row.party));
  s.bind(5, row.sequence);
  s.bind(6, std::string_view(row.type));
  s.bind(7, to_millis(row.at));
  s.bind(8, to_millis(row.recorded_at));
  s.bind(9, std::string_view(row.channel));
  s.bind(10, row.notice_version);
  s.bind(11, std::string_view(row.notice_language));
  s.bind(12, base::ByteView(row.notice_hash));
  if (row.valid_until)
    s.bind(13, to_millis(*row.valid_until));
  else
    s.bind_null(13);
  if (row.ceremony)
    s.bind(14, base::ByteView(row.ceremony->bytes()));
  else
    s.bind_null(14);
  s.bind(15, row.log_index);
  s.bind(16, base::ByteView(row.sealed));
  return run(s);
}

base::Result<std::optional<ConsentEventRow>> ConsentRepository::find(const base::RecordId& id) const {
  Statement& s = connection_.prepare(std::string(kColumns) + " WHERE id = ?1");
  s.bind(1, id.bytes());
  EGIDE_TRY(auto rows, read_all(s));
  return rows.empty() ? std::optional<ConsentEventRow>() : std::optional<ConsentEventRow>(std::move(rows.front()));
}

base::Result<std::vector<ConsentEventRow>> ConsentRepository::of_subject(const base::SubjectId& id) const {
  Statement& s =
      connection_.prepare(std::string(kColumns) + " WHERE subject_id = ?1 ORDER BY purpose, party, sequence");
  s.bind(1, id.bytes());
  return read_all(s);
}

base::Result<void> ConsentRepository::for_each(const std::function<void(const ConsentEventRow&)>& row) const {
  Statement& s = connection_.prepare(
      "SELECT id, subject_id, purpose, party, type, valid_until, notice_version, sequence, log_index, at FROM "
      "consent_event "
      "ORDER BY subject_id, purpose, party, sequence");
  ConsentEventRow event;  // reused: two hundred thousand rows are read at start
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return {};
    const auto id = uuid_of(s, 0);
    const auto subject = uuid_of(s, 1);
    if (!id || !subject) {
      s.reset();
      return id ? subject.error() : id.error();
    }
    event.id = base::RecordId(*id);
    event.subject = base::SubjectId(*subject);
    event.purpose = s.text(2);
    event.party = s.integer(3) == 1 ? ConsentParty::Person : ConsentParty::Guardian;
    event.type = s.text(4);
    event.valid_until.reset();
    if (!s.is_null(5)) event.valid_until = to_time(s.integer(5));
    event.notice_version = static_cast<int>(s.integer(6));
    event.sequence = s.integer(7);
    event.log_index = static_cast<std::uint64_t>(s.integer(8));
    event.at = to_time(s.integer(9));
    row(event);
  }
}

base::Result<void> ConsentRepository::insert_notice(const NoticeRow& row) {
  nlohmann::json texts = nlohmann::json::object();
  for (const auto& [language, text] : row.texts) texts[language] = text;
  Statement& s = connection_.prepare(
      "INSERT INTO notice (purpose, version, texts, summary, material, oldest_acceptable, issued_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  s.bind(1, std::string_view(row.purpose));
  s.bind(2, row.version);
  s.bind(3, std::string_view(texts.dump()));
  s.bind(4, std::string_view(row.summary));
  s.bind(5, row.material ? 1 : 0);
  s.bind(6, row.oldest_acceptable);
  s.bind(7, to_millis(row.issued_at));
  return run(s);
}

base::Result<std::vector<NoticeRow>> ConsentRepository::notices(std::string_view purpose) const {
  Statement& s = connection_.prepare(
      "SELECT purpose, version, texts, summary, material, oldest_acceptable, issued_at FROM notice WHERE purpose = ?1 "
      "ORDER BY version");
  s.bind(1, purpose);
  return read_notices(s);
}

base::Result<std::vector<NoticeRow>> ConsentRepository::all_notices() const {
  return read_notices(
      connection_.prepare("SELECT purpose, version, texts, summary, material, oldest_acceptable, issued_at FROM notice "
                          "ORDER BY purpose, version"));
}

}  // namespace egide::storage
