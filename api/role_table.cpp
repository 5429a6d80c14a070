#include "egide/api/role_table.h"

namespace egide::api {
namespace {

constexpr Role kPublic = Role::Public;
constexpr Role kTool = Role::Tool;
constexpr Role kSubject = Role::Subject;
constexpr Role kCoordinator = Role::Coordinator;
constexpr Role kDpo = Role::Dpo;
constexpr Role kAuditor = Role::Auditor;
constexpr Role kAdmin = Role::Admin;

// Admin keeps accounts, tools and keys and sees no personal data; auditor sees the log, decisions and reports and no
// identities.
constexpr RoleRule kRules[] = {
    // People and their consents.
    {"subjects.create", {kCoordinator, kDpo}},
    {"subjects.lookup", {kCoordinator, kDpo}},
    {"subjects.get", {kSubject, kCoordinator, kDpo}},
    {"subjects.patch", {kCoordinator, kDpo}},  // a person corrects through a request, which leaves a trace
    {"consents.record", {kSubject, kCoordinator, kDpo}},
    {"consents.list", {kSubject, kCoordinator, kDpo}},
    {"consents.get", {kSubject, kCoordinator, kDpo}},
    {"consents.receipt", {kSubject, kCoordinator, kDpo}},
    {"receipts.keys", {kPublic}},
    {"choices.show", {kPublic}},  // a purpose and its notice
    {"choices.ask", {kPublic}},   // says nothing about anybody
    {"confirmation.ask", {kPublic}},   // says nothing about anybody
    {"confirmation.show", {kPublic}},  // who has the link of a mail
    {"confirmation.answer", {kPublic}},
    {"guardians.add", {kCoordinator, kDpo}},
    {"guardians.list", {kSubject, kCoordinator, kDpo}},
    {"guardians.end", {kCoordinator, kDpo}},
    {"mail.list", {kDpo}},
    // What data are used for: nothing personal.
    {"purposes.list", {kTool, kSubject, kCoordinator, kDpo, kAuditor, kAdmin}},
    {"purposes.get", {kTool, kSubject, kCoordinator, kDpo, kAuditor, kAdmin}},
    {"purposes.put", {kDpo}},  // its notice: the rest comes with the pack
    {"renewals.list", {kCoordinator, kDpo}},
    {"renewals.ask", {kDpo}},
    {"notices.list", {kTool, kSubject, kCoordinator, kDpo, kAuditor, kAdmin}},
    {"notices.publish", {kDpo}},
    // The consent gateway.
    {"access.evaluation", {kTool, kDpo}},
    {"access.evaluations", {kTool, kDpo}},
    {"access.search_subject", {kTool, kSubject, kDpo}},  // a person: who may use what is theirs
    {"access.search_resource", {kTool, kDpo}},
    {"access.search_action", {kTool, kDpo}},
    {"access.request", {kTool}},
    {"access.request_status", {kTool}},
    {"authzen.metadata", {kPublic}},
    {"authzen.metadata_of_path", {kPublic}},
    {"opa.data", {kTool, kDpo}},
    {"opa.data_v0", {kTool, kDpo}},
    {"gateway.read", {kTool}},
    {"gateway.pseudonyms", {kTool}},
    {"forward.ask", {kTool}},  // by a proxy, with the key of the tool it stands in front of
    {"forward.ask_below", {kTool}},
    // Data that leave in bulk, and pseudonyms that are lifted.
    {"datasets.create", {kTool, kDpo}},  // a tool for itself
    {"datasets.list", {kTool, kDpo, kAuditor}},
    {"datasets.get", {kTool, kDpo, kAuditor}},
    {"reidentifications.open", {kCoordinator, kDpo}},
    {"reidentifications.list", {kCoordinator, kDpo}},
    {"reidentifications.get", {kCoordinator, kDpo}},
    {"reidentifications.approve", {kCoordinator, kDpo}},  // never the one who opened it
    // Algorithmic decisions.
    {"decisions.record", {kTool}},
    {"decisions.list", {kTool, kDpo, kAuditor}},
    {"decisions.get", {kTool, kSubject, kDpo, kAuditor}},
    {"decisions.explanation", {kTool, kSubject, kDpo, kAuditor}},
    // Rights of the people concerned.
    {"requests.open", {kSubject, kCoordinator, kDpo}},
    {"requests.list", {kSubject, kDpo}},
    {"requests.get", {kSubject, kDpo}},
    {"requests.transition", {kDpo}},
    {"requests.preview", {kSubject, kDpo}},  // of an erasure: what would go
    {"requests.package", {kSubject, kDpo}},
    // The log. Checkpoints and hash tiles hold no entry; entry bundles do.
    {"log.checkpoint", {kPublic}},
    {"log.tile", {kPublic}},
    {"log.entries", {kDpo, kAuditor}},
    {"audit.entries", {kDpo, kAuditor}},
    {"audit.entry", {kDpo, kAuditor}},
    {"audit.proof", {kTool, kSubject, kDpo, kAuditor}},
    {"audit.consistency", {kPublic}},
    // Administration.
    {"tools.list", {kAdmin}},
    {"tools.create", {kAdmin}},
    {"tools.revoke", {kAdmin}},
    {"users.list", {kAdmin}},
    {"users.create", {kAdmin}},
    {"users.disable", {kAdmin}},
    // Webhooks: a tool sees its own, sends again, and says what it has done.
    {"webhooks.create", {kAdmin}},
    {"webhooks.list", {kTool, kAdmin}},
    {"webhooks.get", {kTool, kAdmin}},
    {"webhooks.patch", {kAdmin}},
    {"webhooks.delete", {kAdmin}},
    {"webhooks.rotate", {kAdmin}},
    {"webhooks.test", {kAdmin}},
    {"webhooks.deliveries", {kTool, kAdmin}},
    {"webhooks.redeliver_many", {kTool, kAdmin}},
    {"webhooks.redeliver", {kTool, kAdmin}},
    {"webhooks.acknowledge", {kTool}},
    // Operations.
    {"ops.health", {kPublic}},
    {"ops.ready", {kPublic}},
    {"ops.openapi", {kPublic}},
    {"ops.docs", {kPublic}},
    {"ops.home", {kPublic}},
};

constexpr bool names_are_unique() {
  for (const auto& a : kRules) {
    int found = 0;
    for (const auto& b : kRules) found += a.route == b.route ? 1 : 0;
    if (found != 1 || a.roles.empty()) return false;
  }
  return true;
}
static_assert(names_are_unique(), "each route has one rule, and each rule a role");

}  // namespace

const char* name_of(Role role) noexcept {
  switch (role) {
    case Role::Public:
      return "public";
    case Role::Tool:
      return "tool";
    case Role::Subject:
      return "subject";
    case Role::Coordinator:
      return "coordinator";
    case Role::Dpo:
      return "dpo";
    case Role::Auditor:
      return "auditor";
    case Role::Admin:
      return "admin";
  }
  return "public";
}

std::optional<Role> parse_role(std::string_view text) noexcept {
  for (const Role role : kAllRoles) {
    if (text == name_of(role)) return role;
  }
  return std::nullopt;
}

std::span<const RoleRule> role_table() noexcept { return kRules; }

bool may_call(std::span<const RoleRule> table, std::string_view route, Role role) noexcept {
  for (const auto& rule : table) {
    if (rule.route == route) return rule.roles.has(role) || rule.roles.has(Role::Public);
  }
  return false;
}

}  // namespace egide::api
