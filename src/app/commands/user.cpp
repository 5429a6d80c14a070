#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/base/time.h"
#include "egide/vault/accounts.h"
#include "opening.h"
#include "output.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string label, role;
};

base::Result<void> add(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  auto& services = opened->services();
  const auto role = vault::parse_role(flags.role);
  EGIDE_CHECK(role.has_value());  // the command line allows no other
  EGIDE_TRY(const auto added, vault::Accounts(services).add_account(vault::Accounts::operator_of_the_machine(services),
                                                                    flags.label, *role));
  if (flags.json) {
    print_json({{"id", added.id}, {"label", flags.label}, {"role", flags.role}, {"token", added.token}});
    return {};
  }
  print_line("Account " + flags.label + " (" + flags.role + "), id " + added.id);
  print_line("Token, shown this once: " + added.token);
  return {};
}

base::Result<void> list(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  nlohmann::json all = nlohmann::json::array();
  for (const auto& account : vault::Accounts(opened->services()).accounts()) {
    if (flags.json)
      all.push_back({{"id", account.id},
                     {"label", account.label},
                     {"role", std::string(vault::name_of(account.role))},
                     {"active", account.active},
                     {"created_at", base::format_rfc3339(account.created_at)}});
    else
      print_line(account.id + "  " + std::string(vault::name_of(account.role)) + "  " +
                 (account.active ? "active" : "disabled") + "  " + account.label);
  }
  if (flags.json) print_json({{"items", all}});
  return {};
}

base::Result<void> disable(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  auto& services = opened->services();
  EGIDE_TRY_VOID(
      vault::Accounts(services).disable_account(vault::Accounts::operator_of_the_machine(services), flags.label));
  if (flags.json)
    print_json({{"disabled", flags.label}});
  else
    print_line("Disabled: " + flags.label);
  return {};
}

}  // namespace

void register_user(CLI::App& root) {
  CLI::App& user = *root.add_subcommand("user", "Accounts of the staff");
  user.require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App& adding = *user.add_subcommand("add", "Add an account; its token is shown once");
  add_common(adding, *flags);
  adding.add_option("label", flags->label, "What the account is called: a function, not a person's name")->required();
  adding.add_option("--role", flags->role, "admin, dpo, coordinator or auditor")
      ->required()
      ->check(CLI::IsMember({"admin", "dpo", "coordinator", "auditor"}));
  on_run(adding, [flags] { return add(*flags); });

  CLI::App& listing = *user.add_subcommand("list", "List the accounts");
  add_common(listing, *flags);
  on_run(listing, [flags] { return list(*flags); });

  CLI::App& disabling = *user.add_subcommand("disable", "Disable an account at once");
  add_common(disabling, *flags);
  disabling.add_option("label", flags->label, "Label or id")->required();
  on_run(disabling, [flags] { return disable(*flags); });
}

}  // namespace egide::app
