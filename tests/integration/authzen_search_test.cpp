// AuthZEN search: whom may I contact, what may I do, who may use it; and the same over generic policies.
#include "generic_fixture.h"

namespace egide::testing {
namespace {

constexpr const char* kPeople = "/access/v1/search/resource";
constexpr const char* kTools = "/access/v1/search/subject";
constexpr const char* kActions = "/access/v1/search/action";

class AuthzenSearchTest : public GenericTest {
 protected:
  std::string agree(int n, const char* purpose = kMatching) {
    const auto id = world.register_person("p" + std::to_string(n) + "@example.org");
    EXPECT_EQ(world.consent(id, purpose, "given").status, 201);
    return id;
  }
  Json people_of(const std::string& tool, const std::string& purpose = kMatching) const {
    Json out = world.question(tool, "", purpose);
    out["resource"].erase("id");
    return out;
  }
  Json found(Client& client, const char* path, const Json& body) {
    const Reply reply = client.post(path, body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  static std::vector<std::string> ids(const Json& answer) {
    std::vector<std::string> out;
    for (const auto& result : answer.at("results")) out.push_back(result.at("id").get<std::string>());
    return out;
  }
  // Every page, one after the other; fails when a page is larger than `limit` or the pages don't end.
  std::vector<std::string> all_pages(Client& client, Json body, int limit) {
    std::vector<std::string> out;
    body["page"]["limit"] = limit;
    for (int page = 0; page < 100; ++page) {
      const Json answer = found(client, kPeople, body);
      const auto some = ids(answer);
      EXPECT_LE(some.size(), static_cast<std::size_t>(limit));
      EXPECT_EQ(answer.at("page").at("count"), some.size());
      out.insert(out.end(), some.begin(), some.end());
      const auto next = answer.at("page").at("next_token").get<std::string>();
      if (next.empty()) return out;
      body["page"]["token"] = next;
    }
    ADD_FAILURE() << "the pages don't end";
    return out;
  }
};

TEST_F(AuthzenSearchTest, FindsInPagesEverybodyWhoMayBeContacted) {
  std::set<std::string> agreed;
  for (int i = 0; i < 25; ++i) agreed.insert(agree(i));
  world.register_person("silent@example.org");
  world.consent(world.register_person("no@example.org"), kMatching, "refused");
  for (const int limit : {1, 7, 24, 25, 26}) {
    const auto some = all_pages(*world.dpo, people_of("matcher"), limit);
    EXPECT_EQ(some.size(), 25U) << limit;
    EXPECT_EQ(std::set<std::string>(some.begin(), some.end()), agreed) << limit;
  }
  const Json first = found(*world.dpo, kPeople, people_of("matcher"));
  EXPECT_EQ(first.at("page").at("total"), 25);
  EXPECT_EQ(first.at("page").at("next_token"), "");
}

TEST_F(AuthzenSearchTest, GivesAToolItsOwnPseudonymsEachOfWhichIsPermitted) {
  for (int i = 0; i < 5; ++i) agree(i);
  const auto mine = ids(found(*world.matcher, kPeople, people_of("matcher")));
  const auto theirs = ids(found(*world.other, kPeople, people_of("other")));
  ASSERT_EQ(mine.size(), 5U);
  for (const auto& id : mine) {
    EXPECT_EQ(id.substr(0, 2), "p_");
    EXPECT_EQ(std::count(theirs.begin(), theirs.end(), id), 0);
    EXPECT_EQ(world.evaluate(*world.matcher, "matcher", id, kMatching).at("decision"), true);
    EXPECT_EQ(world.evaluate(*world.other, "other", id, kMatching).at("decision"), false);
  }
  // A gateway that asks for the tool gets what the tool can use.
  EXPECT_EQ(ids(found(*world.gate, kPeople, people_of("matcher"))), mine);
}

// Two tools that lay their pages side by side learn nothing about who is who, nor about who came first.
TEST_F(AuthzenSearchTest, OrdersPeopleDifferentlyForEachTool) {
  std::vector<std::string> in_order;
  for (int i = 0; i < 20; ++i) in_order.push_back(agree(i));
  const auto matcher = ids(found(*world.dpo, kPeople, people_of("matcher")));
  const auto other = ids(found(*world.dpo, kPeople, people_of("other")));
  EXPECT_NE(matcher, other);
  EXPECT_NE(matcher, in_order);
  EXPECT_EQ(std::set<std::string>(matcher.begin(), matcher.end()), std::set<std::string>(other.begin(), other.end()));
}

TEST_F(AuthzenSearchTest, FollowsEachChangeOfAPerson) {
  const auto one = agree(1), two = agree(2), three = agree(3);
  const auto now = [&] {
    const auto list = ids(found(*world.dpo, kPeople, people_of("matcher")));
    return std::set<std::string>(list.begin(), list.end());
  };
  EXPECT_EQ(now(), (std::set<std::string>{one, two, three}));
  world.consent(one, kMatching, "withdrawn");
  EXPECT_EQ(now(), (std::set<std::string>{two, three}));
  world.consent(one, kMatching, "given");
  const auto four = agree(4);
  EXPECT_EQ(now(), (std::set<std::string>{one, two, three, four}));
  world.restart();
  EXPECT_EQ(now(), (std::set<std::string>{one, two, three, four}));
  world.advance(std::chrono::hours(24 * 366 * 3));
  EXPECT_EQ(now(), std::set<std::string>());  // expired, without a job
  const Json answer = found(*world.dpo, kPeople, people_of("matcher"));
  EXPECT_EQ(answer.at("page").at("total"), 0);
}

TEST_F(AuthzenSearchTest, IsBoundedByTheToolsGrants) {
  agree(1);
  EXPECT_TRUE(found(*world.mailer, kPeople, people_of("mailer", kMatching)).at("results").empty());
  EXPECT_TRUE(found(*world.gate, kPeople, people_of("no-such-tool")).at("results").empty());
  EXPECT_TRUE(found(*world.matcher, kPeople, people_of("matcher", "no.such_purpose")).at("results").empty());
  EXPECT_EQ(world.matcher->post(kPeople, people_of("other")).status, 403);
  EXPECT_EQ(world.admin->post(kPeople, people_of("matcher")).status, 403);
  Json categories = people_of("matcher");
  categories["resource"]["properties"]["categories"] = {"user.financial.bank_account"};
  EXPECT_TRUE(found(*world.matcher, kPeople, categories).at("results").empty());
  categories["resource"]["properties"]["categories"] = {"user.demographic.profile.skills"};
  EXPECT_EQ(found(*world.matcher, kPeople, categories).at("results").size(), 1U);
}

TEST_F(AuthzenSearchTest, LogsEachPageWithItsCount) {
  for (int i = 0; i < 5; ++i) agree(i);
  Json body = people_of("matcher");
  body["page"]["limit"] = 3;
  const Json first = found(*world.matcher, kPeople, body);
  body["page"]["token"] = first.at("page").at("next_token");
  const Json second = found(*world.matcher, kPeople, body);
  const std::pair<const Json*, int> pages[] = {{&first, 3}, {&second, 2}};
  for (const auto& [page, count] : pages) {
    const Json entry = world.auditor->get("/v1/audit/entries/" + page->at("context").at("log_index").dump()).json();
    EXPECT_EQ(entry.at("ev"), "access.searched");
    EXPECT_EQ(entry.at("pur"), kMatching);
    EXPECT_EQ(entry.at("size"), count);
    EXPECT_FALSE(entry.contains("sub"));
  }
}

TEST_F(AuthzenSearchTest, PutsObligationsOnEachResult) {
  const auto person = agree(1);
  const Json obligations = world.evaluate(*world.matcher, "matcher", person, kMatching).at("context").at("obligations");
  ASSERT_FALSE(obligations.empty());
  EXPECT_EQ(found(*world.matcher, kPeople, people_of("matcher")).at("results")[0].at("obligations"), obligations);
  const Json actions = found(*world.matcher, kActions, world.question("matcher", person, kMatching));
  EXPECT_EQ(actions.at("results")[0].at("obligations"), obligations);
}

TEST_F(AuthzenSearchTest, SaysWhatAToolMayDoWithAPerson) {
  const auto person = agree(1);
  Json body = world.question("matcher", person, kMatching);
  body.erase("action");
  const Json answer = found(*world.matcher, kActions, body);
  ASSERT_EQ(answer.at("results").size(), 1U);
  EXPECT_EQ(answer.at("results")[0].at("name"), "process");
  EXPECT_EQ(answer.at("results")[0].at("properties"), Json({{"purpose", kMatching}}));
  world.consent(person, kMatching, "withdrawn");
  EXPECT_TRUE(found(*world.matcher, kActions, body).at("results").empty());
  body["resource"]["id"] = "nobody";
  EXPECT_TRUE(found(*world.matcher, kActions, body).at("results").empty());
  body["subject"]["id"] = "mailer";
  EXPECT_EQ(world.matcher->post(kActions, body).status, 403);
}

TEST_F(AuthzenSearchTest, SaysWhichToolsMayUseAPerson) {
  const auto person = agree(1);
  Json body = world.question("", person, kMatching);
  body["subject"].erase("id");
  EXPECT_EQ(ids(found(*world.dpo, kTools, body)), (std::vector<std::string>{"gate", "matcher", "other"}));
  EXPECT_EQ(ids(found(*world.gate, kTools, body)), (std::vector<std::string>{"gate", "matcher", "other"}));
  EXPECT_EQ(ids(found(*world.matcher, kTools, body)), (std::vector<std::string>{"matcher"}));  // no more than itself
  EXPECT_TRUE(ids(found(*world.mailer, kTools, body)).empty());
  world.admin->send("DELETE", "/v1/tools/other");
  EXPECT_EQ(ids(found(*world.dpo, kTools, body)), (std::vector<std::string>{"gate", "matcher"}));
  world.consent(person, kMatching, "withdrawn");
  EXPECT_TRUE(ids(found(*world.dpo, kTools, body)).empty());
}

TEST_F(AuthzenSearchTest, EnumeratesGenericPoliciesInTheFilesOrder) {
  Json books = asked("lena", "borrow", "b-1");
  EXPECT_EQ(ids(found(*world.gate, kPeople, books)), (std::vector<std::string>{"b-1", "b-3"}));
  Json readers = asked("lena", "borrow", "b-1");
  EXPECT_EQ(ids(found(*world.gate, kTools, readers)), (std::vector<std::string>{"lena", "omar"}));
  const Json actions = found(*world.gate, kActions, asked("omar", "", "b-1"));
  EXPECT_EQ(actions.at("results"), Json::parse(R"([{"name":"borrow"},{"name":"view"}])"));  // discard needs a form
  EXPECT_EQ(actions.at("page"), Json::parse(R"({"next_token":"","count":2,"total":2})"));
  Json owner = asked("lena", "view", "acc-9");
  EXPECT_EQ(ids(found(*world.gate, kTools, owner)), std::vector<std::string>{"lena"});
}

TEST_F(AuthzenSearchTest, PagesGenericResults) {
  Json body = asked("lena", "borrow", "b-1");
  body["page"]["limit"] = 1;
  const Json first = found(*world.gate, kPeople, body);
  EXPECT_EQ(ids(first), std::vector<std::string>{"b-1"});
  EXPECT_EQ(first.at("page").at("total"), 2);
  body["page"]["token"] = first.at("page").at("next_token");
  body["page"].erase("limit");  // inherits the token's
  const Json second = found(*world.gate, kPeople, body);
  EXPECT_EQ(ids(second), std::vector<std::string>{"b-3"});
  EXPECT_EQ(second.at("page").at("next_token"), "");
  EXPECT_EQ(second.at("page").at("total"), 2);
}

TEST_F(AuthzenSearchTest, CountsWithoutAResultAtLimit0) {
  for (int i = 0; i < 3; ++i) agree(i);
  const std::pair<Client*, Json> searches[] = {{world.gate.get(), asked("lena", "borrow", "b-1")},
                                               {world.matcher.get(), people_of("matcher")}};
  for (auto [client, body] : searches) {
    const auto whole = ids(found(*client, kPeople, body));
    body["page"]["limit"] = 0;
    const Json none = found(*client, kPeople, body);
    EXPECT_TRUE(none.at("results").empty());
    EXPECT_EQ(none.at("page").at("total"), whole.size());
    ASSERT_NE(none.at("page").at("next_token"), "");
    body["page"] = {{"token", none.at("page").at("next_token")}};
    EXPECT_EQ(ids(found(*client, kPeople, body)), whole);  // from the first result on, the default limit
  }
}

TEST_F(AuthzenSearchTest, ClampsALimitAboveTheMaximum) {
  agree(1);
  Json body = people_of("matcher");
  body["page"]["limit"] = 1'000'000;
  EXPECT_EQ(found(*world.matcher, kPeople, body).at("page").at("count"), 1);
}

TEST_F(AuthzenSearchTest, FindsNothingForWhatIsUnknown) {
  Json ghosts = asked("lena", "borrow", "b-1");
  for (const char* path : {kPeople, kTools, kActions}) {
    for (const char* entity : {"subject", "resource"}) {
      Json body = ghosts;
      body[entity]["type"] = "ghost";
      const Json answer = found(*world.gate, path, body);
      EXPECT_EQ(answer.at("results"), Json::array());
      EXPECT_EQ(answer.at("page").at("next_token"), "");
    }
  }
  EXPECT_TRUE(found(*world.gate, kPeople, asked("nobody", "borrow", "b-1")).at("results").empty());
  EXPECT_TRUE(found(*world.gate, kTools, asked("lena", "borrow", "b-99")).at("results").empty());
  EXPECT_TRUE(found(*world.gate, kActions, asked("lena", "borrow", "b-99")).at("results").empty());
}

TEST_F(AuthzenSearchTest, PutsThePageFirst) {
  const Reply reply = world.gate->post(kPeople, asked("lena", "borrow", "b-1"));
  EXPECT_EQ(reply.body.rfind(R"({"page":{"next_token":)", 0), 0U) << reply.body;
}

}  // namespace
}  // namespace egide::testing
