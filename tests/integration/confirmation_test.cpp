// Double opt-in: mails, the page behind their links, and everything that opens links without being asked.
#include <atomic>
#include <thread>

#include "egide/audit/receipt.h"
#include "egide/vault/notices.h"
#include "memory_sender.h"

namespace egide::testing {
namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";

class ConfirmationTest : public WorldTest {
 protected:
  std::string address = "canary@example.org";
  std::string person = world.register_person(address);
  MemorySender sender;

  Reply ask_by_portal(const std::string& subject) {
    Json body = {{"purpose", kMatching}, {"status", "given"}, {"channel", "portal"}};
    return world.coordinator->post("/v1/subjects/" + subject + "/consents", body);
  }
  vault::MailOutbox::Delivered deliver() {
    const auto done = vault::MailOutbox(world.vault->services(), kBaseUrl).deliver_due(sender);
    EXPECT_TRUE(done);
    return done ? *done : vault::MailOutbox::Delivered();
  }
  std::string link(const std::string& to) {
    deliver();
    return link_to(sender.mails, to);
  }
  std::string link() { return link(address); }
  Page open(const std::string& path) { return Page::of(world.nobody->get(path)); }
  Reply press(const std::string& path, const Page& page, const std::string& choice) {
    std::string body = "page=" + page.code;
    if (!choice.empty()) body += "&choice=" + choice;
    return world.nobody->send("POST", path, body, {{"Content-Type", kForm}, {"Cookie", page.cookie}});
  }
  Reply answer(const std::string& path, const std::string& choice) { return press(path, open(path), choice); }
  std::vector<std::string> events(const std::string& subject) {
    std::vector<std::string> out;
    const Json history = world.dpo->get("/v1/subjects/" + subject + "/consents").json();
    for (const auto& event : history.at("events"))
      out.push_back(event.at("by").get<std::string>() + " " + event.at("event").get<std::string>());
    return out;
  }
  std::string reason(const std::string& subject) {
    return world.evaluate(*world.matcher, "matcher", subject, kMatching).at("context").at("reason").get<std::string>();
  }
  using Events = std::vector<std::string>;
};

TEST_F(ConfirmationTest, CountsOnlyAfterTheButton) {
  const Reply asked = ask_by_portal(person);
  ASSERT_EQ(asked.status, 201) << asked.body;
  EXPECT_EQ(asked.json().at("event"), "pending_confirmation");
  EXPECT_EQ(asked.json().at("state"), "dpv:ConsentRequested");
  EXPECT_EQ(reason(person), "consent_missing");
  const std::string path = link();
  ASSERT_FALSE(path.empty());
  const Reply done = answer(path, "agree");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(events(person), (Events{"data_subject pending_confirmation", "data_subject given"}));
  EXPECT_EQ(reason(person), "permit");
  const Json last = world.dpo->get("/v1/subjects/" + person + "/consents").json().at("events").back();
  EXPECT_EQ(last.at("channel"), "email_link");
  EXPECT_EQ(last.at("method"), "button on the confirmation page");
  EXPECT_EQ(last.at("recorded_by"), "self");
}

TEST_F(ConfirmationTest, OpeningTheLinkChangesNothingHoweverItIsDone) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  const auto size = world.dpo->get("/log/checkpoint").body;
  for (const char* method : {"GET", "HEAD", "GET", "HEAD"})
    for (const Headers& headers : {Headers{}, Headers{{"Sec-Purpose", "prefetch"}}, Headers{{"User-Agent", "scanner"}}})
      EXPECT_EQ(world.nobody->send(method, path, "", headers).status, 200);
  EXPECT_EQ(world.dpo->get("/log/checkpoint").body, size);
  EXPECT_EQ(events(person), (Events{"data_subject pending_confirmation"}));
}

TEST_F(ConfirmationTest, SendingTheFormWithoutPressingChangesNothing) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  const Page page = open(path);
  EXPECT_EQ(press(path, page, "").status, 422);       // a program that follows forms
  EXPECT_EQ(press(path, page, "maybe").status, 422);  // no answer of the page
  Page foreign = page;
  foreign.cookie.clear();
  EXPECT_EQ(press(path, foreign, "agree").status, 422);  // not the browser that it was shown in
  foreign = open(path);
  foreign.code = page.code;  // the code of another page
  EXPECT_EQ(press(path, foreign, "agree").status, 422);
  foreign = page;
  foreign.cookie = "egide_page=AAAAAAAAAAAAAAAAAAAAAA.99999999999";
  EXPECT_EQ(press(path, foreign, "agree").status, 422);
  const std::string body = "page=" + page.code + "&choice=agree";
  EXPECT_EQ(world.nobody
                ->send("POST", path, body,
                       {{"Content-Type", kForm}, {"Cookie", page.cookie}, {"Sec-Fetch-Site", "cross-site"}})
                .status,
            422);
  EXPECT_EQ(world.nobody->post(path, {{"choice", "agree"}}).status, 415);
  EXPECT_EQ(events(person), (Events{"data_subject pending_confirmation"}));
  EXPECT_EQ(press(path, page, "agree").status, 200);
}

TEST_F(ConfirmationTest, ALinkIsGoodOnceAndThenShowsHowItStands) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  const Page first = open(path);
  ASSERT_EQ(press(path, first, "agree").status, 200);
  EXPECT_EQ(press(path, first, "agree").status, 409);
  EXPECT_EQ(press(path, first, "refuse").status, 409);
  const Page after = open(path);
  EXPECT_NE(after.body.find("Votre accord est enregistré."), std::string::npos);
  EXPECT_EQ(after.body.find("value=\"agree\""), std::string::npos);
  ASSERT_EQ(press(path, after, "withdraw").status, 200);  // one button, as for giving
  EXPECT_EQ(reason(person), "consent_withdrawn");
  EXPECT_EQ(press(path, after, "withdraw").status, 409);
  EXPECT_EQ(press(path, after, "agree").status, 409);
  EXPECT_EQ(events(person),
            (Events{"data_subject pending_confirmation", "data_subject given", "data_subject withdrawn"}));
}

TEST_F(ConfirmationTest, OfManyPressesAtOnceOneCounts) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  const Page page = open(path);
  std::atomic<int> done{0}, refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      Client browser(world.port(), "");
      const std::string body = "page=" + page.code + "&choice=" + (i % 2 == 0 ? "agree" : "refuse");
      const int status = browser.send("POST", path, body, {{"Content-Type", kForm}, {"Cookie", page.cookie}}).status;
      if (status == 200) ++done;
      if (status == 409) ++refused;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(events(person).size(), 2U);
}

TEST_F(ConfirmationTest, ANoIsAnAnswerToo) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const Reply refused = answer(link(), "refuse");
  EXPECT_EQ(refused.status, 200);
  EXPECT_NE(refused.body.find("Votre refus est enregistré."), std::string::npos);
  EXPECT_EQ(events(person), (Events{"data_subject pending_confirmation", "data_subject refused"}));
  EXPECT_EQ(reason(person), "consent_missing");
}

TEST_F(ConfirmationTest, GivesAReceiptThatHolds) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const Reply done = answer(link(), "agree");
  const auto begin = done.body.find("readonly>") + 9;
  const std::string jws = done.body.substr(begin, done.body.find('<', begin) - begin);
  const auto verified = audit::verify_receipt(jws, *audit::VerifierKey::parse(world.verifier_key()));
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->status, "given");
  EXPECT_EQ(verified->purpose, kMatching);
}

TEST_F(ConfirmationTest, OldAndUnknownLinksLookAlikeAndOfferAnother) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  world.advance(std::chrono::hours(24 * 7 + 1));
  const auto shape = [](Page page) {
    const auto at = page.body.find(page.code);
    if (at != std::string::npos) page.body.erase(at, page.code.size());
    return page.body;
  };
  const Page old = open(path);
  const std::string nowhere = "/c/" + std::string(43, 'A');
  EXPECT_EQ(shape(old), shape(open(nowhere)));
  EXPECT_EQ(shape(old), shape(open("/c/x")));
  EXPECT_EQ(press(path, old, "agree").status, 409);
  EXPECT_EQ(press(nowhere, open(nowhere), "agree").status, 409);
  const auto before = sender.mails.size();
  EXPECT_EQ(shape(Page::of(press(nowhere, open(nowhere), "again"))), shape(Page::of(press(path, old, "again"))));
  const std::string fresh = link();
  EXPECT_EQ(sender.mails.size(), before + 1);
  EXPECT_NE(fresh, path);
  for (int i = 0; i < 5; ++i) press(path, old, "again");
  deliver();
  EXPECT_LE(sender.mails.size(), before + 3);
  EXPECT_EQ(answer(fresh, "agree").status, 200);
}

TEST_F(ConfirmationTest, ShowsTheExactTextThatIsRecorded) {
  vault::NewNotice notice;
  notice.texts = {{"fr", "Un <script>alert(1)</script> & \"texte\".\n\nSuite."}, {"en", "A text."}};
  const Json published =
      world.dpo->post(std::string("/v1/purposes/") + kMatching + "/notices", {{"texts", notice.texts}}).json();
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const Reply shown = world.nobody->get(link());
  EXPECT_EQ(shown.body.find("<script"), std::string::npos);
  EXPECT_NE(shown.body.find("Un &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;texte&quot;.</p>\n<p>Suite."),
            std::string::npos);
  EXPECT_NE(shown.header("content-security-policy").find("default-src 'none'; style-src 'sha256-"), std::string::npos);
  EXPECT_EQ(shown.header("referrer-policy"), "no-referrer");
  EXPECT_EQ(shown.header("cache-control"), "no-store");
  EXPECT_NE(shown.header("set-cookie").find("HttpOnly; SameSite=Strict; Secure"), std::string::npos);
  for (const char* personal : {"Canary", "canary@", person.c_str()})
    EXPECT_EQ(shown.body.find(personal), std::string::npos) << personal;
  ASSERT_EQ(answer(link(), "agree").status, 200);
  const Json event = world.dpo->get("/v1/subjects/" + person + "/consents").json().at("events").back();
  EXPECT_EQ(event.at("notice").at("version"), 2);
  EXPECT_EQ(event.at("notice").at("sha256"), published.at("sha256").at("fr"));
}

TEST_F(ConfirmationTest, AReplacedTextCanNotBeAgreedTo) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  const Page page = open(path);
  Json body = {{"texts", {{"fr", "Un autre texte."}, {"en", "Another text."}}}, {"material", true}};
  ASSERT_EQ(world.dpo->post(std::string("/v1/purposes/") + kMatching + "/notices", body).status, 201);
  EXPECT_EQ(press(path, page, "agree").status, 409);
  EXPECT_EQ(press(path, open(path), "again").status, 200);
  ASSERT_EQ(answer(link(), "agree").status, 200);
  EXPECT_EQ(reason(person), "permit");
}

TEST_F(ConfirmationTest, TheMailProgramsButtonCanOnlySayNo) {
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string path = link();
  EXPECT_EQ(sender.mails.back().unsubscribe_url, kBaseUrl + path);
  const auto one_click = [&] {
    return world.nobody->send("POST", path, "List-Unsubscribe=One-Click", {{"Content-Type", kForm}}).status;
  };
  EXPECT_EQ(one_click(), 200);
  EXPECT_EQ(events(person).back(), "data_subject refused");
  EXPECT_EQ(one_click(), 200);
  EXPECT_EQ(events(person).size(), 2U);
  ASSERT_EQ(ask_by_portal(person).status, 201);
  const std::string second = link();
  ASSERT_EQ(answer(second, "agree").status, 200);
  EXPECT_EQ(world.nobody->send("POST", second, "List-Unsubscribe=One-Click", {{"Content-Type", kForm}}).status, 200);
  EXPECT_EQ(events(person).back(), "data_subject withdrawn");
}

TEST_F(ConfirmationTest, AnswersAlikeForKnownAndUnknownAddresses) {
  const auto ask = [this](const std::string& email) {
    return world.nobody->post("/v1/consent-requests", {{"email", email}, {"purpose", kMatching}});
  };
  const Reply known = ask(address), unknown = ask("nobody@example.org");
  EXPECT_EQ(known.status, 202);
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(known.status, unknown.status);
  deliver();
  ASSERT_EQ(sender.mails.size(), 1U);
  ASSERT_EQ(answer(link(), "agree").status, 200);
  EXPECT_EQ(ask(address).body, known.body);  // while it stands: a mail, no event
  EXPECT_EQ(events(person).size(), 2U);
  EXPECT_EQ(answer(link(), "agree").status, 200);
  EXPECT_EQ(events(person).back(), "data_subject renewed");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(ask(address).body, known.body);
  deliver();
  EXPECT_EQ(sender.mails.size(), 3U);  // enough for a day
  EXPECT_EQ(world.nobody->post("/v1/consent-requests", {{"email", address}, {"purpose", "membership.admin"}}).status,
            422);
  EXPECT_EQ(world.nobody->post("/v1/consent-requests", {{"purpose", kMatching}}).status, 422);
}

TEST_F(ConfirmationTest, EvidenceOfAConfirmationElsewhereNeedsNoMail) {
  Json body = {{"purpose", kMatching}, {"status", "given"}, {"channel", "api"}, {"evidence", "form log 7"}};
  EXPECT_EQ(world.coordinator->post("/v1/subjects/" + person + "/consents", body).json().at("event"), "given");
  deliver();
  EXPECT_TRUE(sender.mails.empty());
}

TEST_F(ConfirmationTest, APhoneCallIsFollowedByAMailThatUndoesIt) {
  Json body = {{"purpose", kMatching}, {"status", "given"}, {"channel", "phone"}, {"evidence", "call 3"}};
  ASSERT_EQ(world.coordinator->post("/v1/subjects/" + person + "/consents", body).json().at("event"), "given");
  EXPECT_EQ(reason(person), "permit");
  ASSERT_EQ(answer(link(), "withdraw").status, 200);
  EXPECT_EQ(reason(person), "consent_withdrawn");
}

TEST_F(ConfirmationTest, TheOrganisationAsksAndDoesNotInsist) {
  const auto ask = [this] {
    return world.coordinator
        ->post("/v1/subjects/" + person + "/consents",
               {{"purpose", kMatching}, {"status", "requested"}, {"channel", "portal"}})
        .status;
  };
  ASSERT_EQ(ask(), 201);
  ASSERT_EQ(answer(link(), "refuse").status, 200);
  EXPECT_EQ(ask(), 409);
  world.advance(std::chrono::hours(24 * 190));
  EXPECT_EQ(ask(), 201);
  ASSERT_EQ(answer(link(), "agree").status, 200);
  EXPECT_EQ(ask(), 409);
  ASSERT_EQ(world.consent(person, kMatching, "withdrawn").status, 201);
  world.advance(std::chrono::hours(24 * 400));
  EXPECT_EQ(ask(), 409);  // after a withdrawal only the person comes back to it
}

TEST_F(ConfirmationTest, WithoutAnAddressItSaysWhatToDo) {
  Json body;
  body["attributes"]["user.name"] = "Without Address";
  const auto id = world.coordinator->post("/v1/subjects", body).json().at("id").get<std::string>();
  const Reply reply = ask_by_portal(id);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json().at("errors")[0].at("pointer"), "#/channel");
  EXPECT_TRUE(events(id).empty());
}

}  // namespace
}  // namespace egide::testing
