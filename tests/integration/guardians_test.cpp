// Children: who is asked, whose yes counts, and what ends at the birthday. The world's clock begins on 2 March 2026.
#include "memory_sender.h"

namespace egide::testing {
namespace {

class GuardiansTest : public WorldTest {
 protected:
  std::string parent = world.register_person("parent@example.org");
  std::string child = register_child("2011-03-10", "child@example.org");  // 15 on 10 March 2026
  MemorySender sender;

  std::string register_child(const std::string& birth, const std::string& email) {
    Json body;
    body["attributes"]["user.name"] = "Little Canary";
    body["attributes"]["user.contact.email"] = email;
    body["attributes"]["user.demographic.date_of_birth"] = birth;
    return world.coordinator->post("/v1/subjects", body).json().at("id").get<std::string>();
  }
  Reply add_guardian(const std::string& of, const std::string& who) {
    return world.coordinator->post("/v1/subjects/" + of + "/guardians",
                                   {{"guardian", who}, {"verified_by", "known"}, {"evidence", "registration form 4"}});
  }
  Reply ask(const std::string& subject) {
    return world.coordinator->post("/v1/subjects/" + subject + "/consents",
                                   {{"purpose", kMatching}, {"status", "requested"}, {"channel", "portal"}});
  }
  std::string link(const std::string& to) {
    EXPECT_TRUE(vault::MailOutbox(world.vault->services(), kBaseUrl).deliver_due(sender));
    return link_to(sender.mails, to);
  }
  int press(const std::string& path, const std::string& choice) {
    const Page page = Page::of(world.nobody->get(path));
    return world.nobody
        ->send("POST", path, "page=" + page.code + "&choice=" + choice,
               {{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", page.cookie}})
        .status;
  }
  std::string reason() {
    return world.evaluate(*world.matcher, "matcher", child, kMatching).at("context").at("reason").get<std::string>();
  }
};

TEST_F(GuardiansTest, BothAreAskedAndBothMustAgree) {
  ASSERT_EQ(add_guardian(child, parent).status, 201);
  ASSERT_EQ(ask(child).status, 201);
  const std::string childs = link("child@example.org"), parents = link("parent@example.org");
  ASSERT_FALSE(childs.empty());
  ASSERT_FALSE(parents.empty());
  EXPECT_NE(sender.mails[1].text.find("Little Canary"), std::string::npos);  // which child, where there are two
  EXPECT_NE(world.nobody->get(parents).body.find("en plus de celui de l'enfant"), std::string::npos);
  ASSERT_EQ(press(childs, "agree"), 200);
  EXPECT_EQ(reason(), "guardian_consent_missing");
  ASSERT_EQ(press(parents, "agree"), 200);
  EXPECT_EQ(reason(), "permit");
  const Json events = world.dpo->get("/v1/subjects/" + child + "/consents").json().at("events");
  ASSERT_EQ(events.size(), 4U);
  for (const auto& event : events)
    EXPECT_EQ(event.at("channel"), event.at("event") == "given" ? "email_link" : "portal");
  ASSERT_EQ(press(parents, "withdraw"), 200);
  EXPECT_NE(reason(), "permit");
}

TEST_F(GuardiansTest, NeitherOverridesTheOthersRefusal) {
  ASSERT_EQ(add_guardian(child, parent).status, 201);
  ASSERT_EQ(ask(child).status, 201);
  ASSERT_EQ(press(link("parent@example.org"), "agree"), 200);
  ASSERT_EQ(press(link("child@example.org"), "refuse"), 200);
  EXPECT_EQ(reason(), "consent_missing");
}

TEST_F(GuardiansTest, OfTwoGuardiansOneNoHolds) {
  const std::string other = world.register_person("other.parent@example.org");
  ASSERT_EQ(add_guardian(child, parent).status, 201);
  ASSERT_EQ(add_guardian(child, other).status, 201);
  ASSERT_EQ(ask(child).status, 201);
  ASSERT_EQ(press(link("child@example.org"), "agree"), 200);
  ASSERT_EQ(press(link("parent@example.org"), "refuse"), 200);
  EXPECT_EQ(press(link("other.parent@example.org"), "agree"), 409);
  EXPECT_EQ(reason(), "guardian_consent_missing");
}

TEST_F(GuardiansTest, AtTheBirthdayTheGuardiansPartLapses) {
  ASSERT_EQ(add_guardian(child, parent).status, 201);
  ASSERT_EQ(ask(child).status, 201);
  const std::string childs = link("child@example.org"), parents = link("parent@example.org");
  ASSERT_EQ(press(childs, "agree"), 200);
  world.advance(std::chrono::hours(24 * 7));  // 9 March, 10:00: 14 years and 364 days; the link ends at 09:00
  EXPECT_EQ(reason(), "guardian_consent_missing");
  world.advance(std::chrono::hours(24));
  EXPECT_EQ(reason(), "permit");
  EXPECT_EQ(press(parents, "agree"), 409);
  const Json list = world.dpo->get("/v1/subjects/" + child + "/guardians").json().at("items");
  EXPECT_EQ(list[0].at("lapses_on"), "2026-03-10");
  EXPECT_EQ(list[0].at("active"), false);
  const Json history = world.dpo->get("/v1/subjects/" + child + "/consents").json();
  for (const auto& state : history.at("states")) EXPECT_EQ(state.contains("lapsed"), state.at("by") == "guardian");
  EXPECT_EQ(world.coordinator
                ->post("/v1/subjects/" + child + "/consents", {{"purpose", kMatching},
                                                               {"status", "given"},
                                                               {"channel", "paper"},
                                                               {"evidence", "form 1"},
                                                               {"by", "guardian"}})
                .status,
            422);
  EXPECT_EQ(add_guardian(child, parent).status, 409);
}

TEST_F(GuardiansTest, OnPaperTheDayOfSigningCounts) {
  world.advance(std::chrono::hours(24 * 20));  // 15 by now
  Json form = {{"purpose", kMatching}, {"status", "given"}, {"channel", "paper"},
               {"evidence", "form 1"}, {"by", "guardian"},  {"at", "2026-03-05T10:00:00Z"}};
  EXPECT_EQ(world.coordinator->post("/v1/subjects/" + child + "/consents", form).status, 201);
}

TEST_F(GuardiansTest, AnEndedGuardianAnswersNoLink) {
  const Json added = add_guardian(child, parent).json();
  EXPECT_EQ(added.at("active"), true);
  EXPECT_EQ(add_guardian(child, parent).status, 409);
  ASSERT_EQ(ask(child).status, 201);
  const std::string parents = link("parent@example.org");
  const std::string end = "/v1/guardianships/" + added.at("id").get<std::string>() + "/end";
  EXPECT_EQ(world.dpo->post(end, Json::object()).status, 200);
  EXPECT_EQ(world.dpo->post(end, Json::object()).status, 409);
  EXPECT_EQ(press(parents, "agree"), 409);
  sender.mails.clear();
  ASSERT_EQ(ask(child).status, 201);
  EXPECT_TRUE(link("parent@example.org").empty());
}

TEST_F(GuardiansTest, SaysWhatIsWrong) {
  EXPECT_EQ(add_guardian(child, child).status, 422);
  EXPECT_EQ(add_guardian(child, "00000000-0000-4000-8000-000000000000").status, 422);
  EXPECT_EQ(add_guardian(child, "nobody").status, 422);
  EXPECT_EQ(add_guardian(parent, child).status, 409);  // who is of age has none
  EXPECT_EQ(add_guardian("00000000-0000-4000-8000-000000000000", parent).status, 404);
  EXPECT_EQ(world.dpo->get("/v1/subjects/" + child + "/guardians").json().at("items").size(), 0U);
}

TEST_F(GuardiansTest, ErasingTheParentLeavesNothingOfThem) {
  ASSERT_EQ(add_guardian(child, parent).status, 201);
  ASSERT_EQ(ask(child).status, 201);
  const std::string parents = link("parent@example.org");
  world.erase(parent);
  EXPECT_EQ(world.dpo->get("/v1/subjects/" + child + "/guardians").json().at("items").size(), 0U);
  EXPECT_NE(press(parents, "agree"), 200);
}

}  // namespace
}  // namespace egide::testing
