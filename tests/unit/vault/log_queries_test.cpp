// AuditQueries and DurableIdempotency on a vault of their own.
#include <gtest/gtest.h>

#include "egide/audit/proof_file.h"
#include "egide/audit/verify.h"
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

using Outcome = DurableIdempotency::Outcome;

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
