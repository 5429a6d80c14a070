#include "sqlcipher_connection.h"

#include <cstring>

#include "egide/base/check.h"
#include "egide/base/log.h"
#include "sqlite_error.h"

namespace egide::storage {
namespace {

constexpr std::string_view kBeginWrite = "BEGIN IMMEDIATE";
constexpr std::string_view kBeginRead = "BEGIN";
constexpr std::string_view kTakeSnapshot = "SELECT 1 FROM sqlite_master LIMIT 1";
constexpr std::string_view kCommit = "COMMIT";
constexpr std::string_view kRollback = "ROLLBACK";
constexpr std::string_view kSavepoint = "SAVEPOINT change";
constexpr std::string_view kRollbackTo = "ROLLBACK TO change";
constexpr std::string_view kRelease = "RELEASE change";

}  // namespace

void SqlcipherStatement::bound(int code) {
  if (code == SQLITE_OK) return;
  // Anything else is a wrong parameter number or a statement in the middle of its rows: a defect.
  EGIDE_CHECK(code == SQLITE_NOMEM || code == SQLITE_TOOBIG);
  if (!error_) error_ = error_of(code);
}

void SqlcipherStatement::bind(int parameter, std::int64_t value) {
  if (statement_ != nullptr) bound(sqlite3_bind_int64(statement_, parameter, value));
}

void SqlcipherStatement::bind(int parameter, std::string_view text) {
  if (statement_ == nullptr) return;
  if (text.find('\0') != std::string_view::npos) {
    if (!error_) error_ = base::invalid_request("A text can't hold a NUL character");
    return;
  }
  const char* data = text.data() != nullptr ? text.data() : "";  // nullptr would bind NULL
  bound(sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void SqlcipherStatement::bind(int parameter, base::ByteView blob) {
  if (statement_ == nullptr) return;
  if (blob.empty())
    bound(sqlite3_bind_zeroblob(statement_, parameter, 0));
  else
    bound(sqlite3_bind_blob64(statement_, parameter, blob.data(), blob.size(), SQLITE_TRANSIENT));
}

void SqlcipherStatement::bind_null(int parameter) {
  if (statement_ != nullptr) bound(sqlite3_bind_null(statement_, parameter));
}

base::Result<bool> SqlcipherStatement::step() {
  if (error_) {
    base::Error error = *error_;
    if (statement_ != nullptr) error_.reset();
    return error;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  // The extended code: sqlite3_step gives it as soon as extended codes are on.
  sqlite3_reset(statement_);
  return error_of(code);
}

void SqlcipherStatement::reset() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

void SqlcipherStatement::start_over() noexcept {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  error_.reset();
}

std::int64_t SqlcipherStatement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view SqlcipherStatement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

base::ByteView SqlcipherStatement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool SqlcipherStatement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

SqlcipherConnection::SqlcipherConnection(sqlite3* handle, int transfer_pages)
    : handle_(handle), transfer_pages_(transfer_pages) {
  // Replaces the engine's automatic transfer, which hides a failed fsync. It is safe by itself, since the pages are
  // written again next time; but nothing more is to be answered from a disk that failed one (docs/audit-log.md).
  sqlite3_wal_hook(
      handle_,
      [](void* pages, sqlite3*, const char*, int in_wal) {
        *static_cast<int*>(pages) = in_wal;
        return SQLITE_OK;
      },
      &wal_pages_);
}

SqlcipherConnection::~SqlcipherConnection() {
  statements_.clear();
  sqlite3_close_v2(handle_);
}

Statement& SqlcipherConnection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    found->second.start_over();
    return found->second;
  }
  sqlite3_stmt* made = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  // Preparing reads the schema, so it fails for two reasons: a text that is wrong, which is a defect, and a file that
  // can't be read, which is an answer.
  if (code == SQLITE_ERROR) {
    const std::string message = sqlite3_errmsg(handle_);
    const bool text_is_wrong =
        sqlite3_exec(handle_, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr) == SQLITE_OK;
    if (text_is_wrong) base::log(base::LogLevel::Error, "storage.statement_defect", {{"message", message}});
    EGIDE_CHECK(!text_is_wrong);
  }
  if (code != SQLITE_OK) {
    unprepared_ = std::make_unique<SqlcipherStatement>(error_of(code));
    return *unprepared_;
  }
  EGIDE_CHECK(made != nullptr);
  return statements_.try_emplace(std::string(sql), made).first->second;
}

base::Result<void> SqlcipherConnection::execute(std::string_view sql) {
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(code);
  return {};
}

std::int64_t SqlcipherConnection::changes() const { return sqlite3_changes64(handle_); }

base::Result<void> SqlcipherConnection::run(std::string_view sql) {
  auto stepped = prepare(sql).step();
  if (!stepped) return std::move(stepped).error();
  return {};
}

base::Result<void> SqlcipherConnection::begin_write() {
  EGIDE_CHECK(sqlite3_get_autocommit(handle_) != 0);
  if (writing_stopped_) return base::unavailable("The database can't be written since a disk error; restart");
  return run(kBeginWrite);
}

base::Result<void> SqlcipherConnection::begin_read() {
  EGIDE_CHECK(sqlite3_get_autocommit(handle_) != 0);
  EGIDE_TRY_VOID(run(kBeginRead));
  // BEGIN alone takes no snapshot: the first read does.
  Statement& snapshot = prepare(kTakeSnapshot);
  auto taken = snapshot.step();
  snapshot.reset();
  if (!taken) {
    rollback();
    return std::move(taken).error();
  }
  return {};
}

base::Result<void> SqlcipherConnection::commit() {
  const bool wrote = sqlite3_txn_state(handle_, "main") == SQLITE_TXN_WRITE;
  auto committed = run(kCommit);
  if (!committed) {
    if (wrote) stop_writing();
    return committed;
  }
  if (wrote && wal_pages_ >= transfer_pages_) transfer_wal();
  return {};
}

void SqlcipherConnection::rollback() noexcept {
  if (sqlite3_get_autocommit(handle_) == 0) (void)run(kRollback);
}

base::Result<void> SqlcipherConnection::savepoint() { return run(kSavepoint); }
base::Result<void> SqlcipherConnection::release_savepoint() { return run(kRelease); }
base::Result<void> SqlcipherConnection::rollback_to_savepoint() {
  EGIDE_TRY_VOID(run(kRollbackTo));
  return run(kRelease);
}

void SqlcipherConnection::transfer_wal() {
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  // Busy: a reader or another checkpoint; the next commit tries again. Anything else: what was committed stands in the
  // WAL, but nothing more may be built on this disk in this process.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) {
    base::log(base::LogLevel::Error, "storage.transfer_failed", {{"code", code}});
    stop_writing();
  }
}

void SqlcipherConnection::stop_writing() {
  writing_stopped_ = true;
  // A second fsync may succeed although the pages of the first were dropped: leave the WAL for the next process.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

base::Result<void> SqlcipherConnection::purge_history() {
  EGIDE_CHECK(sqlite3_get_autocommit(handle_) != 0);
  if (writing_stopped_) return base::unavailable("The database can't be written since a disk error; restart");
  // Not to wait for readers: the caller tries again, and commits go on meanwhile.
  sqlite3_busy_timeout(handle_, 0);
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  if (code == SQLITE_OK) {
    wal_pages_ = 0;
    return {};
  }
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
    return base::unavailable("A reader holds an older state of the database, try again");
  stop_writing();
  return error_of(code);
}

base::Result<void> SqlcipherConnection::check_integrity() {
  // A crash while pages were copied leaves torn ones in the database that the WAL still covers: copy them first, since
  // cipher_integrity_check reads the database file alone.
  sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  const auto damaged = [](const char* check) {
    base::log(base::LogLevel::Error, "storage.integrity", {{"check", check}});
    return base::integrity_violation(std::string("The database is damaged: ") + check + " failed");
  };
  Statement& cipher = prepare("PRAGMA cipher_integrity_check");
  EGIDE_TRY(const bool bad_page, cipher.step());
  cipher.reset();
  if (bad_page) return damaged("page authentication");
  Statement& structure = prepare("PRAGMA integrity_check(1)");
  EGIDE_TRY(const bool answered, structure.step());
  const bool structure_ok = answered && structure.text(0) == "ok";
  structure.reset();
  if (!structure_ok) return damaged("structure check");
  Statement& keys = prepare("PRAGMA foreign_key_check");
  EGIDE_TRY(const bool dangling, keys.step());
  keys.reset();
  if (dangling) return damaged("foreign key check");
  return {};
}

}  // namespace egide::storage
