// Consents that end: the list, the mails, and that silence renews nothing. The world's clock begins on 2 March 2026.
#include "memory_sender.h"

namespace egide::testing {
namespace {

class RenewalsTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
  std::string path = std::string("/v1/purposes/") + kMatching + "/renewals";
  MemorySender sender;

  Json due() { return world.dpo->get(path).json().at("items"); }
  Json ask() { return world.dpo->post(path, Json::object()).json(); }
  std::string link() {
    EXPECT_TRUE(vault::MailOutbox(world.vault->services(), kBaseUrl).deliver_due(sender));
    return link_to(sender.mails, "canary@example.org");
  }
  int press(const std::string& where, const std::string& choice) {
    const Page page = Page::of(world.nobody->get(where));
    return world.nobody
        ->send("POST", where, "page=" + page.code + "&choice=" + choice,
               {{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", page.cookie}})
        .status;
  }
  std::string reason() {
    return world.evaluate(*world.matcher, "matcher", person, kMatching).at("context").at("reason").get<std::string>();
  }
  void publish_material_notice() {
    Json body = {{"texts", {{"fr", "Un autre texte."}, {"en", "Another text."}}}, {"material", true}};
    ASSERT_EQ(world.dpo->post(std::string("/v1/purposes/") + kMatching + "/notices", body).status, 201);
  }
};

TEST_F(RenewalsTest, RemindsBeforeTheEndAndRenewsOnAnAnswer) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(ask().at("written"), 0);
  world.advance(std::chrono::hours(24 * 336));
  ASSERT_EQ(due().size(), 1U);
  EXPECT_EQ(due()[0].at("reason"), "ends_soon");
  EXPECT_EQ(due()[0].at("subject"), person);
  EXPECT_EQ(ask().at("written"), 1);
  EXPECT_EQ(ask().at("written"), 0);  // one a week
  EXPECT_EQ(reason(), "permit");      // it stands meanwhile
  ASSERT_EQ(press(link(), "agree"), 200);
  EXPECT_TRUE(due().empty());
  const Json history = world.dpo->get("/v1/subjects/" + person + "/consents").json();
  EXPECT_EQ(history.at("events").back().at("event"), "renewed");
  EXPECT_EQ(history.at("events").size(), 2U);
  world.advance(std::chrono::hours(24 * 60));
  EXPECT_EQ(reason(), "permit");
}

TEST_F(RenewalsTest, NoAnswerLetsItEnd) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  world.advance(std::chrono::hours(24 * 360));
  EXPECT_EQ(ask().at("written"), 1);
  const std::string where = link();
  world.nobody->get(where);
  world.advance(std::chrono::hours(24 * 6));
  EXPECT_EQ(reason(), "consent_expired");
  EXPECT_EQ(due()[0].at("reason"), "expired");
  EXPECT_EQ(ask().at("written"), 0);
  const Json history = world.dpo->get("/v1/subjects/" + person + "/consents").json();
  EXPECT_EQ(history.at("states")[0].at("state"), "dpv:ConsentExpired");
}

TEST_F(RenewalsTest, ANoToARenewalTakesItBack) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  publish_material_notice();
  EXPECT_EQ(due()[0].at("reason"), "notice_outdated");
  EXPECT_EQ(ask().at("written"), 1);
  ASSERT_EQ(press(link(), "refuse"), 200);
  EXPECT_EQ(reason(), "consent_withdrawn");
  EXPECT_TRUE(due().empty());
}

TEST_F(RenewalsTest, IsListedInPages) {
  std::set<std::string> expected{person};
  for (int i = 0; i < 6; ++i) expected.insert(world.register_person("p" + std::to_string(i) + "@example.org"));
  for (const auto& id : expected) ASSERT_EQ(world.consent(id, kMatching, "given").status, 201);
  publish_material_notice();
  std::set<std::string> found;
  std::string cursor;
  do {
    const Json page = world.coordinator->get(path + "?limit=2" + cursor).json();
    EXPECT_LE(page.at("items").size(), 2U);
    for (const auto& item : page.at("items")) EXPECT_TRUE(found.insert(item.at("subject").get<std::string>()).second);
    cursor = page.contains("next_cursor") ? "&cursor=" + page.at("next_cursor").get<std::string>() : "";
  } while (!cursor.empty());
  EXPECT_EQ(found, expected);
  EXPECT_EQ(world.dpo->get(path + "?limit=501").status, 400);
  EXPECT_EQ(world.dpo->get("/v1/purposes/membership.admin/renewals").status, 409);
  EXPECT_EQ(world.dpo->get("/v1/purposes/no.such/renewals").status, 404);
}

class PurposePutTest : public WorldTest {
 protected:
  std::string path = std::string("/v1/purposes/") + kMatching;
  Reply put(const Json& body, const std::string& etag) {
    return world.dpo->send("PUT", path, body.dump(), {{"If-Match", etag}});
  }
};

TEST_F(PurposePutTest, MakesTheNextVersionOfTheNotice) {
  const Reply read = world.dpo->get(path);
  EXPECT_EQ(read.header("etag"), "\"1\"");
  Json document = read.json();
  EXPECT_EQ(put(document, "\"1\"").header("etag"), "\"1\"");  // the same texts: nothing new
  document["notice"]["texts"] = {{"fr", "Un autre texte."}, {"en", "Another text."}};
  const Reply changed = put(document, "\"1\"");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.header("etag"), "\"2\"");
  EXPECT_EQ(changed.json().at("notice").at("version"), 2);
  EXPECT_EQ(put(document, "\"1\"").status, 412);
  EXPECT_EQ(world.dpo->send("PUT", path, document.dump()).status, 428);
  EXPECT_EQ(world.dpo->get(path + "/notices").json().at("items").size(), 2U);
}

TEST_F(PurposePutTest, RefusesToChangeWhatComesWithThePack) {
  const Json document = world.dpo->get(path).json();
  for (const auto& [member, value] :
       std::map<std::string, Json>{{"legal_basis", "eu-gdpr:A6-1-f"}, {"is_ai", false}, {"default", true}}) {
    Json body = document;
    body["notice"]["texts"] = {{"fr", "Un autre texte."}, {"en", "Another text."}};
    body[member] = value;
    const Reply reply = put(body, "\"1\"");
    EXPECT_EQ(reply.status, 422) << member;
    EXPECT_EQ(reply.json().at("errors")[0].at("pointer"), "#/" + member);
  }
  EXPECT_EQ(put(Json::object(), "\"1\"").status, 422);
  EXPECT_EQ(put(Json::array(), "\"1\"").status, 422);
  EXPECT_EQ(put({{"notice", {{"texts", {{"fr", "x"}}}}}}, "\"1\"").status, 422);  // English is missing
  EXPECT_EQ(world.dpo->get(path).json(), document);
}

}  // namespace
}  // namespace egide::testing
