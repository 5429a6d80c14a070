#include "egide/storage/account_repository.h"

#include "repositories/row.h"

namespace egide::storage {

base::Result<void> AccountRepository::insert_tool(const ToolRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO tool (id, name, token_hash, actor, active, evaluate_any, recipient_class, grants, created_at, "
      "version) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  s.bind(1, std::string_view(row.id.str()));
  s.bind(2, std::string_view(row.name));
  s.bind(3, base::ByteView(row.token_hash));
  s.bind(4, base::ByteView(row.actor));
  s.bind(5, row.active ? 1 : 0);
  s.bind(6, row.evaluate_any ? 1 : 0);
  s.bind(7, std::string_view(row.recipient_class));
  s.bind(8, std::string_view(row.grants));
  s.bind(9, to_millis(row.created_at));
  s.bind(10, row.version);
  return run(s);
}

base::Result<void> AccountRepository::update_tool(const ToolRow& row) {
  Statement& s = connection_.prepare(
      "UPDATE tool SET name = ?2, token_hash = ?3, active = ?4, evaluate_any = ?5, recipient_class = ?6, grants = ?7, "
      "version = ?8 WHERE id = ?1");
  s.bind(1, std::string_view(row.id.str()));
  s.bind(2, std::string_view(row.name));
  s.bind(3, base::ByteView(row.token_hash));
  s.bind(4, row.active ? 1 : 0);
  s.bind(5, row.evaluate_any ? 1 : 0);
  s.bind(6, std::string_view(row.recipient_class));
  s.bind(7, std::string_view(row.grants));
  s.bind(8, row.version);
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::not_found("There is no such tool");
  return {};
}

base::Result<std::vector<ToolRow>> AccountRepository::tools() const {
  Statement& s = connection_.prepare(
      "SELECT id, name, token_hash, actor, active, evaluate_any, recipient_class, grants, created_at, version FROM "
      "tool "
      "ORDER BY id");
  std::vector<ToolRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    const auto actor = array_of<16>(s, 3);
    if (!actor) {
      s.reset();
      return actor.error();
    }
    rows.push_back({base::ToolId(text_of(s, 0)), text_of(s, 1), bytes_of(s, 2), *actor, s.integer(4) != 0,
                    s.integer(5) != 0, text_of(s, 6), text_of(s, 7), to_time(s.integer(8)), s.integer(9)});
  }
}

base::Result<void> AccountRepository::insert_account(const AccountRow& row) {
  Statement& s = connection_.prepare(
      "INSERT INTO account (id, label, role, token_hash, actor, active, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
      "?7)");
  s.bind(1, row.id.bytes());
  s.bind(2, std::string_view(row.label));
  s.bind(3, std::string_view(row.role));
  s.bind(4, base::ByteView(row.token_hash));
  s.bind(5, base::ByteView(row.actor));
  s.bind(6, row.active ? 1 : 0);
  s.bind(7, to_millis(row.created_at));
  return run(s);
}

base::Result<void> AccountRepository::set_account_active(const base::UserId& id, bool active) {
  Statement& s = connection_.prepare("UPDATE account SET active = ?2 WHERE id = ?1");
  s.bind(1, id.bytes());
  s.bind(2, active ? 1 : 0);
  EGIDE_TRY_VOID(run(s));
  if (connection_.changes() != 1) return base::not_found("There is no such account");
  return {};
}

base::Result<std::vector<AccountRow>> AccountRepository::accounts() const {
  Statement& s = connection_.prepare(
      "SELECT id, label, role, token_hash, actor, active, created_at FROM account ORDER BY created_at, id");
  std::vector<AccountRow> rows;
  for (;;) {
    EGIDE_TRY(const bool more, s.step());
    if (!more) return rows;
    const auto id = uuid_of(s, 0);
    const auto actor = array_of<16>(s, 4);
    if (!id || !actor) {
      s.reset();
      return id ? actor.error() : id.error();
    }
    rows.push_back({base::UserId(*id), text_of(s, 1), text_of(s, 2), bytes_of(s, 3), *actor, s.integer(5) != 0,
                    to_time(s.integer(6))});
  }
}

base::Result<std::optional<std::string>> AccountRepository::setting(std::string_view key) const {
  Statement& s = connection_.prepare("SELECT value FROM setting WHERE name = ?1");
  s.bind(1, key);
  EGIDE_TRY(const bool found, s.step());
  if (!found) return std::optional<std::string>();
  std::string value = text_of(s, 0);
  s.reset();
  return std::optional<std::string>(std::move(value));
}

base::Result<void> AccountRepository::put_setting(std::string_view key, std::string_view value) {
  Statement& s = connection_.prepare(
      "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  s.bind(1, key);
  s.bind(2, value);
  return run(s);
}

}  // namespace egide::storage
