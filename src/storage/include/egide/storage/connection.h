// The storage port: one small interface that every engine implements. Repositories are written once, in SQL that
// SQLite >= 3.45 and PostgreSQL >= 15 both understand, with positional parameters written ?1, ?2, ...
//
// Thread safety: a Connection and its statements are used by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::storage {

// A prepared statement: bind, step until it says false, reset. Column indexes begin at 0, parameters at 1.
class Statement {
 public:
  virtual ~Statement() = default;
  virtual void bind(int parameter, std::int64_t value) = 0;
  virtual void bind(int parameter, std::string_view text) = 0;  // copied; without NUL, which PostgreSQL can't store
  virtual void bind(int parameter, base::ByteView blob) = 0;    // copied
  virtual void bind_null(int parameter) = 0;
  void bind(int parameter, std::uint64_t value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind(int parameter, int value) { bind(parameter, static_cast<std::int64_t>(value)); }

  // True: a row is there. False: done. Conflict: a uniqueness, foreign-key or other rule of the schema broke.
  // Unavailable: disk full, locked. Integrity: damaged file. InvalidRequest: a bound text holds a NUL. TooLarge.
  // After false or an error the statement is reset by itself.
  virtual base::Result<bool> step() = 0;
  virtual void reset() = 0;

  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // valid until the next step
  virtual base::ByteView blob(int column) const = 0;    // valid until the next step
  virtual bool is_null(int column) const = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;

  // The statement for this text, prepared once and kept, reset and without parameters: callers hold the reference for
  // one use, never across calls that use the same text. A text that does not prepare is a defect (EGIDE_CHECK); a file
  // that can't be read is step()'s error. A statement left before its last row is to be reset, or it keeps a snapshot.
  virtual Statement& prepare(std::string_view sql) = 0;
  virtual base::Result<void> execute(std::string_view sql) = 0;  // statements without parameters or rows

  // Rows changed by the last statement that changed any.
  virtual std::int64_t changes() const = 0;

  // Write transaction, taken at once (never upgraded from a read). Unavailable for good after a commit or an fsync
  // failed on this connection: what the disk holds is then known only to the next process.
  virtual base::Result<void> begin_write() = 0;
  // Read transaction: one snapshot, taken now.
  virtual base::Result<void> begin_read() = 0;
  // Durable when it returns. After an error: roll back, and write nothing more.
  virtual base::Result<void> commit() = 0;
  virtual void rollback() noexcept = 0;  // nothing to do without a transaction
  // False too when the engine gave the transaction up by itself (disk full).
  virtual bool in_transaction() const noexcept = 0;
  // True once a commit or an fsync failed: begin_write() is Unavailable for good.
  virtual bool broken() const noexcept = 0;
  // One level. Rolling back to the savepoint ends it too.
  virtual base::Result<void> savepoint() = 0;
  virtual base::Result<void> release_savepoint() = 0;
  virtual base::Result<void> rollback_to_savepoint() = 0;

  // After an erasure: no older version of a page may remain beside the database (SQLite: WAL truncated).
  // Unavailable while a reader holds an older snapshot; try again.
  virtual base::Result<void> purge_history() = 0;
  // The engine's own check of pages and rows. Integrity, with the first finding.
  virtual base::Result<void> check_integrity() = 0;
};

// Makes connections to one database. Thread safety: may be called from many threads.
class Database {
 public:
  virtual ~Database() = default;
  virtual base::Result<std::unique_ptr<Connection>> connect() = 0;
  virtual std::string_view engine() const = 0;  // "sqlcipher 4.14.0 community, SQLite 3.51.3"
};

}  // namespace egide::storage
