#include "egide/storage/migrations.h"

#include <string>

#include "egide/base/check.h"
#include "migrations/0001_log.h"
#include "migrations/0002_people.h"
#include "migrations/0003_access_requests.h"
#include "migrations/0004_consent.h"
#include "migrations/0005_webhooks.h"
#include "migrations/0006_datasets.h"

namespace egide::storage {
namespace {

using base::Result;

// The names of the migrations that ran, in order.
Result<std::vector<std::string>> applied(Connection& connection) {
  std::vector<std::string> names;
  Statement& rows = connection.prepare("SELECT number, name FROM schema_migration ORDER BY number");
  while (true) {
    EGIDE_TRY(const bool row, rows.step());
    if (!row) return names;
    if (rows.integer(0) != static_cast<std::int64_t>(names.size()) + 1) {
      rows.reset();
      return base::integrity_violation("The database's record of its migrations has a gap");
    }
    names.emplace_back(rows.text(1));
  }
}

Result<void> run(Connection& connection, const Migration& migration) {
  EGIDE_TRY_VOID(connection.execute(migration.sql));
  Statement& record = connection.prepare("INSERT INTO schema_migration (number, name) VALUES (?1, ?2)");
  record.bind(1, migration.number);
  record.bind(2, migration.name);
  EGIDE_TRY_VOID(record.step());
  return {};
}

// In one transaction: `work`, or nothing.
template <typename Work>
Result<void> in_transaction(Connection& connection, Work&& work) {
  EGIDE_TRY_VOID(connection.begin_write());
  Result<void> done = work();
  if (done) done = connection.commit();
  if (!done) connection.rollback();
  return done;
}

}  // namespace

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> list = {
      kMigration0001Log,     kMigration0002People,   kMigration0003AccessRequests,
      kMigration0004Consent, kMigration0005Webhooks, kMigration0006Datasets};
  return list;
}

Result<int> migrate(Connection& connection, const std::vector<Migration>& list) {
  for (std::size_t i = 0; i < list.size(); ++i) EGIDE_CHECK(list[i].number == static_cast<int>(i) + 1);

  EGIDE_TRY_VOID(in_transaction(connection, [&connection] {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  }));
  EGIDE_TRY(const auto names, applied(connection));
  if (names.size() > list.size())
    return base::unavailable("The database was written by a newer egide; upgrade this program");
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] != list[i].name) return base::unavailable("The database has another schema than this program knows");

  for (std::size_t i = names.size(); i < list.size(); ++i) {
    const auto step = [&connection, &migration = list[i]] { return run(connection, migration); };
    EGIDE_TRY_VOID(in_transaction(connection, step));
  }
  return static_cast<int>(list.size() - names.size());
}

}  // namespace egide::storage
