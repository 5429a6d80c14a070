#include "storage_testing.h"

#include <gtest/gtest.h>

#include <future>

#include "egide/base/log.h"

namespace egide::storage {
namespace {

class StorageStarted final : public ::testing::Environment {
 public:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialize());
    base::configure_log(base::LogLevel::Error, "/dev/null");  // damage is the subject here
  }
};

const auto* const kStarted = ::testing::AddGlobalTestEnvironment(new StorageStarted);  // gtest owns it

constexpr base::ByteArray<32> filled(int byte) {
  base::ByteArray<32> out{};
  for (auto& b : out) b = static_cast<std::byte>(byte);
  return out;
}
constexpr base::ByteArray<32> kKaudit = filled(0x22);
constexpr base::ByteArray<32> kDetail = filled(0x33);

}  // namespace

std::string key_digits(int seed) {
  std::string digits;
  for (int i = 0; i < 96; ++i) digits += "0123456789abcdef"[(i * 7 + seed * (i / 3 + 1)) % 16];
  return digits;
}

crypto::SecretBytes database_key(int seed) {
  return ok(crypto::SecretBytes::copy_of(base::as_bytes(key_digits(seed))));
}

std::shared_ptr<const crypto::SigningKey> signing_key(int seed) {
  return std::make_shared<const crypto::SigningKey>(ok(crypto::SigningKey::from_seed(filled(seed))));
}

audit::VerifierKey verifier_key(int seed) {
  return audit::VerifierKey::make(kTestOrigin, signing_key(seed)->public_key());
}

std::unique_ptr<Database> create_database(const std::string& path) {
  return ok(open_sqlcipher({path, "", true}, database_key()));
}

std::unique_ptr<Database> open_database(const std::string& path) {
  return ok(open_sqlcipher({path, "", false}, database_key()));
}

std::int64_t query_integer(Connection& connection, std::string_view sql) {
  Statement& statement = connection.prepare(sql);
  if (!ok(statement.step())) throw std::runtime_error("a row was expected");
  const std::int64_t value = statement.integer(0);
  statement.reset();
  return value;
}

EntryDraft decision_draft() {
  EntryDraft draft;
  draft.leaf.event = audit::event::kAccessEvaluated;
  draft.leaf.actor = base::ByteArray<16>{std::byte{1}};
  draft.leaf.purpose = "membership";
  draft.leaf.legal_basis = "contract";
  draft.leaf.outcome = audit::Outcome::Allow;
  draft.kaudit = kKaudit;
  draft.subject = base::SubjectId::parse("0190b6f0-0000-7000-8000-0000000000aa");
  draft.resource = base::Uuid::parse("0190b6f0-0000-7000-8000-000000000001");
  draft.r32 = filled(0x11);
  draft.detail = kDetail;
  draft.sealed_detail = kDetail;
  return draft;
}

TestChange::Apply append_entries(int count) {
  return [count](ChangeContext& context) -> base::Result<void> {
    for (int i = 0; i < count; ++i) EGIDE_TRY_VOID(context.append(decision_draft()));
    return {};
  };
}

std::vector<base::Result<void>> commit_together(Committer& committer, const std::vector<Change*>& changes) {
  // A first change holds the committer while the others queue up behind it.
  std::promise<void> held, released;
  TestChange gate([&](ChangeContext&) -> base::Result<void> {
    held.set_value();
    released.get_future().wait();
    return {};
  });
  std::thread gate_thread([&] { ok(committer.commit(gate)); });
  held.get_future().wait();

  std::vector<base::Result<void>> results(changes.size());
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    callers.emplace_back([&, i] { results[i] = committer.commit(*changes[i]); });
    while (committer.statistics().waiting != i + 1) std::this_thread::yield();
  }
  released.set_value();
  for (auto& caller : callers) caller.join();
  gate_thread.join();
  return results;
}

TestLog::TestLog() : clock(std::make_shared<testing::FakeClock>(at(1'795'000'000'000))) {
  database = create_database(path);
  ok(migrate(*connect()));
}

base::Result<std::unique_ptr<Committer>> TestLog::try_start(const CommitterOptions& options) {
  auto connection = connect();
  if (decorate) connection = decorate(std::move(connection));
  return Committer::start(std::move(connection), kTestOrigin, signing_key(), clock, options);
}

void TestLog::start(const CommitterOptions& options) { committer = ok(try_start(options)); }

base::Result<audit::VerifiedLog> TestLog::verify() {
  const auto connection = connect();
  StoredLogSource source(*connection);
  return audit::verify_log(source, verifier_key());
}

}  // namespace egide::storage
