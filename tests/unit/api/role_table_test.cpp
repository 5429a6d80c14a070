// Walks every route and every role. Whoever changes the table changes this list too, and says why.
#include "egide/api/role_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace egide::api {
namespace {

// One letter a role: p(ublic) t(ool) s(ubject) c(oordinator) d(po) a(uditor) A(dmin).
const std::map<std::string, std::string> kExpected = {{"subjects.create", "cd"},
                                                      {"subjects.lookup", "cd"},
                                                      {"subjects.get", "scd"},
                                                      {"subjects.patch", "cd"},
                                                      {"consents.record", "scd"},
                                                      {"consents.list", "scd"},
                                                      {"consents.get", "scd"},
                                                      {"consents.receipt", "scd"},
                                                      {"receipts.keys", "ptscdaA"},
                                                      {"datasets.create", "td"},
                                                      {"datasets.list", "tda"},
                                                      {"datasets.get", "tda"},
                                                      {"reidentifications.open", "cd"},
                                                      {"reidentifications.list", "cd"},
                                                      {"reidentifications.get", "cd"},
                                                      {"reidentifications.approve", "cd"},
                                                      {"choices.show", "ptscdaA"},
                                                      {"choices.ask", "ptscdaA"},
                                                      {"confirmation.ask", "ptscdaA"},
                                                      {"confirmation.show", "ptscdaA"},
                                                      {"confirmation.answer", "ptscdaA"},
                                                      {"guardians.add", "cd"},
                                                      {"guardians.list", "scd"},
                                                      {"guardians.end", "cd"},
                                                      {"mail.list", "d"},
                                                      {"purposes.put", "d"},
                                                      {"renewals.list", "cd"},
                                                      {"renewals.ask", "d"},
                                                      {"purposes.list", "tscdaA"},
                                                      {"purposes.get", "tscdaA"},
                                                      {"notices.list", "tscdaA"},
                                                      {"notices.publish", "d"},
                                                      {"access.evaluation", "td"},
                                                      {"access.evaluations", "td"},
                                                      {"access.search_subject", "tsd"},
                                                      {"access.search_resource", "td"},
                                                      {"access.search_action", "td"},
                                                      {"access.request", "t"},
                                                      {"access.request_status", "t"},
                                                      {"authzen.metadata", "ptscdaA"},
                                                      {"authzen.metadata_of_path", "ptscdaA"},
                                                      {"opa.data", "td"},
                                                      {"opa.data_v0", "td"},
                                                      {"gateway.read", "t"},
                                                      {"gateway.pseudonyms", "t"},
                                                      {"forward.ask", "t"},
                                                      {"forward.ask_below", "t"},
                                                      {"decisions.record", "t"},
                                                      {"decisions.list", "tda"},
                                                      {"decisions.get", "tsda"},
                                                      {"decisions.explanation", "tsda"},
                                                      {"requests.open", "scd"},
                                                      {"requests.list", "sd"},
                                                      {"requests.get", "sd"},
                                                      {"requests.transition", "d"},
                                                      {"requests.preview", "sd"},
                                                      {"requests.package", "sd"},
                                                      {"log.checkpoint", "ptscdaA"},
                                                      {"log.tile", "ptscdaA"},
                                                      {"log.entries", "da"},
                                                      {"audit.entries", "da"},
                                                      {"audit.entry", "da"},
                                                      {"audit.proof", "tsda"},
                                                      {"audit.consistency", "ptscdaA"},
                                                      {"tools.list", "A"},
                                                      {"tools.create", "A"},
                                                      {"tools.revoke", "A"},
                                                      {"users.list", "A"},
                                                      {"users.create", "A"},
                                                      {"users.disable", "A"},
                                                      {"webhooks.create", "A"},
                                                      {"webhooks.list", "tA"},
                                                      {"webhooks.get", "tA"},
                                                      {"webhooks.patch", "A"},
                                                      {"webhooks.delete", "A"},
                                                      {"webhooks.rotate", "A"},
                                                      {"webhooks.test", "A"},
                                                      {"webhooks.deliveries", "tA"},
                                                      {"webhooks.redeliver_many", "tA"},
                                                      {"webhooks.redeliver", "tA"},
                                                      {"webhooks.acknowledge", "t"},
                                                      {"ops.health", "ptscdaA"},
                                                      {"ops.ready", "ptscdaA"},
                                                      {"ops.openapi", "ptscdaA"},
                                                      {"ops.docs", "ptscdaA"},
                                                      {"ops.home", "ptscdaA"}};
constexpr std::string_view kLetters = "ptscdaA";

TEST(RoleTableTest, LetsEachRoleCallWhatIsWrittenAndNothingElse) {
  for (const auto& [route, letters] : kExpected) {
    for (std::size_t i = 0; i < kAllRoles.size(); ++i) {
      const bool expected = letters.find(kLetters[i]) != std::string::npos;
      EXPECT_EQ(may_call(role_table(), route, kAllRoles[i]), expected) << route << " " << name_of(kAllRoles[i]);
    }
  }
}

TEST(RoleTableTest, HoldsNoRuleThatThisTestDoesNotKnow) {
  EXPECT_EQ(role_table().size(), kExpected.size());
  for (const auto& rule : role_table()) EXPECT_TRUE(kExpected.contains(std::string(rule.route))) << rule.route;
}

TEST(RoleTableTest, RefusesEverybodyOnARouteWithoutARule) {
  for (const Role role : kAllRoles) EXPECT_FALSE(may_call(role_table(), "subjects.export_all", role));
}

TEST(RoleTableTest, KeepsPersonalDataFromAdminAndIdentitiesFromAuditor) {
  for (const auto& rule : role_table()) {
    const bool personal = rule.route.starts_with("subjects.") || rule.route.starts_with("consents.") ||
                          rule.route.starts_with("requests.") || rule.route.starts_with("gateway.") ||
                          rule.route.starts_with("guardians.") || rule.route.starts_with("renewals.") ||
                          rule.route.starts_with("mail.");
    if (!personal) continue;
    EXPECT_FALSE(rule.roles.has(Role::Admin)) << rule.route;
    EXPECT_FALSE(rule.roles.has(Role::Auditor)) << rule.route;
    EXPECT_FALSE(rule.roles.has(Role::Public)) << rule.route;
  }
}

TEST(RoleTest, ReadsTheNamesItWrites) {
  for (const Role role : kAllRoles) EXPECT_EQ(parse_role(name_of(role)), role);
  EXPECT_FALSE(parse_role("DPO"));
  EXPECT_FALSE(parse_role(""));
}

}  // namespace
}  // namespace egide::api
