#include <cstdlib>
#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/storage/files.h"
#include "egide/vault/maintenance.h"
#include "output.h"
#include "secrets.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string kind = "passphrase", label, id;
};

// The secret of the slot to add: EGIDE_NEW_PASSPHRASE_FILE or EGIDE_NEW_KEY_FILE.
base::Result<vault::UnsealSecret> added_secret(const std::string& kind) {
  vault::UnsealSecret out;
  if (kind == "passphrase") {
    EGIDE_TRY(auto passphrase, secret_from_file_of("EGIDE_NEW_PASSPHRASE_FILE"));
    if (!passphrase || passphrase->size() < 12)
      return base::invalid_request(
          "EGIDE_NEW_PASSPHRASE_FILE must name a file with a passphrase of 12 characters or more");
    out.passphrase = std::move(passphrase);
    return out;
  }
  const char* path = std::getenv("EGIDE_NEW_KEY_FILE");
  if (path == nullptr) return base::invalid_request("EGIDE_NEW_KEY_FILE must name a file of exactly 32 random bytes");
  EGIDE_TRY(auto content, storage::read_file(path, 4096));
  if (content.size() != 32) return base::invalid_request("A key file holds exactly 32 bytes (head -c 32 /dev/urandom)");
  EGIDE_TRY(auto key, crypto::SecretBytes::copy_of(base::as_bytes(content)));
  crypto::wipe(content);
  (kind == "systemd" ? out.systemd_credential : out.key_file).emplace(std::move(key));
  return out;
}

base::Result<void> add(const Flags& flags) {
  EGIDE_TRY(const auto added, added_secret(flags.kind));
  EGIDE_TRY(const auto present, unseal_secret(false));
  EGIDE_TRY(const auto id, vault::add_slot(flags.data, present, added, flags.label, base::SystemClock().now()));
  if (flags.json)
    print_json({{"id", id}, {"kind", flags.kind}});
  else
    print_line("Slot " + id + " added. Keep its secret apart from this machine.");
  return {};
}

base::Result<void> list(const Flags& flags) {
  EGIDE_TRY(const auto slots, vault::list_slots(flags.data));
  nlohmann::json all = nlohmann::json::array();
  for (const auto& slot : slots) {
    if (flags.json)
      all.push_back({{"id", slot.id}, {"kind", slot.kind}, {"label", slot.label}, {"created_at", slot.created_at}});
    else
      print_line(slot.id + "  " + slot.kind + "  " + slot.created_at + "  " + slot.label);
  }
  if (flags.json) print_json({{"items", all}});
  return {};
}

base::Result<void> remove(const Flags& flags) {
  EGIDE_TRY(const auto present, unseal_secret(false));
  EGIDE_TRY_VOID(vault::remove_slot(flags.data, present, flags.id));
  if (flags.json)
    print_json({{"removed", flags.id}});
  else
    print_line("Slot " + flags.id + " removed");
  return {};
}

}  // namespace

void register_slot(CLI::App& root) {
  CLI::App& slot = *root.add_subcommand("slot", "Secrets that unseal the vault: any one opens it");
  slot.require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App& adding = *slot.add_subcommand("add", "Add a slot; an existing one must open");
  add_common(adding, *flags);
  adding.add_option("--kind", flags->kind, "passphrase, key-file or systemd (passphrase)")
      ->check(CLI::IsMember({"passphrase", "key-file", "systemd"}));
  adding.add_option("--label", flags->label, "Where the secret is kept, for whoever looks for it");
  adding.footer("The new secret comes from EGIDE_NEW_PASSPHRASE_FILE or EGIDE_NEW_KEY_FILE.");
  on_run(adding, [flags] { return add(*flags); });

  CLI::App& listing = *slot.add_subcommand("list", "List the slots");
  add_common(listing, *flags);
  on_run(listing, [flags] { return list(*flags); });

  CLI::App& removing = *slot.add_subcommand("remove", "Remove a slot; the last one stays");
  add_common(removing, *flags);
  removing.add_option("id", flags->id, "The slot's id")->required();
  on_run(removing, [flags] { return remove(*flags); });
}

}  // namespace egide::app
