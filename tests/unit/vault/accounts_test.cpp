#include "egide/vault/accounts.h"

#include <gtest/gtest.h>

#include "requests_fixture.h"

namespace egide::vault {
namespace {

class AccountsTest : public RequestsFixture {
 protected:
  Accounts accounts() { return Accounts(services()); }
  Caller admin() { return Accounts::operator_of_the_machine(services()); }
  std::string new_tool(const std::string& id, std::vector<std::string> purposes = {"ai.mission_matching"}) {
    NewTool tool;
    tool.id = id;
    tool.purposes = std::move(purposes);
    const auto token = accounts().add_tool(admin(), tool);
    EXPECT_TRUE(token);
    return *token;
  }
};

TEST_F(AccountsTest, ATokenIsWhoItWasMadeFor) {
  const auto token = new_tool("newsletter", {"newsletter.noncommercial"});
  const auto caller = accounts().authenticate(token);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->role, Role::Tool);
  EXPECT_EQ(caller->id, "newsletter");
  EXPECT_EQ(caller->tool->purposes, (std::vector<std::string>{"newsletter.noncommercial"}));
  const auto added = accounts().add_account(admin(), "Alix", Role::Dpo);
  ASSERT_TRUE(added);
  const auto officer = accounts().authenticate(added->token);
  ASSERT_TRUE(officer);
  EXPECT_EQ(officer->role, Role::Dpo);
  EXPECT_EQ(officer->id, added->id);
}

// One answer for malformed, unknown, revoked: a guess learns nothing.
TEST_F(AccountsTest, EveryOtherTokenGetsOneAnswer) {
  const auto token = new_tool("revoked");
  ASSERT_TRUE(accounts().revoke_tool(admin(), "revoked"));
  std::string other = token;
  other[0] = other[0] == 'A' ? 'B' : 'A';
  for (const std::string& wrong : {token, other, std::string(), std::string("x"), token + "A", std::string(43, '!')}) {
    const auto refused = accounts().authenticate(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), base::ErrorCode::Unauthenticated);
    EXPECT_EQ(refused.error().message(), accounts().authenticate("").error().message());
  }
}

TEST_F(AccountsTest, ARevokedToolIsUnknownToTheNextEvaluation) {
  give_consent("ai.mission_matching");
  ASSERT_TRUE(evaluate().decision.permit);
  ASSERT_TRUE(accounts().revoke_tool(admin(), "matcher"));
  EXPECT_EQ(evaluate().decision.reason, policies::Reason::UnknownTool);  // with the caller as it was before
  EXPECT_FALSE(accounts().tool("matcher")->active);
}

TEST_F(AccountsTest, ADisabledAccountStaysDisabledAfterARestart) {
  const auto added = accounts().add_account(admin(), "Alix", Role::Coordinator);
  ASSERT_TRUE(added);
  ASSERT_TRUE(accounts().disable_account(admin(), added->id));
  EXPECT_FALSE(accounts().authenticate(added->token));
  reopen();
  EXPECT_FALSE(accounts().authenticate(added->token));
}

TEST_F(AccountsTest, NamesAreUniqueAndChecked) {
  new_tool("twice");
  NewTool tool;
  tool.id = "twice";
  tool.purposes = {"ai.mission_matching"};
  EXPECT_EQ(accounts().add_tool(admin(), tool).error().code(), base::ErrorCode::Conflict);
  for (const char* id : {"", "Upper", "with space", "é"}) {
    tool.id = id;
    EXPECT_EQ(accounts().add_tool(admin(), tool).error().code(), base::ErrorCode::InvalidRequest) << id;
  }
  tool.id = "stranger";
  tool.purposes = {"no.such_purpose"};
  EXPECT_EQ(accounts().add_tool(admin(), tool).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(accounts().revoke_tool(admin(), "nobody").error().code(), base::ErrorCode::NotFound);
  ASSERT_TRUE(accounts().add_account(admin(), "Alix", Role::Dpo));
  EXPECT_EQ(accounts().add_account(admin(), "Alix", Role::Dpo).error().code(), base::ErrorCode::Conflict);
  EXPECT_EQ(accounts().add_account(admin(), "T", Role::Tool).error().code(), base::ErrorCode::InvalidRequest);
  EXPECT_EQ(accounts().disable_account(admin(), "nobody").error().code(), base::ErrorCode::NotFound);
}

TEST_F(AccountsTest, EachChangeStandsInTheLog) {
  const auto size = log_size();
  new_tool("logged");
  ASSERT_TRUE(accounts().revoke_tool(admin(), "logged"));
  const auto added = accounts().add_account(admin(), "Alix", Role::Auditor);
  ASSERT_TRUE(added);
  ASSERT_TRUE(accounts().disable_account(admin(), added->id));
  EXPECT_EQ(events_from(size),
            (std::vector<std::string>{"tool.changed", "tool.changed", "user.changed", "user.changed"}));
}

// A token is shown once: neither it nor anything it could be found from by trying stands in the files.
TEST_F(AccountsTest, TheTokenIsNotKept) {
  const auto token = new_tool("secret");
  const auto bytes = base::from_base64url(token);
  ASSERT_TRUE(bytes);
  const auto reads = services().reads->lease();
  const auto rows = storage::AccountRepository(**reads).tools();
  ASSERT_TRUE(rows);
  for (const auto& row : *rows) {
    EXPECT_NE(row.token_hash, *bytes);
    EXPECT_EQ(row.token_hash.size(), 32U);
  }
}

}  // namespace
}  // namespace egide::vault
