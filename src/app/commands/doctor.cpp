#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/vault/maintenance.h"
#include "output.h"

namespace egide::app {
namespace {

const char* name_of(vault::Finding::Level level) {
  switch (level) {
    case vault::Finding::Level::Good:
      return "good";
    case vault::Finding::Level::Attention:
      return "attention";
    case vault::Finding::Level::Broken:
      return "broken";
  }
  return "broken";
}

base::Result<void> run(const CommonFlags& flags) {
  const auto findings = vault::examine(flags.data, base::SystemClock().now());
  bool broken = false;
  nlohmann::json all = nlohmann::json::array();
  for (const auto& finding : findings) {
    broken = broken || finding.level == vault::Finding::Level::Broken;
    if (flags.json) {
      all.push_back({{"level", name_of(finding.level)}, {"what", finding.what}, {"advice", finding.advice}});
      continue;
    }
    print_line(std::string(name_of(finding.level)) + ": " + finding.what);
    if (!finding.advice.empty()) print_line("    " + finding.advice);
  }
  if (flags.json) print_json({{"findings", all}});
  if (broken) return base::unavailable("The vault needs repair before it can be served");
  return {};
}

}  // namespace

void register_doctor(CLI::App& root) {
  auto flags = std::make_shared<CommonFlags>();
  CLI::App& command = *root.add_subcommand("doctor", "Say in plain words what is wrong with a vault's files");
  add_common(command, *flags);
  command.footer("The log itself is checked by 'egide verify'.");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
