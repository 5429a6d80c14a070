#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/vault/epochs.h"
#include "egide/vault/rotation.h"
#include "opening.h"
#include "output.h"
#include "secrets.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string mirror;
  int keep_days = vault::kEpochKeepDays;
  bool drop_other_slots = false;
};

base::Result<void> rotate_epoch(const Flags& flags) {
  EGIDE_TRY(const auto opened, open_vault(flags.data));
  vault::EpochOptions options;
  options.keep_days = flags.keep_days;
  options.mirror = flags.mirror;
  EGIDE_TRY(const auto turned, vault::turn_epoch(*opened, options));
  if (flags.json)
    print_json({{"epoch", turned.epoch},
                {"added", turned.added},
                {"wrapped", turned.wrapped},
                {"destroyed", turned.destroyed}});
  else
    print_line("Today's epoch key is in force: the keys of " + std::to_string(turned.wrapped) +
               " people were wrapped under it, " + std::to_string(turned.destroyed) + " old epoch key(s) destroyed");
  return {};
}

base::Result<vault::RotationOptions> rotation(const Flags& flags) {
  vault::RotationOptions options;
  options.directory = flags.data;
  options.drop_other_slots = flags.drop_other_slots;
  options.clock = std::make_shared<base::SystemClock>();
  EGIDE_TRY(options.secrets, all_unseal_secrets());
  return options;
}

nlohmann::json to_json(const std::vector<vault::SlotView>& slots) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& slot : slots) out.push_back({{"id", slot.id}, {"kind", slot.kind}, {"label", slot.label}});
  return out;
}

base::Result<void> rotate_root(const Flags& flags) {
  EGIDE_TRY(const auto options, rotation(flags));
  EGIDE_TRY(const auto rotated, vault::rotate_root_key(options));
  if (flags.json) {
    print_json({{"kept", to_json(rotated.kept)}, {"dropped", to_json(rotated.dropped)}});
    return {};
  }
  print_line("The root key is new.");
  for (const auto& slot : rotated.kept)
    print_line("    opens it:    " + slot.id + "  " + slot.kind + "  " + slot.label);
  for (const auto& slot : rotated.dropped)
    print_line("    dropped:     " + slot.id + "  " + slot.kind + "  " + slot.label);
  print_line("Start the server now, so that the mirror follows: older backups are restored with what it holds.");
  return {};
}

base::Result<void> rotate_database(const Flags& flags) {
  EGIDE_TRY(const auto options, rotation(flags));
  EGIDE_TRY(const auto rotated, vault::rotate_database_key(options));
  if (flags.json)
    print_json({{"version", rotated.version}});
  else
    print_line("The database is written anew under its key number " + std::to_string(rotated.version) +
               ". The old file was replaced; copies of it elsewhere still open with the old key.");
  return {};
}

base::Result<void> rotate_signing(const Flags& flags) {
  EGIDE_TRY(const auto options, rotation(flags));
  EGIDE_TRY(const auto rotated, vault::rotate_signing_key(options));
  if (flags.json) {
    print_json({{"old_vkey", rotated.old_key}, {"vkey", rotated.new_key}, {"hand_over", rotated.hand_over}});
    return {};
  }
  print_line("The log is signed with a new key from here on. Its verifier key:");
  print_line("  " + rotated.new_key);
  print_line("Auditors who hold the old key follow it with the checkpoint that both keys signed:");
  print_line("  " + rotated.hand_over);
  print_line("Start the server now, so that the mirror follows: older backups are restored with what it holds.");
  return {};
}

}  // namespace

void register_key(CLI::App& root) {
  CLI::App& key = *root.add_subcommand("key", "Keys of the vault");
  key.require_subcommand(1);
  CLI::App& rotate = *key.add_subcommand("rotate", "Replace a key; an interrupted rotation is finished by the next");
  rotate.require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App& epoch = *rotate.add_subcommand("epoch", "Turn the epoch keys now, as the server does each day");
  add_common(epoch, *flags);
  epoch.add_option("--epoch-mirror", flags->mirror, "The mirror that the server writes")->type_name("DIR");
  epoch.add_option("--keep-days", flags->keep_days, "Destroy epoch keys older than this (30)")
      ->check(CLI::Range(1, vault::kMostEpochKeepDays))
      ->type_name("DAYS");
  on_run(epoch, [flags] { return rotate_epoch(*flags); });

  CLI::App& root_key = *rotate.add_subcommand("root", "A new root key in every slot whose secret is given");
  add_common(root_key, *flags);
  root_key.add_flag("--drop-other-slots", flags->drop_other_slots,
                    "Remove the slots whose secrets are not given; refused without this");
  root_key.footer("EGIDE_PASSPHRASE_FILE, EGIDE_KEY_FILE and the systemd credential are all used, where set.");
  on_run(root_key, [flags] { return rotate_root(*flags); });

  CLI::App& database = *rotate.add_subcommand("database", "The database written anew under its next key");
  add_common(database, *flags);
  on_run(database, [flags] { return rotate_database(*flags); });

  CLI::App& signing = *rotate.add_subcommand("signing", "A new signing key of the log, handed over by the old one");
  add_common(signing, *flags);
  on_run(signing, [flags] { return rotate_signing(*flags); });
}

}  // namespace egide::app
