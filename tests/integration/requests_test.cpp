// Rights requests: opening, moving, listing.
#include "world.h"

namespace egide::testing {
namespace {

class RequestsTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");

  Json asked(const std::string& type) const {
    Json out;
    out["type"] = type;
    out["subject"] = person;
    return out;
  }
  Reply open(const std::string& type) { return world.dpo->post("/v1/requests", asked(type)); }
  Reply move(const std::string& path, const std::string& etag, const Json& body) {
    return world.dpo->post(path + "/transitions", body, {{"If-Match", etag}});
  }
};

TEST_F(RequestsTest, AnswersWhatIsDueWhen) {
  const Reply reply = open("access");
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json().at("type"), "access");
  EXPECT_EQ(reply.json().at("legal_due"), "2026-04-02");
  EXPECT_EQ(reply.json().at("due"), "2026-04-02");
  EXPECT_EQ(reply.json().at("subject"), person);
  const Reply read = world.dpo->get(reply.header("location"));
  EXPECT_EQ(read.json().at("id"), reply.json().at("id"));
  EXPECT_EQ(read.header("etag"), reply.header("etag"));
}

TEST_F(RequestsTest, MovesOnlyTheVersionThatWasRead) {
  const Reply opened = open("access");
  const auto path = opened.header("location");
  const Json to = {{"to", "in_progress"}};
  EXPECT_EQ(world.dpo->post(path + "/transitions", to).status, 428);
  EXPECT_EQ(move(path, "\"99\"", to).status, 412);
  const Reply moved = move(path, opened.header("etag"), to);
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(moved.json().at("state"), "in_progress");
  EXPECT_NE(moved.header("etag"), opened.header("etag"));
  EXPECT_EQ(move(path, opened.header("etag"), to).status, 412);
  EXPECT_EQ(move(path, moved.header("etag"), {{"to", "acknowledged"}}).status, 409);
  EXPECT_EQ(move(path, moved.header("etag"), {{"to", "no_such_state"}}).status, 422);
  EXPECT_EQ(move(path, moved.header("etag"), {{"to", "refused"}}).status, 422);  // without a ground
  const Reply refused = move(path, moved.header("etag"), {{"to", "refused"}, {"ground", "excessive"}});
  ASSERT_EQ(refused.status, 200) << refused.body;
  EXPECT_EQ(refused.json().at("transitions").back().at("ground"), "excessive");
}

TEST_F(RequestsTest, RestrictsAPersonAndHidesTheContentFromStaff) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const Reply opened = open("restriction");
  const auto path = opened.header("location");
  const Reply moved = move(path, opened.header("etag"), {{"to", "in_progress"}});
  ASSERT_EQ(move(path, moved.header("etag"), {{"to", "fulfilled"}}).status, 200);
  const Reply read = world.dpo->get("/v1/subjects/" + person, {{"X-Purpose", "support"}});
  ASSERT_EQ(read.status, 200);
  EXPECT_EQ(read.json().at("restricted"), true);
  EXPECT_TRUE(read.json().at("attributes").empty());
}

TEST_F(RequestsTest, ListsByStateTypeAndPerson) {
  ASSERT_EQ(open("access").status, 201);
  ASSERT_EQ(open("portability").status, 201);
  const auto count = [this](const std::string& query) {
    const Reply reply = world.dpo->get("/v1/requests" + query);
    EXPECT_EQ(reply.status, 200) << query << reply.body;
    return reply.json().at("items").size();
  };
  EXPECT_EQ(count(""), 2U);
  EXPECT_EQ(count("?type=access"), 1U);
  EXPECT_EQ(count("?state=fulfilled"), 0U);
  EXPECT_EQ(count("?subject=" + person), 2U);
  EXPECT_EQ(count("?limit=1"), 1U);
  EXPECT_EQ(world.dpo->get("/v1/requests?subject=nobody").status, 400);
  EXPECT_EQ(world.dpo->get("/v1/requests?limit=201").status, 400);
  EXPECT_EQ(world.dpo->get("/v1/requests?cursor=AAAA").status, 400);
}

TEST_F(RequestsTest, SaysWhatIsWrong) {
  for (const Json& body : {Json::object(), Json{{"type", "no_such_type"}, {"subject", person}},
                           Json{{"type", "access"}, {"subject", "nobody"}},
                           Json{{"type", "access"}, {"subject", person}, {"received_at", "2027-01-01T00:00:00Z"}},
                           Json{{"type", "access"}, {"subject", person}, {"scope", {{"purposes", {"no.such"}}}}},
                           Json{{"type", "access"}, {"subject", person}, {"scope", {{"other", 1}}}},
                           Json{{"type", 3}, {"subject", person}}}) {
    const Reply reply = world.dpo->post("/v1/requests", body);
    EXPECT_EQ(reply.status, 422) << body << reply.body;
  }
  Json unknown = asked("access");
  unknown["subject"] = "00000000-0000-0000-0000-000000000000";
  EXPECT_EQ(world.dpo->post("/v1/requests", unknown).status, 404);
  EXPECT_EQ(world.dpo->get("/v1/requests/00000000-0000-0000-0000-000000000000").status, 404);
  EXPECT_EQ(world.dpo->get("/v1/requests/x/package").status, 404);
}

}  // namespace
}  // namespace egide::testing
