// The SQLCipher driver's connection and statement. Private: nothing outside the driver sees an engine type.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "egide/storage/connection.h"

namespace egide::storage {

// How long a writer waits for another process (a backup, a migration) before it answers Unavailable.
inline constexpr int kBusyMilliseconds = 2000;

class SqlcipherStatement final : public Statement {
 public:
  using Statement::bind;
  explicit SqlcipherStatement(sqlite3_stmt* statement) : statement_(statement) {}
  // A statement that could not be prepared because of the file, not of its text: step() says so.
  explicit SqlcipherStatement(base::Error error) : error_(std::move(error)) {}
  ~SqlcipherStatement() override { sqlite3_finalize(statement_); }
  SqlcipherStatement(const SqlcipherStatement&) = delete;
  SqlcipherStatement& operator=(const SqlcipherStatement&) = delete;

  void bind(int parameter, std::int64_t value) override;
  void bind(int parameter, std::string_view text) override;
  void bind(int parameter, base::ByteView blob) override;
  void bind_null(int parameter) override;
  base::Result<bool> step() override;
  void reset() override;
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;
  base::ByteView blob(int column) const override;
  bool is_null(int column) const override;

  void start_over() noexcept;  // reset, parameters and bind errors cleared

 private:
  void bound(int code);

  sqlite3_stmt* statement_ = nullptr;
  std::optional<base::Error> error_;
};

class SqlcipherConnection final : public Connection {
 public:
  // Takes over an open, keyed and checked handle.
  SqlcipherConnection(sqlite3* handle, int transfer_pages);
  ~SqlcipherConnection() override;
  SqlcipherConnection(const SqlcipherConnection&) = delete;
  SqlcipherConnection& operator=(const SqlcipherConnection&) = delete;

  Statement& prepare(std::string_view sql) override;
  base::Result<void> execute(std::string_view sql) override;
  std::int64_t changes() const override;
  base::Result<void> begin_write() override;
  base::Result<void> begin_read() override;
  base::Result<void> commit() override;
  void rollback() noexcept override;
  bool in_transaction() const noexcept override { return sqlite3_get_autocommit(handle_) == 0; }
  bool broken() const noexcept override { return writing_stopped_; }
  base::Result<void> savepoint() override;
  base::Result<void> release_savepoint() override;
  base::Result<void> rollback_to_savepoint() override;
  base::Result<void> purge_history() override;
  base::Result<void> check_integrity() override;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  base::Result<void> run(std::string_view sql);
  // Copies committed pages from the WAL into the database.
  void transfer_wal();
  void stop_writing();

  sqlite3* handle_;
  const int transfer_pages_;
  std::unordered_map<std::string, SqlcipherStatement, TextHash, std::equal_to<>> statements_;
  std::unique_ptr<SqlcipherStatement> unprepared_;
  int wal_pages_ = 0;
  bool writing_stopped_ = false;
};

}  // namespace egide::storage
