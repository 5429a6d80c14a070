// What links and mails leave in the database, and what an erasure takes of them.
#include "egide/vault/consent_links.h"

#include <gtest/gtest.h>

#include "consent_asking.h"
#include "egide/storage/mail_repository.h"
#include "mail_content.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

constexpr const char* kMatching = "ai.mission_matching";

class ConsentLinksTest : public RequestsFixture {
 protected:
  void ask() {
    NewConsent consent;
    consent.purpose = kMatching;
    consent.status = "requested";
    consent.channel = "portal";
    const auto asked = RecordConsent(services()).execute(dpo_, person_with_address(), consent);
    ASSERT_TRUE(asked) << asked.error().message();
  }
  base::SubjectId person_with_address() {
    if (!reader_) {
      Attributes attributes;
      attributes["user.name"] = "CANARY-NAME";
      attributes["user.contact.email"] = "canary@example.org";
      reader_ = *RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
    }
    return *reader_;
  }
  storage::MailRow mail() {
    const auto reads = services().reads->lease();
    const auto rows = storage::MailRepository(**reads).newest(1);
    EXPECT_TRUE(rows && !rows->empty());
    return rows->front();
  }
  std::int64_t count(const std::string& table) {
    const auto reads = services().reads->lease();
    storage::Statement& s = (*reads)->prepare("SELECT count(*) FROM " + table);
    EXPECT_TRUE(s.step());
    const auto rows = s.integer(0);
    s.reset();
    return rows;
  }
  std::optional<base::SubjectId> reader_;
};

TEST_F(ConsentLinksTest, TheTokenIsKeptAsAHashAndTheMailSealed) {
  ask();
  const auto row = mail();
  const std::string sealed(base::as_text(row.sealed));
  const auto content = open_mail(services(), row);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->to, "canary@example.org");
  EXPECT_EQ(content->token.size(), 43U);
  for (const std::string& hidden : {content->token, content->to, std::string("CANARY-NAME")})
    EXPECT_EQ(sealed.find(hidden), std::string::npos);
  const auto reads = services().reads->lease();
  const auto hash = crypto::hash_of_token(*services().keys, content->token);
  ASSERT_TRUE(hash);
  EXPECT_NE(base::as_text(*hash), base::as_text(*base::from_base64url(content->token)));
  const auto link = storage::ConsentLinkRepository(**reads).find(*hash);
  ASSERT_TRUE(link && link->has_value());
  EXPECT_EQ((*link)->subject, person_with_address());
}

TEST_F(ConsentLinksTest, ASealedMailOpensForItsRecipientAndRowAlone) {
  ask();
  auto row = mail();
  row.recipient = subject_;
  EXPECT_FALSE(open_mail(services(), row));
  row = mail();
  row.id = base::RecordId();
  EXPECT_FALSE(open_mail(services(), row));
}

TEST_F(ConsentLinksTest, ASentMailKeepsNothingOfItself) {
  class Taking final : public MailSender {
   public:
    base::Result<void> send(const OutgoingMail&) override { return {}; }
  };
  ask();
  Taking sender;
  ASSERT_TRUE(MailOutbox(services(), "https://vault.example.org").deliver_due(sender));
  EXPECT_EQ(mail().state, storage::MailState::Sent);
  EXPECT_TRUE(mail().sealed.empty());
}

TEST_F(ConsentLinksTest, AMailThatDoesNotOpenHoldsUpNoOther) {
  class Taking final : public MailSender {
   public:
    base::Result<void> send(const OutgoingMail&) override {
      ++mails;
      return {};
    }
    int mails = 0;
  };
  class Spoil final : public storage::Change {
   public:
    explicit Spoil(const storage::MailRow& row) : row_(row) {}
    base::Result<void> apply(storage::ChangeContext& context) override {
      return storage::MailRepository(context.connection()).insert(row_);
    }
    storage::MailRow row_;
  };
  ask();
  auto row = mail();
  row.id = base::RecordId(*base::Uuid::parse("00000000-0000-7000-8000-000000000000"));
  row.next_attempt_at -= std::chrono::hours(1);
  Spoil spoil(row);
  ASSERT_TRUE(services().committer->commit(spoil));
  Taking sender;
  const auto done = MailOutbox(services(), "https://vault.example.org").deliver_due(sender);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->given_up, 1);
  EXPECT_EQ(sender.mails, 1);
}

TEST_F(ConsentLinksTest, AnErasureTakesLinksAndMails) {
  ask();
  ASSERT_EQ(count("consent_link") + count("mail_outbox"), 2);
  const auto token = open_mail(services(), mail())->token;
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, person_with_address()));
  EXPECT_EQ(count("consent_link") + count("mail_outbox"), 0);
  const auto page = ConsentLinks(services()).look(token);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->state, ConsentPage::State::Unknown);
  EXPECT_FALSE(ConsentLinks(services()).answer(token, LinkAnswer::Agree));
}

TEST_F(ConsentLinksTest, AnOldLinkEndsAtItsMinute) {
  ask();
  const auto token = open_mail(services(), mail())->token;
  clock_->advance(std::chrono::hours(24 * 7) - std::chrono::milliseconds(1));
  EXPECT_EQ(ConsentLinks(services()).look(token)->state, ConsentPage::State::Open);
  clock_->advance(std::chrono::milliseconds(1));
  EXPECT_EQ(ConsentLinks(services()).look(token)->state, ConsentPage::State::Old);
  EXPECT_EQ(ConsentLinks(services()).answer(token, LinkAnswer::Agree).error().code(), base::ErrorCode::Conflict);
}

TEST_F(ConsentLinksTest, APageCodeFitsItsPageAlone) {
  const ConsentLinks links(services());
  const std::string nonce(22, 'n');
  const std::string code = links.page_code("token", nonce);
  EXPECT_TRUE(links.page_code_fits("token", nonce, code));
  EXPECT_FALSE(links.page_code_fits("other", nonce, code));
  EXPECT_FALSE(links.page_code_fits("token", std::string(22, 'm'), code));
  EXPECT_FALSE(links.page_code_fits("token", "", links.page_code("token", "")));
  EXPECT_FALSE(links.page_code_fits("token", nonce, ""));
}

TEST_F(ConsentLinksTest, TheBirthdayOfALeapDayIsTheFirstOfMarch) {
  SubjectState state;
  state.facts.birth_date = base::parse_date("2012-02-29");
  EXPECT_EQ(base::format_date(*consent_birthday(services(), state)), "2027-03-01");
  const auto at = [](const char* text) { return *base::parse_rfc3339(text); };
  EXPECT_TRUE(below_consent_age(services(), state, at("2027-02-28T22:59:59Z")));   // still February in France
  EXPECT_FALSE(below_consent_age(services(), state, at("2027-02-28T23:00:00Z")));  // 1 March there
  state.facts.birth_date = base::parse_date("2013-02-28");
  EXPECT_EQ(base::format_date(*consent_birthday(services(), state)), "2028-02-28");
}

}  // namespace
}  // namespace egide::vault
