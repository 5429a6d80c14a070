#include <nlohmann/json.hpp>

#include "command.h"
#include "output.h"
#include "secrets.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string organisation, language = "fr", origin;
};

base::Result<void> run(const Flags& flags) {
  vault::CreateOptions options;
  options.directory = flags.data;
  options.organisation = flags.organisation;
  options.language = flags.language;
  options.origin = flags.origin;
  options.clock = std::make_shared<base::SystemClock>();
  EGIDE_TRY(options.secret, unseal_secret(true));
  EGIDE_TRY(const auto created, vault::create_vault(options));
  if (flags.json) {
    print_json({{"vkey", created.verifier_key}, {"data", flags.data}});
    return {};
  }
  print_line("The vault is ready in " + flags.data);
  print_line("");
  print_line("The log's verifier key. Give it to your auditor and keep a copy away from this machine:");
  print_line("  " + created.verifier_key);
  print_line("");
  print_line("Next: add a second unseal slot (egide slot add), accounts (egide user add) and tools (egide tool add).");
  print_line("Without a slot's secret nobody can open this vault, not even its makers.");
  return {};
}

}  // namespace

void register_init(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand("init", "Make a new vault; prints the log's verifier key");
  add_common(command, *flags);
  command.add_option("--org", flags->organisation, "The organisation's name")->required()->type_name("NAME");
  command.add_option("--lang", flags->language, "Language of texts: fr or en (fr)")->check(CLI::IsMember({"fr", "en"}));
  command.add_option("--origin", flags->origin,
                     "The log's name: the public address it is served under, without scheme (made up if absent)");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
