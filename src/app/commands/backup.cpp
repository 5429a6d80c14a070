#include "egide/vault/backup.h"

#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/base/time.h"
#include "output.h"
#include "secrets.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string out;
};

base::Result<void> run(const Flags& flags) {
  EGIDE_TRY(const auto secret, unseal_secret(false));
  EGIDE_TRY(const auto made,
            vault::make_backup(flags.data, secret, flags.out, base::SystemClock().now(), progress_line("writing")));
  if (flags.json) {
    nlohmann::json out = {{"id", made.id},         {"origin", made.origin},        {"log_size", made.log_size},
                          {"people", made.people}, {"database_bytes", made.bytes}, {"out", flags.out}};
    if (made.oldest_epoch) out["epoch"] = *made.oldest_epoch;
    print_json(out);
    return {};
  }
  print_line("Backup " + made.id + " of " + std::to_string(made.people) + " people and " +
             std::to_string(made.log_size) + " log entries is in " + flags.out);
  print_line(
      "    It holds no epoch keys and opens for nobody once those of its day are destroyed. Their mirror, and the");
  print_line("    log's tail, are kept by 'egide serve --epoch-mirror DIR': a restore needs both.");
  return {};
}

}  // namespace

void register_backup(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand("backup", "Back up a vault, encrypted, while its server runs");
  add_common(command, *flags);
  command.add_option("--out", flags->out, "The file to make; it must not exist")->required()->type_name("FILE");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
