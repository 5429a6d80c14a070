// The outbox: written with the change, sent at least once, gone with the person.
#include "memory_sender.h"

namespace egide::testing {
namespace {

class MailTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
  MemorySender sender;

  void ask() {
    const Reply reply =
        world.coordinator->post("/v1/subjects/" + person + "/consents",
                                {{"purpose", kMatching}, {"status", "requested"}, {"channel", "portal"}});
    ASSERT_EQ(reply.status, 201) << reply.body;
  }
  vault::MailOutbox::Delivered deliver() {
    const auto done = vault::MailOutbox(world.vault->services(), kBaseUrl).deliver_due(sender);
    EXPECT_TRUE(done);
    return done ? *done : vault::MailOutbox::Delivered();
  }
  Json listed() { return world.dpo->get("/v1/mail").json().at("items"); }
};

TEST_F(MailTest, SurvivesARestartAndIsSentOnce) {
  ask();
  world.restart();
  EXPECT_EQ(deliver().sent, 1);
  EXPECT_EQ(deliver().sent, 0);
  world.restart();
  EXPECT_EQ(deliver().sent, 0);
  ASSERT_EQ(sender.mails.size(), 1U);
  EXPECT_EQ(sender.mails[0].to, "canary@example.org");
  EXPECT_EQ(sender.mails[0].subject, "Votre accord pour : Mise en relation bénévoles–missions par IA");
  EXPECT_EQ(sender.mails[0].text.find("Canary"), std::string::npos);
}

TEST_F(MailTest, TriesAgainLaterAndGivesUpInTheEnd) {
  ask();
  sender.failure = base::ErrorCode::Unavailable;
  EXPECT_EQ(deliver().failed, 1);
  EXPECT_EQ(deliver().failed, 0);  // not at once
  EXPECT_EQ(listed()[0].at("problem"), "unreachable");
  world.advance(std::chrono::minutes(2));
  sender.failure.reset();
  EXPECT_EQ(deliver().sent, 1);
  const std::string id = sender.mails[0].id;
  EXPECT_EQ(listed()[0].at("id"), id);  // the same in each attempt

  sender.failure = base::ErrorCode::Unavailable;
  ask();
  int failed = 0, given_up = 0;
  for (int i = 0; i < 20; ++i) {
    const auto done = deliver();
    failed += done.failed;
    given_up += done.given_up;
    world.advance(std::chrono::hours(24 * 5));
  }
  EXPECT_EQ(failed, 7);
  EXPECT_EQ(given_up, 1);
  EXPECT_EQ(listed()[0].at("state"), "given_up");
}

TEST_F(MailTest, ARefusedMailIsNotTriedAgain) {
  ask();
  sender.failure = base::ErrorCode::InvalidRequest;
  EXPECT_EQ(deliver().given_up, 1);
  world.advance(std::chrono::hours(24 * 30));
  const auto done = deliver();
  EXPECT_EQ(done.failed + done.given_up + done.sent, 0);
  EXPECT_EQ(listed()[0].at("problem"), "refused");
}

TEST_F(MailTest, ErasedWithThePerson) {
  ask();
  ASSERT_EQ(listed().size(), 1U);
  world.erase(person);
  EXPECT_EQ(listed().size(), 0U);
  EXPECT_EQ(deliver().sent, 0);
}

TEST_F(MailTest, SaysWhoAsked) {
  ask();
  world.coordinator->post("/v1/subjects/" + person + "/consents",
                          {{"purpose", kNewsletter}, {"status", "given"}, {"channel", "portal"}});
  EXPECT_EQ(deliver().sent, 2);
  EXPECT_NE(sender.mails[0].text.find("votre accord est demandé pour"), std::string::npos);
  EXPECT_NE(sender.mails[1].text.find("vous (ou une personne en votre nom) avez demandé"), std::string::npos);
}

TEST_F(MailTest, TheListNamesNobodyAndShowsNoLink) {
  ask();
  const Reply reply = world.dpo->get("/v1/mail");
  for (const char* hidden : {"canary", "Canary", "/c/", person.c_str()})
    EXPECT_EQ(reply.body.find(hidden), std::string::npos) << hidden;
  EXPECT_EQ(listed()[0].at("kind"), "consent_request");
  EXPECT_EQ(listed()[0].at("state"), "waiting");
  EXPECT_FALSE(listed()[0].contains("text"));
  EXPECT_EQ(world.coordinator->get("/v1/mail").status, 403);
}

TEST_F(MailTest, TheWorkerSendsInTheBackground) {
  struct Told {
    std::mutex mutex;
    std::condition_variable changed;
    int mails = 0;
  };
  class Telling final : public vault::MailSender {
   public:
    explicit Telling(Told& told) : told_(told) {}
    base::Result<void> send(const vault::OutgoingMail&) override {
      const std::lock_guard lock(told_.mutex);
      ++told_.mails;
      told_.changed.notify_all();
      return {};
    }

   private:
    Told& told_;
  };
  Told told;
  ask();
  const vault::MailWorker worker(world.vault->services(), std::make_unique<Telling>(told), kBaseUrl,
                                 std::chrono::milliseconds(5));
  std::unique_lock lock(told.mutex);
  EXPECT_TRUE(told.changed.wait_for(lock, std::chrono::seconds(60), [&told] { return told.mails == 1; }));
}

}  // namespace
}  // namespace egide::testing
