// Searches below HTTP: what the portal will ask for a person, and what changes between deciding and logging.
#include "egide/vault/search_access.h"

#include "requests_fixture.h"

namespace egide::vault {
namespace {

class SearchAccessTest : public RequestsFixture {
 protected:
  base::SubjectId somebody(const std::string& email) {
    Attributes attributes;
    attributes["user.contact.email"] = email;
    attributes["user.demographic.date_of_birth"] = "1980-02-29";
    const auto id = RegisterSubject(services()).execute(dpo_, attributes, "fr", "api");
    EXPECT_TRUE(id);
    NewConsent consent;
    consent.purpose = "ai.mission_matching";
    consent.status = "given";
    consent.channel = "paper";
    consent.evidence = "form";
    EXPECT_TRUE(RecordConsent(services()).execute(dpo_, *id, consent));
    return *id;
  }
  static Caller self(const base::SubjectId& id) {
    Caller caller;
    caller.role = Role::Subject;
    caller.id = id.str();
    caller.subject = id;
    return caller;
  }
  static AccessQuestion about(const base::SubjectId& id) {
    AccessQuestion question;
    question.tool = "matcher";
    question.person = id.str();
    question.purpose = "ai.mission_matching";
    return question;
  }
};

TEST_F(SearchAccessTest, TellsAPersonWhichToolsMayUseWhatIsTheirsAndNobodyElses) {
  const auto one = somebody("a@example.org"), two = somebody("b@example.org");
  const auto mine = SearchAccess(services()).tools(self(one), about(one), {});
  ASSERT_TRUE(mine) << mine.error().message();
  ASSERT_EQ(mine->results.size(), 1U);
  EXPECT_EQ(mine->results[0].id, "matcher");
  const auto theirs = SearchAccess(services()).tools(self(one), about(two), {});
  ASSERT_TRUE(theirs);
  EXPECT_TRUE(theirs->results.empty());
}

TEST_F(SearchAccessTest, GivesTheLastPageToATokenThatOutlivedAChange) {
  std::vector<base::SubjectId> people;
  for (const char* email : {"a@example.org", "b@example.org", "c@example.org"}) people.push_back(somebody(email));
  PageRequest page;
  page.query = "q";
  page.limit = 2;
  const auto first = SearchAccess(services()).people(dpo_, about(people[0]), page);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->total, 3U);
  ASSERT_EQ(first->results.size(), 2U);
  // Who stood on the first page withdraws: the second is as it was, for the token names a place and not a number.
  NewConsent withdrawal;
  withdrawal.purpose = "ai.mission_matching";
  withdrawal.status = "withdrawn";
  withdrawal.channel = "portal";
  ASSERT_TRUE(RecordConsent(services()).execute(dpo_, *base::SubjectId::parse(first->results[0].id), withdrawal));
  page.token = first->next_token;
  const auto second = SearchAccess(services()).people(dpo_, about(people[0]), page);
  ASSERT_TRUE(second) << second.error().message();
  ASSERT_EQ(second->results.size(), 1U);
  EXPECT_NE(second->results[0].id, first->results[0].id);
  EXPECT_NE(second->results[0].id, first->results[1].id);
  EXPECT_TRUE(second->next_token.empty());
}

TEST_F(SearchAccessTest, LogsAnActionSearchInThePersonsChain) {
  const auto one = somebody("a@example.org");
  const auto found = SearchAccess(services()).purposes(tool_, about(one), {});
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->results.size(), 1U);
  EXPECT_EQ(found->results[0].id, "ai.mission_matching");
  EXPECT_EQ(services().subjects.chain_head(one), found->log_index + 1);
}

}  // namespace
}  // namespace egide::vault
