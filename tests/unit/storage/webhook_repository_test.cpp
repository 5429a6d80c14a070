#include "egide/storage/webhook_repository.h"

#include <gtest/gtest.h>

#include "egide/crypto/random.h"
#include "storage_testing.h"

namespace egide::storage {
namespace {

struct Engine {
  std::string name;
  std::function<std::unique_ptr<Database>(const testing::TempDir&)> create;
};

std::ostream& operator<<(std::ostream& out, const Engine& engine) { return out << engine.name; }

class WebhookRepositoryConformance : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    database_ = GetParam().create(directory_);
    connection_ = ok(database_->connect());
    ok(migrate(*connection_));
  }
  WebhookRepository rows() { return WebhookRepository(*connection_); }
  WebhookEndpointRow add_endpoint() {
    WebhookEndpointRow row;
    row.id = base::RecordId(crypto::random_uuid());
    row.tool = "matcher";
    row.url = "https://receiver.example.org/hook";
    row.types = R"(["consent.given"])";
    row.asymmetric = true;
    row.secret = base::to_bytes("sealed");
    row.created_at = at(1000);
    ok(rows().insert_endpoint(row));
    return row;
  }
  WebhookDeliveryRow add_delivery(const base::RecordId& endpoint, std::int64_t time, const char* type = "consent.given",
                                  std::optional<base::SubjectId> subject = std::nullopt) {
    WebhookDeliveryRow row;
    row.id = base::RecordId(crypto::time_uuid(at(time)));
    row.endpoint = endpoint;
    row.subject = subject;
    row.type = type;
    row.data = "{}";
    row.created_at = at(time);
    row.next_at = at(time);
    ok(rows().enqueue(row));
    return row;
  }
  std::optional<WebhookDeliveryRow> due(const base::RecordId& endpoint, std::int64_t now) {
    return ok(rows().first_due(endpoint, at(now), false));
  }

  testing::TempDir directory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(WebhookRepositoryConformance, KeepsEveryColumnOfAnEndpoint) {
  auto row = add_endpoint();
  row.url = "https://other.example.org/";
  row.description = "second";
  row.types = "[]";
  row.format = "plain";
  row.asymmetric = false;
  row.state = "disabled";
  row.reason = "gone";
  row.verified_once = true;
  row.previous_secret = base::to_bytes("before");
  row.previous_until = at(5);
  row.exhausted = 2;
  row.paused_until = at(6);
  row.version = 9;
  ok(rows().update_endpoint(row));
  const auto read = ok(rows().endpoint(row.id));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tool, "matcher");
  EXPECT_EQ(read->url, row.url);
  EXPECT_EQ(read->description, "second");
  EXPECT_EQ(read->types, "[]");
  EXPECT_EQ(read->format, "plain");
  EXPECT_FALSE(read->asymmetric);
  EXPECT_EQ(read->state, "disabled");
  EXPECT_EQ(read->reason, "gone");
  EXPECT_TRUE(read->verified_once);
  EXPECT_EQ(read->secret, row.secret);
  EXPECT_EQ(read->previous_secret, row.previous_secret);
  EXPECT_EQ(read->previous_until, at(5));
  EXPECT_EQ(read->exhausted, 2);
  EXPECT_EQ(read->paused_until, at(6));
  EXPECT_EQ(read->created_at, at(1000));
  EXPECT_EQ(read->version, 9);
  EXPECT_EQ(ok(rows().endpoints()).size(), 1U);
  row.id = base::RecordId(crypto::random_uuid());
  EXPECT_EQ(code_of(rows().update_endpoint(row)), base::ErrorCode::NotFound);
  EXPECT_EQ(code_of(rows().remove_endpoint(row.id)), base::ErrorCode::NotFound);
}

TEST_P(WebhookRepositoryConformance, GivesWhatIsDueInOrderOnceAndNotBeforeItsTime) {
  const auto endpoint = add_endpoint().id;
  const auto second = add_delivery(endpoint, 2000);
  const auto first = add_delivery(endpoint, 1000);
  EXPECT_FALSE(due(endpoint, 999));
  EXPECT_FALSE(due(base::RecordId(crypto::random_uuid()), 5000));
  EXPECT_EQ(due(endpoint, 5000)->id, first.id);
  EXPECT_TRUE(ok(rows().claim(first.id)));
  EXPECT_FALSE(ok(rows().claim(first.id)));  // nobody else sends it
  EXPECT_EQ(due(endpoint, 5000)->id, second.id);
  EXPECT_FALSE(ok(rows().requeue(first.id, at(5000))));  // it is being sent
}

TEST_P(WebhookRepositoryConformance, AClaimEndsInARetryOrForGood) {
  const auto endpoint = add_endpoint().id;
  const auto delivery = add_delivery(endpoint, 1000);
  ASSERT_TRUE(ok(rows().claim(delivery.id)));
  WebhookAttemptRow attempt{delivery.id, 1, at(1001), 12, 500, "status", 7, "failed!"};
  ok(rows().settle(attempt, "pending", at(6000)));
  EXPECT_FALSE(due(endpoint, 5999));
  EXPECT_EQ(due(endpoint, 6000)->round_attempts, 1);
  ASSERT_TRUE(ok(rows().claim(delivery.id)));
  attempt.number = 2;
  attempt.status = 204;
  ok(rows().settle(attempt, "delivered", std::nullopt));
  const auto read = ok(rows().delivery(delivery.id));
  EXPECT_EQ(read->state, "delivered");
  EXPECT_EQ(read->attempts, 2);
  EXPECT_FALSE(due(endpoint, 1 << 30));
  const auto made = ok(rows().attempts(delivery.id));
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].status, 500);
  EXPECT_EQ(made[0].duration_ms, 12);
  EXPECT_EQ(made[0].answer_start, "failed!");
  EXPECT_EQ(made[1].status, 204);
  // A second answer for a claim that has ended changes nothing.
  attempt.number = 3;
  ok(rows().settle(attempt, "failed", std::nullopt));
  EXPECT_EQ(ok(rows().delivery(delivery.id))->state, "delivered");
  EXPECT_EQ(ok(rows().attempts(delivery.id)).size(), 2U);
}

TEST_P(WebhookRepositoryConformance, WhatAnEndedProcessHadClaimedIsDueAgain) {
  const auto endpoint = add_endpoint().id;
  const auto delivery = add_delivery(endpoint, 1000);
  ASSERT_TRUE(ok(rows().claim(delivery.id)));
  EXPECT_FALSE(due(endpoint, 9000));
  EXPECT_EQ(ok(rows().release_claims(at(9000))), 1);
  EXPECT_EQ(due(endpoint, 9000)->id, delivery.id);
  EXPECT_EQ(due(endpoint, 9000)->attempts, 1);
}

TEST_P(WebhookRepositoryConformance, QueuesAgainByTimeAndType) {
  const auto endpoint = add_endpoint().id;
  std::vector<base::RecordId> ids;
  for (const auto& [time, type] : std::vector<std::pair<int, const char*>>{
           {1000, "consent.given"}, {2000, "consent.withdrawn"}, {3000, "consent.given"}, {2500, "endpoint.test"}}) {
    ids.push_back(add_delivery(endpoint, time, type).id);
    ASSERT_TRUE(ok(rows().claim(ids.back())));
    ok(rows().settle({ids.back(), 1, at(time), 1, 500, "status", 0, ""}, "failed", std::nullopt));
  }
  EXPECT_EQ(ok(rows().requeue_between(endpoint, at(2000), at(3000), {"consent.given"}, at(9000))), 1);
  EXPECT_EQ(due(endpoint, 9000)->id, ids[2]);
  EXPECT_EQ(ok(rows().requeue_between(endpoint, at(0), at(9000), {}, at(9000))), 3);
  EXPECT_TRUE(ok(rows().requeue(ids[3], at(9000))));
  EXPECT_EQ(ok(rows().first_due(endpoint, at(9000), true))->id, ids[3]);
  EXPECT_FALSE(ok(rows().requeue(base::RecordId(crypto::random_uuid()), at(1))));
}

TEST_P(WebhookRepositoryConformance, ListsByTimeInPagesAndByState) {
  const auto endpoint = add_endpoint().id;
  std::vector<base::RecordId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(add_delivery(endpoint, 1000 + i).id);
  WebhookDeliveryFilter filter;
  filter.endpoint = endpoint;
  filter.limit = 2;
  auto page = ok(rows().deliveries(filter));
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].id, ids[0]);
  filter.after = {page[1].created_at, page[1].id};
  filter.limit = 10;
  EXPECT_EQ(ok(rows().deliveries(filter)).size(), 3U);
  filter.after.reset();
  filter.state = "delivered";
  EXPECT_TRUE(ok(rows().deliveries(filter)).empty());
}

TEST_P(WebhookRepositoryConformance, ForgetsAPersonAndOldDeliveriesWithTheirAttempts) {
  const auto endpoint = add_endpoint().id;
  const base::SubjectId person(crypto::random_uuid()), other(crypto::random_uuid());
  const auto about = add_delivery(endpoint, 1000, "consent.given", person);
  const auto kept = add_delivery(endpoint, 2000, "consent.given", other);
  ASSERT_TRUE(ok(rows().claim(about.id)));
  ok(rows().settle({about.id, 1, at(1), 1, 500, "status", 0, ""}, "pending", at(5)));
  ok(rows().forget_subject(person));
  EXPECT_FALSE(ok(rows().delivery(about.id)));
  EXPECT_TRUE(ok(rows().attempts(about.id)).empty());
  EXPECT_EQ(ok(rows().delivery(kept.id))->subject, other);
  EXPECT_EQ(ok(rows().remove_before(at(2000))), 0);
  EXPECT_EQ(ok(rows().remove_before(at(2001))), 1);
  const auto erased = add_delivery(endpoint, 2000, "subject.erased");
  EXPECT_EQ(ok(rows().remove_before(at(9000))), 0);  // the receiver has not said that it erased
  ok(rows().acknowledge(erased.id, "refused", "legal_obligation", "", at(7)));
  EXPECT_EQ(ok(rows().remove_before(at(9000))), 0);
  ok(rows().acknowledge(erased.id, "done", "", "", at(8)));
  EXPECT_EQ(ok(rows().remove_before(at(9000))), 1);
  add_delivery(endpoint, 3000);
  ok(rows().remove_endpoint(endpoint));
  EXPECT_EQ(query_integer(*connection_, "SELECT count(*) FROM webhook_delivery"), 0);
}

TEST_P(WebhookRepositoryConformance, KeepsAnAcknowledgement) {
  const auto delivery = add_delivery(add_endpoint().id, 1000);
  ok(rows().acknowledge(delivery.id, "refused", "legal_obligation", "2032-03-01", at(7)));
  const auto read = ok(rows().delivery(delivery.id));
  EXPECT_EQ(read->ack_state, "refused");
  EXPECT_EQ(read->ack_reason, "legal_obligation");
  EXPECT_EQ(read->ack_until, "2032-03-01");
  EXPECT_EQ(read->acked_at, at(7));
}

INSTANTIATE_TEST_SUITE_P(Engines, WebhookRepositoryConformance,
                         ::testing::Values(Engine{"sqlcipher",
                                                  [](const testing::TempDir& directory) {
                                                    return create_database(directory.file("vault.db"));
                                                  }}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace egide::storage
