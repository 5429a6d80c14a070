// The page that a requestable denial names.
#include "egide/vault/mail.h"
#include "memory_sender.h"

namespace egide::testing {
namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kPath = "/choices/ai.mission_matching";

class ChoicesTest : public WorldTest {
 protected:
  Reply ask(const std::string& body, const Headers& more = {}) {
    auto headers = more;
    headers.emplace_back("Content-Type", kForm);
    return world.nobody->send("POST", kPath, body, headers);
  }
  std::size_t mails() {
    EXPECT_TRUE(vault::MailOutbox(world.vault->services(), kBaseUrl).deliver_due(sender));
    return sender.mails.size();
  }
  MemorySender sender;
};

TEST_F(ChoicesTest, IsWhereADenialPoints) {
  const auto person = world.register_person("zoe@example.org");
  const Json answer = world.evaluate(*world.matcher, "matcher", person, kMatching);
  ASSERT_FALSE(answer.at("decision").get<bool>());
  EXPECT_EQ(answer.at("context").at("access_request").at("form_url"), std::string(kBaseUrl) + kPath);
  const auto size = world.vault->info().log_size;
  const Reply page = world.nobody->get(kPath);
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(page.header("content-security-policy").find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page.body.find("lang=\"fr\""), std::string::npos);
  EXPECT_NE(world.nobody->get(std::string(kPath) + "?lang=en").body.find("Send the link"), std::string::npos);
  EXPECT_EQ(world.vault->info().log_size, size);
  EXPECT_EQ(mails(), 0U);
}

TEST_F(ChoicesTest, SendsALinkToWhoIsKnownAndSaysTheSameToAll) {
  world.register_person("zoe@example.org");
  const Reply unknown = ask("email=nobody%40example.org");
  const Reply known = ask("email=zoe%40example.org");
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(mails(), 1U);
  EXPECT_EQ(sender.mails.at(0).to, "zoe@example.org");
}

TEST_F(ChoicesTest, RefusesWhatIsNoFormOfItsOwn) {
  world.register_person("zoe@example.org");
  EXPECT_EQ(ask("email=zoe").status, 422);
  EXPECT_EQ(ask("").status, 422);
  EXPECT_EQ(ask("email=zoe%40example.org", {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(world.nobody->send("POST", kPath, "{}").status, 415);
  EXPECT_EQ(world.nobody->get("/choices/volunteer.management").status, 404);  // not a matter of consent
  EXPECT_EQ(world.nobody->get("/choices/nothing").status, 404);
  EXPECT_EQ(world.nobody->get(std::string(kPath) + "?email=zoe%40example.org").status, 400);
  EXPECT_EQ(mails(), 0U);
}

}  // namespace
}  // namespace egide::testing
