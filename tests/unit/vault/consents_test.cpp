// Consents, and the notices they are given to.
#include "egide/vault/consents.h"

#include <gtest/gtest.h>

#include "egide/crypto/hash.h"
#include "egide/vault/notices.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

constexpr const char* kMatching = "ai.mission_matching";
using policies::ConsentState;

class ConsentsTest : public RequestsFixture {
 protected:
  NewConsent consent(const char* status, const char* by = "data_subject") {
    NewConsent out;
    out.purpose = kMatching;
    out.status = status;
    out.channel = "paper";
    out.evidence = "form 12";
    out.by = by;
    return out;
  }
  base::Result<ConsentEvent> record(const NewConsent& consent) {
    return RecordConsent(services()).execute(dpo_, subject_, consent);
  }
  std::string mistake(const NewConsent& consent) {
    const auto recorded = record(consent);
    if (recorded) return "none";
    if (recorded.error().fields().empty()) return base::name_of(recorded.error().code());
    return recorded.error().fields().at(0).pointer;
  }
  ConsentState state(const std::string& by = "data_subject") {
    const auto history = ListConsents(services()).execute(dpo_, subject_);
    EXPECT_TRUE(history);
    for (const auto& one : history->states)
      if (one.purpose == kMatching && one.by == by) return one.state;
    return ConsentState::None;
  }
};

TEST_F(ConsentsTest, AnEventSaysWhoWhatWhenAndWhichText) {
  NewConsent given = consent("given");
  given.method = "signed on paper";
  given.at = clock_->now() - std::chrono::hours(48);
  given.language = "en";
  const auto event = record(given);
  ASSERT_TRUE(event) << event.error().message();
  EXPECT_EQ(event->type, "given");
  EXPECT_EQ(event->at, *given.at);
  EXPECT_EQ(event->recorded_at, clock_->now());
  EXPECT_EQ(event->notice_version, 1);
  EXPECT_EQ(event->notice_language, "en");
  const auto notices = ListNotices(services()).execute(kMatching);
  ASSERT_TRUE(notices);
  EXPECT_EQ(event->notice_hash, notices->at(0).sha256.at("en"));
  EXPECT_EQ(event->recorded_by.substr(0, 2), "a_");
  ASSERT_TRUE(event->valid_until);
  EXPECT_GT(*event->valid_until, clock_->now());
  const auto read = GetConsent(services()).execute(dpo_, event->id);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->method, "signed on paper");
  EXPECT_EQ(read->evidence, "form 12");
  EXPECT_EQ(read->log_index, event->log_index);
}

TEST_F(ConsentsTest, MistakesNameTheirPlace) {
  NewConsent wrong = consent("given");
  wrong.purpose = "no.such_purpose";
  EXPECT_EQ(mistake(wrong), "/purpose");
  for (const auto& purpose : services().pack->purposes())
    if (purpose.basis != policies::LegalBasis::Consent) wrong.purpose = purpose.id.str();
  EXPECT_EQ(mistake(wrong), "/purpose");
  wrong = consent("perhaps");
  EXPECT_EQ(mistake(wrong), "/status");
  wrong = consent("given", "neighbour");
  EXPECT_EQ(mistake(wrong), "/by");
  wrong = consent("given");
  wrong.channel = "pigeon";
  EXPECT_EQ(mistake(wrong), "/channel");
  wrong = consent("given");
  wrong.evidence.clear();
  EXPECT_EQ(mistake(wrong), "/evidence");
  wrong = consent("given");
  wrong.at = clock_->now() + std::chrono::seconds(1);
  EXPECT_EQ(mistake(wrong), "/at");
  wrong = consent("given");
  wrong.notice_version = 2;
  EXPECT_EQ(mistake(wrong), "/notice_version");
  EXPECT_EQ(state(), ConsentState::None);
}

TEST_F(ConsentsTest, WhatCannotFollowIsAConflictAndChangesNothing) {
  EXPECT_EQ(mistake(consent("withdrawn")), "conflict");
  ASSERT_TRUE(record(consent("given")));
  const auto size = log_size();
  EXPECT_EQ(mistake(consent("refused")), "conflict");
  EXPECT_EQ(log_size(), size);
  EXPECT_EQ(state(), ConsentState::Given);
  ASSERT_TRUE(record(consent("given")));  // again: a renewal
  EXPECT_EQ(state(), ConsentState::RenewedGiven);
  ASSERT_TRUE(record(consent("withdrawn")));
  EXPECT_EQ(mistake(consent("withdrawn")), "conflict");
}

TEST_F(ConsentsTest, EveryEventStaysAfterTheLast) {
  for (const char* status : {"refused", "given", "withdrawn", "given"}) ASSERT_TRUE(record(consent(status)));
  reopen();
  const auto history = ListConsents(services()).execute(dpo_, subject_);
  ASSERT_TRUE(history);
  std::vector<std::string> types;
  for (const auto& event : history->events) types.push_back(event.type);
  EXPECT_EQ(types, (std::vector<std::string>{"refused", "given", "withdrawn", "given"}));
  EXPECT_EQ(state(), ConsentState::Given);
}

TEST_F(ConsentsTest, TheVeryNextEvaluationSeesAWithdrawal) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(record(consent("given")));
    EXPECT_TRUE(evaluate().decision.permit);
    ASSERT_TRUE(record(consent("withdrawn")));
    EXPECT_EQ(evaluate().decision.reason, policies::Reason::ConsentWithdrawn);
  }
}

TEST_F(ConsentsTest, TheGuardiansAndTheChildsConsentAreTwoChains) {
  Attributes attributes;
  attributes["user.demographic.date_of_birth"] = "2014-05-01";
  const auto child = RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
  ASSERT_TRUE(child);
  subject_ = *child;
  ASSERT_TRUE(record(consent("given", "guardian")));
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::ConsentMissing);
  ASSERT_TRUE(record(consent("given")));
  EXPECT_TRUE(evaluate().decision.permit);
  ASSERT_TRUE(record(consent("withdrawn", "guardian")));
  EXPECT_FALSE(evaluate().decision.permit);
  EXPECT_EQ(state(), ConsentState::Given);
  EXPECT_EQ(state("guardian"), ConsentState::Withdrawn);
  reopen();
  EXPECT_FALSE(evaluate().decision.permit);
}

TEST_F(ConsentsTest, TheStateShowsExpiryWithoutAJob) {
  ASSERT_TRUE(record(consent("given")));
  clock_->advance(std::chrono::hours(24 * 400));
  EXPECT_EQ(state(), ConsentState::Expired);
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::ConsentExpired);
}

TEST_F(ConsentsTest, EvidenceIsSealed) {
  ASSERT_TRUE(record(consent("given")));
  const auto reads = services().reads->lease();
  const auto rows = storage::ConsentRepository(**reads).of_subject(subject_);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(base::as_text(rows->at(0).sealed).find("form 12"), std::string_view::npos);
}

class NoticesTest : public ConsentsTest {
 protected:
  static NewNotice notice(bool material) {
    NewNotice out;
    out.texts = {{"fr", "Nouveau texte.\r\nDeux lignes."}, {"en", " New text. "}};
    out.summary = "what changed";
    out.material = material;
    return out;
  }
  base::Result<NoticeView> publish(const NewNotice& notice) {
    return PublishNotice(services()).execute(dpo_, kMatching, notice);
  }
};

TEST_F(NoticesTest, AChangeIsANewVersionAndTheOldOneStays) {
  const auto size = log_size();
  const auto published = publish(notice(false));
  ASSERT_TRUE(published) << published.error().message();
  EXPECT_EQ(published->version, 2);
  EXPECT_EQ(published->oldest_acceptable, 1);
  EXPECT_EQ(published->texts.at("fr"), "Nouveau texte.\nDeux lignes.");
  EXPECT_EQ(published->texts.at("en"), "New text.");
  EXPECT_EQ(published->sha256.at("en"), base::to_hex(crypto::sha256(base::as_bytes(std::string_view("New text.")))));
  EXPECT_EQ(published->issued_at, clock_->now());
  EXPECT_EQ(events_from(size), (std::vector<std::string>{"notice.published"}));
  reopen();
  const auto all = ListNotices(services()).execute(kMatching);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_FALSE(all->at(0).issued_at);
  EXPECT_EQ(all->at(1).sha256, published->sha256);
  EXPECT_EQ(GetPurpose(services()).execute(kMatching)->notice.version, 2);
}

TEST_F(NoticesTest, AMaterialChangeAsksForANewConsent) {
  ASSERT_TRUE(record(consent("given")));
  ASSERT_TRUE(publish(notice(false)));
  EXPECT_TRUE(evaluate().decision.permit);
  const auto material = publish(notice(true));
  ASSERT_TRUE(material);
  EXPECT_EQ(material->oldest_acceptable, 3);
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::NoticeOutdated);
  reopen();
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::NoticeOutdated);
  ASSERT_TRUE(record(consent("given")));
  EXPECT_TRUE(evaluate().decision.permit);
  // A later small correction keeps what was acceptable.
  EXPECT_EQ(publish(notice(false))->oldest_acceptable, 3);
  EXPECT_TRUE(evaluate().decision.permit);
}

TEST_F(NoticesTest, BothLanguagesNeedAText) {
  for (const char* language : {"fr", "en"}) {
    NewNotice lacking = notice(false);
    lacking.texts.erase(language);
    EXPECT_EQ(publish(lacking).error().fields().at(0).pointer, std::string("/texts/") + language);
    lacking.texts[language] = " \r\n ";
    EXPECT_EQ(publish(lacking).error().fields().at(0).pointer, std::string("/texts/") + language);
  }
  NewNotice odd = notice(false);
  odd.texts["français"] = "x";
  EXPECT_EQ(publish(odd).error().fields().at(0).pointer, "/texts");
  EXPECT_EQ(PublishNotice(services()).execute(dpo_, "no.such_purpose", notice(false)).error().code(),
            base::ErrorCode::NotFound);
  EXPECT_EQ(ListNotices(services()).execute(kMatching)->size(), 1U);
}

TEST_F(NoticesTest, PurposesAreShownAsThePackHasThem) {
  const auto all = ListPurposes(services()).execute();
  ASSERT_EQ(all.size(), services().pack->purposes().size());
  for (const auto& view : all) {
    const policies::Purpose* purpose = services().pack->find(view.id);
    ASSERT_NE(purpose, nullptr);
    EXPECT_EQ(view.legal_basis, policies::dpv_id(purpose->basis));
    EXPECT_EQ(view.consent.has_value(), purpose->consent.has_value());
    EXPECT_EQ(view.data_categories, purpose->data_categories);
    EXPECT_EQ(view.notice.version, 1);
  }
  EXPECT_EQ(GetPurpose(services()).execute("no.such_purpose").error().code(), base::ErrorCode::NotFound);
}

}  // namespace
}  // namespace egide::vault
