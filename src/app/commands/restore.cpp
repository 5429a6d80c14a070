#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/vault/backup.h"
#include "opening.h"
#include "output.h"
#include "secrets.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string in, log_tail, epoch_keys, mirror, pack;
  std::vector<std::string> pins;
  bool without_tail = false;
};

void print_report(const vault::RestoreReport& report) {
  const auto count = [](std::uint64_t number, const char* what) {
    if (number > 0) print_line("    " + std::to_string(number) + " " + what);
  };
  print_line("Restored: " + std::to_string(report.backup_size) + " log entries from the backup, " +
             std::to_string(report.tail_entries) + " from the log's tail");
  print_line("Repeated from the tail:");
  count(report.erased, "erasure(s)");
  count(report.withdrawn, "withdrawal(s)");
  count(report.objected, "objection(s)");
  count(report.restricted, "restriction(s)");
  count(report.lifted, "restriction(s) or objection(s) lifted");
  count(report.of_unknown_people, "of people who are not in the backup");
  if (!report.lost.empty())
    print_line(
        "Lost, because only the log tells of them. Enter them again, and see that no tool or account came back:");
  for (const auto& [event, number] : report.lost) count(number, event.c_str());
}

nlohmann::json to_json(const vault::RestoreReport& report) {
  return {{"origin", report.origin},
          {"vkey", report.verifier_key},
          {"backup_size", report.backup_size},
          {"tail_entries", report.tail_entries},
          {"log_size", report.log_size},
          {"repeated",
           {{"erased", report.erased},
            {"withdrawn", report.withdrawn},
            {"objected", report.objected},
            {"restricted", report.restricted},
            {"lifted", report.lifted}}},
          {"of_unknown_people", report.of_unknown_people},
          {"lost", report.lost}};
}

base::Result<void> run(const Flags& flags) {
  vault::RestoreOptions options;
  options.in = flags.in;
  options.directory = flags.data;
  options.log_tail = flags.log_tail;
  options.epoch_keys = flags.epoch_keys;
  if (!flags.mirror.empty()) {
    if (options.log_tail.empty()) options.log_tail = flags.mirror;
    if (options.epoch_keys.empty()) options.epoch_keys = flags.mirror + "/epoch.keys";
  }
  options.pins = flags.pins;
  options.accept_missing_tail = flags.without_tail;
  options.clock = std::make_shared<base::SystemClock>();
  if (!flags.pack.empty()) {
    EGIDE_TRY(options.pack_files, read_pack(flags.pack));
  }
  EGIDE_TRY(options.secret, unseal_secret(false));
  EGIDE_TRY(const auto report, vault::restore_backup(options));
  if (flags.json)
    print_json(to_json(report));
  else
    print_report(report);
  return {};
}

}  // namespace

void register_restore(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand(
      "restore", "Restore a backup; erasures and withdrawals made since are repeated before anything is served");
  add_common(command, *flags);
  command.add_option("--in", flags->in, "The backup")->required()->type_name("FILE");
  command.add_option("--log-tail", flags->log_tail, "The log's tail: a .tail file, or the directory of all of them")
      ->type_name("FILE");
  command.add_option("--epoch-keys", flags->epoch_keys, "The epoch keys (the vault directory's epoch.keys)")
      ->type_name("FILE");
  command.add_option("--mirror", flags->mirror, "What --epoch-mirror of the server wrote: its tail and epoch keys")
      ->type_name("DIR");
  command
      .add_option("--pin", flags->pins, "A checkpoint that you hold; the vault directory's pins are compared anyway")
      ->type_name("FILE");
  command.add_flag("--without-tail", flags->without_tail,
                   "Restore although the log's tail is lost: whoever was erased since the backup comes back");
  command.add_option("--pack", flags->pack, "Another policy pack than the bundled one")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
