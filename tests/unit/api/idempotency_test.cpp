#include "egide/api/idempotency.h"

#include <gtest/gtest.h>

#include "egide/crypto/hash.h"
#include "egide/testing/fake_clock.h"

namespace egide::api {
namespace {

using Outcome = IdempotencyStore::Outcome;

TEST(IdempotencyKeyTest, TakesAKeyQuotedOrBare) {
  EXPECT_EQ(parse_idempotency_key("\"8e03978e-40d5\""), "8e03978e-40d5");
  EXPECT_EQ(parse_idempotency_key("8e03978e-40d5"), "8e03978e-40d5");
  EXPECT_EQ(parse_idempotency_key("\"a\\\"b\\\\\""), "a\"b\\");
  EXPECT_EQ(parse_idempotency_key("\"a b\""), "a b");
}

TEST(IdempotencyKeyTest, RefusesWhatIsNoKey) {
  const std::string bad[] = {"",    "\"",       "\"\"",     "\"a",      "a\"",
                             "a b", "\"a\\x\"", "\"a\"b\"", "\xc3\xa9", std::string(256, 'a')};
  for (const auto& text : bad) EXPECT_FALSE(parse_idempotency_key(text)) << text;
}

TEST(IdempotencyScopeTest, DiffersInEachPart) {
  const auto digest = [](std::string_view caller, Method method, std::string_view path, std::string_view key) {
    return IdempotencyScope{caller, method, path, key}.digest();
  };
  const auto first = digest("a", Method::Post, "/p", "k");
  EXPECT_EQ(digest("a", Method::Post, "/p", "k"), first);
  EXPECT_NE(digest("b", Method::Post, "/p", "k"), first);
  EXPECT_NE(digest("a", Method::Put, "/p", "k"), first);
  EXPECT_NE(digest("a", Method::Post, "/q", "k"), first);
  EXPECT_NE(digest("a", Method::Post, "/p", "l"), first);
  EXPECT_NE(digest("a", Method::Post, "/pk", ""), first);
}

class IdempotencyStoreTest : public ::testing::Test {
 protected:
  Outcome begin(const char* scope, const char* body) {
    return store_
        .begin(crypto::sha256(base::as_bytes(std::string_view(scope))),
               crypto::sha256(base::as_bytes(std::string_view(body))))
        .value()
        .outcome;
  }
  base::Hash32 scope_ = crypto::sha256(base::as_bytes(std::string_view("s")));
  testing::FakeClock clock_{base::Timestamp(std::chrono::milliseconds(0))};
  InMemoryIdempotencyStore store_{clock_, std::chrono::hours(24), 3};
};

TEST_F(IdempotencyStoreTest, RepeatsTheAnswerOfAFinishedRequest) {
  EXPECT_EQ(begin("s", "body"), Outcome::Begun);
  ASSERT_TRUE(store_.complete(scope_, HttpResponse::text(201, "made")));
  const auto again = store_.begin(scope_, crypto::sha256(base::as_bytes(std::string_view("body"))));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->outcome, Outcome::Replay);
  EXPECT_EQ(again->answer->status, 201);
  EXPECT_EQ(again->answer->body, "made");
}

TEST_F(IdempotencyStoreTest, TellsARunningRequestFromAnotherBody) {
  EXPECT_EQ(begin("s", "body"), Outcome::Begun);
  EXPECT_EQ(begin("s", "body"), Outcome::Running);
  EXPECT_EQ(begin("s", "other"), Outcome::OtherBody);
  EXPECT_EQ(begin("t", "other"), Outcome::Begun);
}

TEST_F(IdempotencyStoreTest, GivesAKeyBackWhenNothingHappened) {
  EXPECT_EQ(begin("s", "body"), Outcome::Begun);
  store_.abandon(scope_);
  EXPECT_EQ(begin("s", "other"), Outcome::Begun);
}

TEST_F(IdempotencyStoreTest, ForgetsAfterTheRetention) {
  EXPECT_EQ(begin("s", "body"), Outcome::Begun);
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(begin("s", "other"), Outcome::Begun);
}

TEST_F(IdempotencyStoreTest, RefusesRatherThanForgetAPromise) {
  for (const char* scope : {"a", "b", "c"}) EXPECT_EQ(begin(scope, "x"), Outcome::Begun);
  const auto full = store_.begin(scope_, scope_);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), base::ErrorCode::Unavailable);
  clock_.advance(std::chrono::hours(25));
  EXPECT_TRUE(store_.begin(scope_, scope_));
}

}  // namespace
}  // namespace egide::api
