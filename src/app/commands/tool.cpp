#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/base/time.h"
#include "egide/vault/accounts.h"
#include "opening.h"
#include "output.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  vault::NewTool tool;
};

base::Result<void> add(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  auto& services = opened->services();
  EGIDE_TRY(const auto token,
            vault::Accounts(services).add_tool(vault::Accounts::operator_of_the_machine(services), flags.tool));
  if (flags.json) {
    print_json({{"id", flags.tool.id}, {"purposes", flags.tool.purposes}, {"token", token}});
    return {};
  }
  print_line("Tool " + flags.tool.id);
  print_line("Key, shown this once: " + token);
  return {};
}

base::Result<void> list(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  nlohmann::json all = nlohmann::json::array();
  for (const auto& tool : vault::Accounts(opened->services()).tools()) {
    if (flags.json) {
      all.push_back({{"id", tool.id},
                     {"name", tool.name},
                     {"purposes", tool.purposes},
                     {"recipient_class", tool.recipient_class},
                     {"evaluate_any", tool.evaluate_any},
                     {"active", tool.active},
                     {"created_at", base::format_rfc3339(tool.created_at)}});
      continue;
    }
    std::string purposes;
    for (const auto& purpose : tool.purposes) purposes += " " + purpose;
    print_line(tool.id + "  " + (tool.active ? "active" : "revoked") + " " + purposes);
  }
  if (flags.json) print_json({{"items", all}});
  return {};
}

base::Result<void> revoke(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  auto& services = opened->services();
  EGIDE_TRY_VOID(
      vault::Accounts(services).revoke_tool(vault::Accounts::operator_of_the_machine(services), flags.tool.id));
  if (flags.json)
    print_json({{"revoked", flags.tool.id}});
  else
    print_line("Revoked: " + flags.tool.id);
  return {};
}

}  // namespace

void register_tool(CLI::App& root) {
  CLI::App& tool = *root.add_subcommand("tool", "Tools that call the gateway, and their keys");
  tool.require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App& adding = *tool.add_subcommand("add", "Add a tool; its key is shown once");
  add_common(adding, *flags);
  adding.add_option("id", flags->tool.id, "Its id: a-z, 0-9, '-', '_', '.'")->required();
  adding.add_option("--name", flags->tool.name, "What people read");
  adding.add_option("--purpose", flags->tool.purposes, "A purpose granted to it; repeat for more");
  adding.add_option("--recipient-class", flags->tool.recipient_class,
                    "Class of an outside recipient (charity_partner, ...)");
  adding.add_flag("--evaluate-any", flags->tool.evaluate_any, "May ask about other tools too (gateways)");
  on_run(adding, [flags] { return add(*flags); });

  CLI::App& listing = *tool.add_subcommand("list", "List the tools");
  add_common(listing, *flags);
  on_run(listing, [flags] { return list(*flags); });

  CLI::App& revoking = *tool.add_subcommand("revoke", "Revoke a tool's key at once");
  add_common(revoking, *flags);
  revoking.add_option("id", flags->tool.id, "The tool")->required();
  on_run(revoking, [flags] { return revoke(*flags); });
}

}  // namespace egide::app
