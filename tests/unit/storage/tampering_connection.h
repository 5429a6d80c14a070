// A connection that misbehaves on demand: a bit of a column flips between the table and the reader, a statement, a
// BEGIN or a COMMIT fails. Everything else goes to the connection inside.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "egide/storage/connection.h"

namespace egide::storage {

class TamperingConnection final : public Connection {
 public:
  explicit TamperingConnection(std::unique_ptr<Connection> inside);
  ~TamperingConnection() override;

  // From now on, the `row`-th row (from 0) that a statement containing `text` gives has one bit of its blob flipped.
  void flip_bit(std::string text, int row);
  // The next statement containing `text` fails.
  void fail_statement(std::string text) { failing_ = std::move(text); }
  void fail_begin(bool fail) { fail_begin_ = fail; }
  void fail_commit() { fail_commit_ = true; }
  int commits() const noexcept { return commits_; }
  bool tampered() const noexcept { return tampered_; }

  Statement& prepare(std::string_view sql) override;
  base::Result<void> execute(std::string_view sql) override { return inside_->execute(sql); }
  std::int64_t changes() const override { return inside_->changes(); }
  base::Result<void> begin_write() override;
  base::Result<void> begin_read() override { return inside_->begin_read(); }
  base::Result<void> commit() override;
  void rollback() noexcept override { inside_->rollback(); }
  bool in_transaction() const noexcept override { return inside_->in_transaction(); }
  bool broken() const noexcept override { return inside_->broken(); }
  base::Result<void> savepoint() override { return inside_->savepoint(); }
  base::Result<void> release_savepoint() override { return inside_->release_savepoint(); }
  base::Result<void> rollback_to_savepoint() override { return inside_->rollback_to_savepoint(); }
  base::Result<void> purge_history() override { return inside_->purge_history(); }
  base::Result<void> check_integrity() override { return inside_->check_integrity(); }

 private:
  class TamperingStatement;

  std::unique_ptr<Connection> inside_;
  std::map<std::string, std::unique_ptr<TamperingStatement>, std::less<>> statements_;
  std::string flipping_, failing_;
  int rows_before_flip_ = 0;
  bool fail_begin_ = false, fail_commit_ = false, tampered_ = false;
  int commits_ = 0;
};

}  // namespace egide::storage
