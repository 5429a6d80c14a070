// AuditQueries and DurableIdempotency on a vault of their own.
#include <gtest/gtest.h>

#include <atomic>

#include "egide/audit/merkle.h"
#include "egide/audit/proof_file.h"
#include "egide/audit/verify.h"
#include "egide/storage/idempotency_repository.h"
#include "egide/vault/audit_queries.h"
#include "egide/vault/idempotency.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

class LogQueriesTest : public RequestsFixture {
 protected:
  audit::VerifierKey key() { return *audit::VerifierKey::parse(vault_->info().verifier_key); }
};

TEST_F(LogQueriesTest, EveryEntryHasAProofThatVerifies) {
  const AuditQueries log(services());
  const auto entries = log.entries(0, 1000);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->items.size(), entries->size);
  for (const auto& entry : entries->items) {
    const auto proof = log.inclusion_proof(entry.index);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(audit::verify_proof_file(*proof, base::as_bytes(entry.json + "\n"), key()));
    EXPECT_FALSE(audit::verify_proof_file(*proof, base::as_bytes(entry.json + " \n"), key()));
  }
  EXPECT_FALSE(log.inclusion_proof(entries->size));
}

TEST_F(LogQueriesTest, EveryOlderSizeIsConsistent) {
  const AuditQueries log(services());
  const auto old_note = log.checkpoint();
  ASSERT_TRUE(old_note);
  register_person("Later", "later@example.org");
  const auto old = audit::read_unverified_checkpoint(*old_note);
  const auto proof = log.consistency_proof(old->size);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(audit::verify_consistency_file(*proof, *old_note, key()));
  EXPECT_TRUE(log.consistency_proof(0));
  EXPECT_FALSE(log.consistency_proof(1'000'000));
}

TEST_F(LogQueriesTest, BundlesHoldTheEntries) {
  const AuditQueries log(services());
  const auto entries = log.entries(0, 1000);
  ASSERT_TRUE(entries);
  audit::TileAddress tile;
  tile.entries = true;
  tile.width = static_cast<int>(entries->size);
  const auto bundle = log.tile(tile);
  ASSERT_TRUE(bundle);
  const auto read = audit::read_bundle(*bundle);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), entries->size);
  EXPECT_EQ(read->front(), entries->items.front().json + "\n");
  tile.width = static_cast<int>(entries->size) + 1;
  EXPECT_FALSE(log.tile(tile));
}

TEST_F(LogQueriesTest, ThePartsOfTheLogFitWhileItGrows) {
  const AuditQueries log(services());
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop.load()) evaluate();
  });
  for (int round = 0; round < 50; ++round) {
    const auto note = log.checkpoint();
    ASSERT_TRUE(note);
    const auto before = audit::read_unverified_checkpoint(*note);
    ASSERT_TRUE(before);
    const auto entry = log.entries(before->size - 1, 1);
    ASSERT_TRUE(entry);
    const auto inclusion = log.inclusion_proof(before->size - 1);
    ASSERT_TRUE(inclusion);
    EXPECT_TRUE(audit::verify_proof_file(*inclusion, base::as_bytes(entry->items.at(0).json + "\n"), key()));
    const auto consistency = log.consistency_proof(before->size);
    ASSERT_TRUE(consistency);
    EXPECT_TRUE(audit::verify_consistency_file(*consistency, *note, key()));
  }
  stop = true;
  writer.join();
}

TEST_F(LogQueriesTest, HashTilesAreTheHashesOfTheEntries) {
  const AuditQueries log(services());
  AccessQuestion question;
  question.tool = "matcher";
  question.person = subject_.str();
  question.purpose = "ai.mission_matching";
  ASSERT_TRUE(EvaluateAccess(services()).execute_many(tool_, std::vector<AccessQuestion>(290, question)));
  const auto entries = log.entries(0, 1000);
  ASSERT_TRUE(entries);
  const auto hash_of = [&](std::uint64_t index) {
    return audit::leaf_hash(base::as_bytes(entries->items.at(index).json + "\n"));
  };
  for (const auto& [number, width] : {std::pair<std::uint64_t, int>{0, 256}, {1, 1}, {1, 30}, {0, 17}}) {
    audit::TileAddress tile;
    tile.number = number;
    tile.width = width;
    const auto bytes = log.tile(tile);
    ASSERT_TRUE(bytes) << number << " " << width;
    ASSERT_EQ(bytes->size(), static_cast<std::size_t>(width) * 32);
    for (int i = 0; i < width; ++i) {
      const auto hash = hash_of(number * 256 + static_cast<std::uint64_t>(i));
      EXPECT_TRUE(std::equal(hash.begin(), hash.end(), bytes->begin() + 32 * i));
    }
  }
  audit::TileAddress absent;
  absent.number = 2;
  EXPECT_EQ(log.tile(absent).error().code(), base::ErrorCode::NotFound);
  absent.number = 1;
  EXPECT_EQ(log.tile(absent).error().code(), base::ErrorCode::NotFound);  // not full yet
  absent.number = 0;
  absent.level = 2;
  EXPECT_EQ(log.tile(absent).error().code(), base::ErrorCode::NotFound);
}

TEST_F(LogQueriesTest, EntriesArePagedAndBounded) {
  const AuditQueries log(services());
  EXPECT_EQ(log.entries(0, 0).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(log.entries(0, 1001).error().code(), base::ErrorCode::InvalidRequest);
  const auto some = log.entries(1, 2);
  ASSERT_TRUE(some);
  ASSERT_EQ(some->items.size(), 2U);
  EXPECT_EQ(some->items[0].index, 1U);
  EXPECT_TRUE(nlohmann::json::accept(some->items[0].json));
  const auto past = log.entries(1'000'000, 10);
  ASSERT_TRUE(past);
  EXPECT_TRUE(past->items.empty());
  const auto size = log_size();
  EXPECT_EQ(log.entries(0, 1)->size, size);  // reading the log is not logged
}

using Outcome = DurableIdempotency::Outcome;

TEST_F(LogQueriesTest, OneOfManyRequestsAtOnceRuns) {
  DurableIdempotency store(services());
  base::Hash32 scope{}, body{};
  scope[3] = std::byte{9};
  std::atomic<int> ran{0}, told{0}, waiting{8};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      --waiting;
      while (waiting.load() > 0) std::this_thread::yield();
      for (;;) {
        const auto begun = store.begin(scope, body);
        ASSERT_TRUE(begun);
        if (begun->outcome == Outcome::Running) {
          std::this_thread::yield();
          continue;
        }
        if (begun->outcome == Outcome::Stored) {
          EXPECT_EQ(begun->answer->body, "once");
          ++told;
          return;
        }
        ++ran;
        StoredAnswer answer;
        answer.body = "once";
        ASSERT_TRUE(store.finish(scope, answer));
        return;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ran.load(), 1);
  EXPECT_EQ(told.load(), 7);
}

TEST_F(LogQueriesTest, AKeptAnswerIsSealedAndBoundToItsScope) {
  DurableIdempotency store(services());
  base::Hash32 scope{}, other{}, body{};
  other[31] = std::byte{1};
  StoredAnswer answer;
  answer.body = "CANARY-BODY";
  const auto size = log_size();
  for (const auto& one : {scope, other}) {
    ASSERT_EQ(store.begin(one, body)->outcome, Outcome::Fresh);
    ASSERT_TRUE(store.finish(one, answer));
  }
  EXPECT_EQ(log_size(), size);
  EXPECT_EQ(store.finish(scope, answer).error().code(), base::ErrorCode::Conflict);  // it does not run
  const auto connection = services().database->connect();
  ASSERT_TRUE(connection);
  {
    const auto row = storage::IdempotencyRepository(**connection).find(scope);
    ASSERT_TRUE(row && *row);
    EXPECT_EQ(base::as_text((*row)->answer).find("CANARY"), std::string_view::npos);
  }
  // Moved to another scope it does not open.
  ASSERT_TRUE((*connection)->begin_write());
  ASSERT_TRUE(
      (*connection)
          ->execute("UPDATE idempotency SET answer = (SELECT answer FROM idempotency WHERE hex(scope) LIKE '%01') "
                    "WHERE hex(scope) NOT LIKE '%01'"));
  ASSERT_TRUE((*connection)->commit());
  EXPECT_EQ(store.begin(scope, body).error().code(), base::ErrorCode::Integrity);
  EXPECT_EQ(store.begin(other, body)->outcome, Outcome::Stored);
}

TEST_F(LogQueriesTest, AnAnswerIsKeptAcrossRestartsAndDiesWithThePerson) {
  base::Hash32 scope{}, body{}, other{};
  scope[0] = std::byte{1};
  body[0] = std::byte{2};
  StoredAnswer answer;
  answer.status = 201;
  answer.body = R"({"name":"CANARY-ANSWER"})";
  answer.headers = {{"Location", "/v1/subjects/x"}};
  {
    DurableIdempotency store(services());
    EXPECT_EQ(store.begin(scope, body)->outcome, Outcome::Fresh);
    EXPECT_EQ(store.begin(scope, body)->outcome, Outcome::Running);
    EXPECT_EQ(store.begin(scope, other)->outcome, Outcome::Mismatch);
    ASSERT_TRUE(store.finish(scope, answer, subject_));
  }
  reopen();
  DurableIdempotency store(services());
  const auto stored = store.begin(scope, body);
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->outcome, Outcome::Stored);
  EXPECT_EQ(stored->answer->body, answer.body);
  EXPECT_EQ(stored->answer->headers, answer.headers);
  EXPECT_EQ(store.begin(scope, other)->outcome, Outcome::Mismatch);
  clock_->advance(std::chrono::hours(25));
  EXPECT_EQ(store.begin(scope, body)->outcome, Outcome::Fresh);
}

TEST_F(LogQueriesTest, AnAbandonedRequestMayRunAgain) {
  DurableIdempotency store(services());
  const base::Hash32 scope{}, body{};
  EXPECT_EQ(store.begin(scope, body)->outcome, Outcome::Fresh);
  store.abandon(scope);
  EXPECT_EQ(store.begin(scope, body)->outcome, Outcome::Fresh);
}

}  // namespace
}  // namespace egide::vault
