// What the tests of storage share: keys, databases, changes, a log. Linking storage_testing.cpp also starts crypto
// before the first case and keeps the operational log quiet.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "egide/audit/log_verifier.h"
#include "egide/audit/note.h"
#include "egide/storage/committer.h"
#include "egide/storage/log_store.h"
#include "egide/storage/migrations.h"
#include "egide/storage/sqlcipher.h"
#include "egide/testing/fake_clock.h"
#include "egide/testing/temp_dir.h"

namespace egide::storage {

// The value, or an exception that fails the test with the error's message.
template <typename T>
T ok(base::Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string(base::name_of(result.error().code())) + ": " + result.error().message());
  return std::move(result).value();
}
inline void ok(base::Result<void> result) {
  if (!result)
    throw std::runtime_error(std::string(base::name_of(result.error().code())) + ": " + result.error().message());
}
// The error's code; an exception when there is none.
template <typename T>
base::ErrorCode code_of(const base::Result<T>& result) {
  if (result) throw std::runtime_error("an error was expected");
  return result.error().code();
}

inline constexpr const char* kTestOrigin = "egide.example.org/audit/2026";
std::string key_digits(int seed);
crypto::SecretBytes database_key(int seed = 1);
std::shared_ptr<const crypto::SigningKey> signing_key(int seed = 7);
audit::VerifierKey verifier_key(int seed = 7);
inline base::Timestamp at(std::int64_t ms) { return base::Timestamp(std::chrono::milliseconds(ms)); }

std::unique_ptr<Database> create_database(const std::string& path);
std::unique_ptr<Database> open_database(const std::string& path);

// One integer of a query without parameters; an exception when it has no row.
std::int64_t query_integer(Connection& connection, std::string_view sql);

// An entry with everything a decision on a person has.
EntryDraft decision_draft();

// A change made of a function.
class TestChange : public Change {
 public:
  using Apply = std::function<base::Result<void>(ChangeContext&)>;
  explicit TestChange(Apply apply) : apply_(std::move(apply)) {}
  base::Result<void> apply(ChangeContext& context) override { return apply_(context); }
  void on_applied() noexcept override {
    if (applied) applied();
  }
  bool needs_savepoint() const noexcept override { return savepoint; }
  const EntryDraft* failure_entry() const noexcept override { return on_failure; }

  std::function<void()> applied;
  bool savepoint = true;
  const EntryDraft* on_failure = nullptr;

 private:
  Apply apply_;
};

// Appends `count` decisions.
TestChange::Apply append_entries(int count);
inline TestChange appending(int count = 1) { return TestChange(append_entries(count)); }

// Commits the changes in one batch, in this order, and gives their results.
std::vector<base::Result<void>> commit_together(Committer& committer, const std::vector<Change*>& changes);

// A database with the schema, and a committer over it that can be stopped and started again.
class TestLog {
 public:
  using Decorate = std::function<std::unique_ptr<Connection>(std::unique_ptr<Connection>)>;

  TestLog();
  void start(const CommitterOptions& options = {});
  base::Result<std::unique_ptr<Committer>> try_start(const CommitterOptions& options = {});
  void stop() { committer.reset(); }
  // Reads the whole stored log through a fresh connection.
  base::Result<audit::VerifiedLog> verify();
  std::unique_ptr<Connection> connect() { return ok(database->connect()); }

  testing::TempDir directory;
  const std::string path = directory.file("vault.db");
  std::unique_ptr<Database> database;
  std::shared_ptr<testing::FakeClock> clock;
  Decorate decorate;
  std::unique_ptr<Committer> committer;
};

}  // namespace egide::storage
