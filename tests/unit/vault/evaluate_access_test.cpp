#include "egide/vault/evaluate_access.h"

#include <gtest/gtest.h>

#include <atomic>

#include "egide/audit/leaf.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

class EvaluateAccessTest : public RequestsFixture {
 protected:
  base::Result<AccessAnswer> evaluate(const std::string& person, const std::string& purpose = "ai.mission_matching",
                                      std::vector<std::string> categories = {}) {
    AccessQuestion question;
    question.tool = "matcher";
    question.person = person;
    question.purpose = purpose;
    question.categories = std::move(categories);
    return EvaluateAccess(services()).execute(tool_, question);
  }
  policies::Reason reason(const std::string& person, const std::string& purpose = "ai.mission_matching") {
    const auto answer = evaluate(person, purpose);
    EXPECT_TRUE(answer) << answer.error().message();
    return answer->decision.reason;
  }
  base::SubjectId somebody(const std::string& email, const char* birth) {
    Attributes attributes;
    attributes["user.contact.email"] = email;
    attributes["user.demographic.date_of_birth"] = birth;
    const auto id = RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
    EXPECT_TRUE(id);
    return *id;
  }
  void say(const base::SubjectId& id, const char* status, const char* by = "data_subject") {
    NewConsent consent;
    consent.purpose = "ai.mission_matching";
    consent.status = status;
    consent.channel = "paper";
    consent.evidence = "form";
    consent.by = by;
    const auto recorded = RecordConsent(services()).execute(dpo_, id, consent);
    EXPECT_TRUE(recorded) << recorded.error().message();
  }
  std::vector<std::string> leaves() {
    const auto lease = services().reads->lease();
    return *storage::LogStore(**lease).leaves(0, 1'000'000);
  }
};

TEST_F(EvaluateAccessTest, DeniesUntilThePersonConsentsAndAgainAfterWithdrawal) {
  const auto id = somebody("a@example.org", "1980-02-29");
  EXPECT_EQ(reason(id.str()), policies::Reason::ConsentMissing);
  say(id, "given");
  EXPECT_EQ(reason(id.str()), policies::Reason::Permit);
  say(id, "withdrawn");
  EXPECT_EQ(reason(id.str()), policies::Reason::ConsentWithdrawn);
}

TEST_F(EvaluateAccessTest, ConsentExpiresAtItsDateWithoutAJob) {
  const auto id = somebody("a@example.org", "1980-02-29");
  say(id, "given");
  clock_->advance(std::chrono::hours(24 * 364));
  EXPECT_EQ(reason(id.str()), policies::Reason::Permit);
  clock_->advance(std::chrono::hours(24 * 2));
  EXPECT_EQ(reason(id.str()), policies::Reason::ConsentExpired);
}

TEST_F(EvaluateAccessTest, AChildNeedsTheGuardianToo) {
  const auto id = somebody("child@example.org", "2014-05-01");
  say(id, "given");
  EXPECT_EQ(reason(id.str()), policies::Reason::GuardianConsentMissing);
  say(id, "given", "guardian");
  EXPECT_EQ(reason(id.str()), policies::Reason::Permit);
}

TEST_F(EvaluateAccessTest, EveryAnswerStandsInTheLogAtItsIndex) {
  const auto id = somebody("a@example.org", "1980-02-29");
  for (const std::string& person : {id.str(), std::string("nobody")}) {
    const auto answer = evaluate(person);
    ASSERT_TRUE(answer);
    audit::ParsedLeaf leaf;
    const auto all = leaves();
    ASSERT_TRUE(audit::parse_leaf(all.at(answer->log_index), leaf));
    EXPECT_EQ(leaf.leaf.event, audit::event::kAccessEvaluated);
    EXPECT_EQ(leaf.leaf.request, answer->evaluation.bytes());
    EXPECT_EQ(leaf.leaf.subject_tag.has_value(), person != "nobody");
  }
}

TEST_F(EvaluateAccessTest, AToolAsksOnlyForItself) {
  AccessQuestion question;
  question.tool = "other";
  question.person = subject_.str();
  question.purpose = "ai.mission_matching";
  const auto answer = EvaluateAccess(services()).execute(tool_, question);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), base::ErrorCode::Forbidden);
}

TEST_F(EvaluateAccessTest, APurposeOrCategoryOutsideTheGrantIsDenied) {
  EXPECT_EQ(reason(subject_.str(), "newsletter.noncommercial"), policies::Reason::PurposeNotGranted);
  EXPECT_EQ(reason(subject_.str(), "no.such_purpose"), policies::Reason::PurposeNotGranted);
  const auto answer = evaluate(subject_.str(), "ai.mission_matching", {"user.financial"});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->decision.permit);
}

TEST_F(EvaluateAccessTest, PseudonymsOfAnotherToolOrPurposeResolveToNobody) {
  const auto mine = ListPseudonyms(services()).execute(tool_, "ai.mission_matching", {subject_.str()});
  ASSERT_TRUE(mine);
  EXPECT_NE(reason(mine->at(0)), policies::Reason::UnknownSubject);
  NewTool other;
  other.id = "recommender";
  other.purposes = {"ai.mission_matching", "ai.mission_recommendation"};
  const auto token = Accounts(services()).add_tool(dpo_, other);
  ASSERT_TRUE(token);
  const Caller caller = *Accounts(services()).authenticate(*token);
  const auto theirs = ListPseudonyms(services()).execute(caller, "ai.mission_matching", {subject_.str()});
  const auto purpose = ListPseudonyms(services()).execute(caller, "ai.mission_recommendation", {subject_.str()});
  ASSERT_TRUE(theirs && purpose);
  EXPECT_NE(theirs->at(0), mine->at(0));
  EXPECT_NE(theirs->at(0), purpose->at(0));
  EXPECT_EQ(reason(theirs->at(0)), policies::Reason::UnknownSubject);
}

// Log order is effect order: behind the entry of a withdrawal no evaluation of that person is allowed, however many
// run.
TEST_F(EvaluateAccessTest, NoPermitStandsBehindTheWithdrawalInTheLog) {
  const auto id = somebody("race@example.org", "1980-02-29");
  say(id, "given");
  std::atomic<bool> stop{false};
  std::atomic<int> permits{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      while (!stop.load()) {
        const auto answer = evaluate(id.str());
        if (answer && answer->decision.permit) ++permits;
      }
    });
  for (int round = 0; round < 20; ++round) {
    const int before = permits.load();
    while (permits.load() == before) std::this_thread::yield();
    say(id, "withdrawn");
    EXPECT_EQ(reason(id.str()), policies::Reason::ConsentWithdrawn);
    say(id, "given");
  }
  stop = true;
  for (auto& thread : threads) thread.join();

  const auto state = services().subjects.find(id);
  const auto kaudit = crypto::unwrap_kaudit(services().epoch_keys, id, state->keys);
  ASSERT_TRUE(kaudit);
  bool given = false;
  int checked = 0;
  for (const auto& line : leaves()) {
    audit::ParsedLeaf leaf;
    ASSERT_TRUE(audit::parse_leaf(line, leaf));
    if (leaf.leaf.subject_tag != audit::subject_tag(kaudit->expose_secret(), leaf.leaf.index)) continue;
    if (leaf.leaf.event == audit::event::kConsentGiven) given = true;
    if (leaf.leaf.event == audit::event::kConsentWithdrawn) given = false;
    if (leaf.leaf.event != audit::event::kAccessEvaluated) continue;
    ++checked;
    ASSERT_EQ(leaf.leaf.outcome == audit::Outcome::Allow, given) << "entry " << leaf.leaf.index;
  }
  EXPECT_GT(checked, 40);
}

}  // namespace
}  // namespace egide::vault
