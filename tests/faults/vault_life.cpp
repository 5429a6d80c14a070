#include "vault_life.h"

#include "egide/audit/log_verifier.h"
#include "egide/base/check.h"
#include "egide/storage/committer.h"
#include "egide/storage/log_store.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"
#include "egide/testing/fake_clock.h"
#include "fault_vfs.h"

namespace egide::faults {
namespace {

using base::Result;
using storage::ChangeContext;
using storage::Committer;
using storage::Connection;
using storage::Database;
using storage::LogStore;
using storage::Statement;

constexpr const char* kOrigin = "egide.example.org/audit/2026";
constexpr base::ByteArray<32> kBytes = {std::byte{7}};

std::shared_ptr<const crypto::SigningKey> signing_key() {
  static const auto key =
      std::make_shared<const crypto::SigningKey>(std::move(crypto::SigningKey::from_seed(kBytes)).value());
  return key;
}

Result<std::unique_ptr<Database>> open_vault(bool create, int transfer_pages) {
  const std::string digits(96, 'a');
  EGIDE_TRY(auto key, crypto::SecretBytes::copy_of(base::as_bytes(digits)));
  storage::SqlcipherOptions options{"/vault.db", kFaultVfs, create};
  options.transfer_pages = transfer_pages;
  return storage::open_sqlcipher(options, std::move(key));
}

storage::EntryDraft entry() {
  storage::EntryDraft draft;
  draft.leaf.event = audit::event::kConsentGiven;
  draft.leaf.outcome = audit::Outcome::Allow;
  draft.kaudit = kBytes;
  draft.r32 = kBytes;
  draft.detail = kBytes;
  draft.sealed_detail = kBytes;
  return draft;
}

// Two rows, a tally and some entries: all of it, or nothing. A refused one leaves one entry `fail`.
class TwoRows final : public storage::Change {
 public:
  TwoRows(int number, const History::Change& change) : number_(number), change_(change), failure_(entry()) {}

  Result<void> apply(ChangeContext& context) override {
    for (int part = 0; part < 2; ++part) {
      Statement& insert = context.connection().prepare("INSERT INTO effect (k, entries, filler) VALUES (?1, ?2, ?3)");
      insert.bind(1, number_ * 2 + part);
      insert.bind(2, change_.entries);
      insert.bind(3, base::Bytes(700, std::byte{1}));
      EGIDE_TRY_VOID(insert.step());
      for (int i = 0; part == 0 && i < change_.entries; ++i) EGIDE_TRY_VOID(context.append(entry()));
      Statement& tally = context.connection().prepare("UPDATE tally SET n = n + ?1");
      tally.bind(1, change_.entries);
      EGIDE_TRY_VOID(tally.step());
    }
    if (change_.refused) return base::forbidden("refused by itself");
    return {};
  }
  const storage::EntryDraft* failure_entry() const noexcept override { return change_.refused ? &failure_ : nullptr; }

 private:
  const int number_;
  const History::Change change_;
  const storage::EntryDraft failure_;
};

Result<std::unique_ptr<Committer>> start(std::unique_ptr<Connection> connection) {
  const auto clock = std::make_shared<testing::FakeClock>(base::Timestamp(std::chrono::milliseconds(1)));
  return Committer::start(std::move(connection), kOrigin, signing_key(), clock);
}

Result<void> make_schema(Connection& connection) {
  // The log's tables alone: the fewer pages, the more crash points a second.
  EGIDE_TRY_VOID(storage::migrate(connection, {storage::migrations().front()}));
  EGIDE_TRY_VOID(connection.begin_write());
  EGIDE_TRY_VOID(
      connection.execute("CREATE TABLE IF NOT EXISTS effect (k INTEGER PRIMARY KEY, entries INTEGER, filler BLOB);"
                         "CREATE TABLE IF NOT EXISTS tally (n INTEGER);"
                         "INSERT INTO tally SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM tally)"));
  return connection.commit();
}

void commit_one(Committer& committer, History& history, Random& random) {
  const int number = history.changes.empty() ? 0 : history.changes.rbegin()->first + 1;
  History::Change& change = history.changes[number];
  change.entries = 1 + static_cast<int>(random() % 4);
  change.refused = random() % 4 == 0;
  TwoRows rows(number, change);
  const auto committed = committer.commit(rows);
  change.answered = committed || (change.refused && committed.error().code() == base::ErrorCode::Forbidden);
  if (const auto note = committer.checkpoint(); note != nullptr) history.note = *note;
}

Result<void> try_live(History& history, int changes, Random& random, bool create,
                      const std::function<void()>& before_close) {
  // In half of the lives some commits copy the WAL, in the others it only grows.
  EGIDE_TRY(const auto database, open_vault(create, random() % 2 == 0 ? 12 : 1000));
  // One connection for all of it: closing one would copy the WAL, which is for the driver to do.
  EGIDE_TRY(auto connection, database->connect());
  EGIDE_TRY_VOID(make_schema(*connection));
  history.created = true;
  EGIDE_TRY(const auto committer, start(std::move(connection)));
  for (int i = 0; i < changes; ++i) {
    commit_one(*committer, history, random);
    if (changes > 2 && i == changes / 2) (void)committer->purge_history();
  }
  if (before_close) before_close();
  return {};
}

Check wrong(std::string why) { return {Finding::Wrong, std::move(why)}; }
Check refused(const base::Error& error, const char* where) {
  return {error.code() == base::ErrorCode::Integrity ? Finding::Detected : Finding::Wrong,
          std::string(where) + ": " + error.message()};
}

Result<std::int64_t> integer(Connection& connection, std::string_view sql) {
  Statement& statement = connection.prepare(sql);
  EGIDE_TRY(const bool row, statement.step());
  const std::int64_t value = row ? statement.integer(0) : -1;
  statement.reset();
  return value;
}

struct Stored {
  std::map<int, int> parts;  // change -> rows
  std::int64_t tally = 0;
  std::uint64_t size = 0, failures = 0;
};

Result<Stored> read_stored(Connection& connection) {
  Stored stored;
  Statement& rows = connection.prepare("SELECT k FROM effect");
  while (true) {
    EGIDE_TRY(const bool row, rows.step());
    if (!row) break;
    ++stored.parts[static_cast<int>(rows.integer(0) / 2)];
  }
  EGIDE_TRY(stored.tally, integer(connection, "SELECT n FROM tally"));
  const LogStore store(connection);
  EGIDE_TRY(stored.size, store.size());
  EGIDE_TRY(const auto leaves, store.leaves(0, stored.size));
  for (const auto& line : leaves) stored.failures += line.find("\"dec\":\"fail\"") != std::string::npos ? 1U : 0U;
  return stored;
}

// What callers were answered is there; what is there is whole.
Check compare(const Stored& stored, const History& history) {
  std::uint64_t entries = 0, failures_answered = 0, failures_asked = 0;
  for (const auto& [number, change] : history.changes) {
    const auto found = stored.parts.find(number);
    const int rows = found == stored.parts.end() ? 0 : found->second;
    const std::string name = "change " + std::to_string(number);
    if (change.refused) {
      if (rows != 0) return wrong(name + " was refused and is there");
      failures_answered += change.answered ? 1U : 0U;
      ++failures_asked;
      continue;
    }
    if (rows == 1) return wrong(name + " is half there");
    if (rows == 0 && change.answered) return wrong(name + " was answered and is lost");
    if (rows == 2) entries += static_cast<std::uint64_t>(change.entries);
  }
  if (stored.failures < failures_answered || stored.failures > failures_asked)
    return wrong("the entries of refused changes");
  if (stored.tally != static_cast<std::int64_t>(2 * entries)) return wrong("the tally");
  if (stored.size != entries + stored.failures) return wrong("entries without their change, or a change without them");
  return {Finding::Whole, {}};
}

Check check_log(Connection& connection, std::uint64_t size, const std::string& pin) {
  const LogStore store(connection);
  const auto note = store.newest_checkpoint();
  if (!note) return refused(note.error(), "checkpoint");
  if (!*note) return size == 0 && pin.empty() ? Check{Finding::Whole, {}} : wrong("no checkpoint");
  const auto trusted = audit::VerifierKey::make(kOrigin, signing_key()->public_key());
  const auto checkpoint = audit::open_checkpoint(**note, trusted);
  if (!checkpoint) return refused(checkpoint.error(), "checkpoint");
  if (checkpoint->size != size) return wrong("the newest checkpoint has another size than the log");
  const auto root = store.recompute(0, size);
  if (!root) return refused(root.error(), "recomputing");
  if (*root != checkpoint->root) return wrong("the stored root is not the recomputed one");
  audit::VerifyOptions options;
  if (!pin.empty()) options.older_checkpoints.push_back(pin);
  storage::StoredLogSource source(connection);
  const auto verified = audit::verify_log(source, trusted, options);
  if (!verified) return refused(verified.error(), "verification");
  return {Finding::Whole, {}};
}

}  // namespace

void live(FaultDisk& disk, History& history, int changes, Random& random, bool create,
          const std::function<void()>& before_close) {
  use_disk(disk);
  (void)try_live(history, changes, random, create, before_close);
}

std::unique_ptr<Connection> connect(FaultDisk& disk, int transfer_pages) {
  use_disk(disk);
  const auto database = open_vault(false, transfer_pages);
  auto connection = database ? (*database)->connect() : Result<std::unique_ptr<Connection>>(database.error());
  return connection ? std::move(connection).value() : nullptr;
}

Check check(FaultDisk& disk, const History& history) {
  use_disk(disk);
  const auto database = open_vault(false, 1000);
  if (!database) return refused(database.error(), "opening");
  const auto connection = (*database)->connect();
  if (!connection) return refused(connection.error(), "connecting");
  if (const auto sound = (*connection)->check_integrity(); !sound) return refused(sound.error(), "engine's check");
  const auto stored = read_stored(**connection);
  if (!stored) return refused(stored.error(), "reading");
  // The log first: a verifier with a pin sees it shortened, whatever else was lost with it.
  if (auto log = check_log(**connection, stored->size, history.note); log.finding != Finding::Whole) return log;
  return compare(*stored, history);
}

}  // namespace egide::faults
