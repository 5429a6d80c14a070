#include <nlohmann/json.hpp>

#include "command.h"
#include "commands/verify_receipt.h"
#include "egide/audit/proof_file.h"
#include "egide/storage/files.h"
#include "egide/vault/maintenance.h"
#include "http_log_source.h"
#include "output.h"
#include "secrets.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string url, vkey, from, proof, entry, receipt, signature;
};

void report(const Flags& flags, const audit::Checkpoint& checkpoint, const nlohmann::json& more,
            const std::string& text) {
  if (flags.json) {
    nlohmann::json out = more;
    out["ok"] = true;
    out["origin"] = checkpoint.origin;
    out["size"] = checkpoint.size;
    out["root"] = base::to_base64(checkpoint.root);
    print_json(out);
    return;
  }
  print_line("OK: " + text);
  print_line("    " + checkpoint.origin + ", " + std::to_string(checkpoint.size) + " entries, root " +
             base::to_base64(checkpoint.root));
}

base::Result<void> verify_data(const Flags& flags) {
  EGIDE_TRY(const auto secret, unseal_secret(false));
  EGIDE_TRY(const auto checked, vault::verify_vault(flags.data, secret, flags.vkey, progress_line("verifying")));
  report(
      flags, checked.log.checkpoint,
      {{"entries", checked.log.entries}, {"nodes", checked.log.nodes_checked}, {"pins", checked.pins_checked}},
      "every entry, node and the signed root hold; " + std::to_string(checked.pins_checked) + " pin(s) are prefixes");
  if (flags.vkey.empty() && !flags.json)
    print_line(
        "    The key is the one the vault names for itself; give --vkey to check against the one you were handed.");
  return {};
}

// Without an auditor's token the entries stay closed: the tree is checked from the hashes that everybody may read.
base::Result<audit::Checkpoint> verify_hashes(HttpLogSource& source, const audit::VerifierKey& key,
                                              const std::vector<std::string>& older) {
  EGIDE_TRY(const auto note, source.checkpoint());
  EGIDE_TRY(const auto checkpoint, audit::open_checkpoint(note, key));
  std::vector<audit::Checkpoint> earlier;
  for (const auto& text : older) {
    EGIDE_TRY(auto one, audit::open_checkpoint(text, key));
    if (one.size > checkpoint.size)
      return base::integrity_violation("The log is smaller than the checkpoint you hold: it was rolled back");
    earlier.push_back(std::move(one));
  }
  audit::Frontier frontier;
  const auto matches = [&](const audit::Checkpoint& one) {
    return one.size != frontier.size() || one.root == (one.size == 0 ? audit::empty_root() : frontier.root());
  };
  for (std::uint64_t tile = 0; tile * 256 < checkpoint.size; ++tile) {
    EGIDE_TRY(const auto hashes, source.leaf_hashes(tile, checkpoint.size));
    for (const auto& hash : hashes) {
      frontier.append(hash, [](std::uint64_t, const base::Hash32&) {});
      for (const auto& one : earlier)
        if (!matches(one))
          return base::integrity_violation("The log differs from the checkpoint you hold, of " +
                                           std::to_string(one.size) + " entries: its history was rewritten");
    }
  }
  if (frontier.size() != checkpoint.size || !matches(checkpoint))
    return base::integrity_violation("The signed root is not the root of the served hashes");
  return checkpoint;
}

base::Result<void> verify_url(const Flags& flags) {
  EGIDE_TRY(const auto key, audit::VerifierKey::parse(flags.vkey));
  EGIDE_TRY(auto token, secret_from_file_of("EGIDE_TOKEN_FILE"));
  HttpLogSource source(flags.url, std::move(token));
  audit::VerifyOptions options;
  if (!flags.from.empty()) {
    EGIDE_TRY(auto older, storage::read_file(flags.from));
    options.older_checkpoints.push_back(std::move(older));
  }
  if (!source.has_token()) {
    EGIDE_TRY(const auto checkpoint, verify_hashes(source, key, options.older_checkpoints));
    report(flags, checkpoint, {{"entries_read", false}},
           "the signed root is the root of the served hashes (entries not read: that needs EGIDE_TOKEN_FILE)");
    return {};
  }
  options.progress = progress_line("verifying");
  EGIDE_TRY(const auto verified, audit::verify_log(source, key, options));
  report(flags, verified.checkpoint, {{"entries_read", true}, {"entries", verified.entries}},
         "every entry and the signed root hold");
  return {};
}

base::Result<void> verify_proof(const Flags& flags) {
  EGIDE_TRY(const auto key, audit::VerifierKey::parse(flags.vkey));
  EGIDE_TRY(const auto proof, storage::read_file(flags.proof));
  EGIDE_TRY(const auto entry, storage::read_file(flags.entry));
  EGIDE_TRY(const auto checkpoint, audit::verify_proof_file(proof, base::as_bytes(entry), key));
  report(flags, checkpoint, nlohmann::json::object(), "the entry stands in the log that this checkpoint signs");
  return {};
}

}  // namespace

void register_verify(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand(
      "verify", "Verify a whole log, a served log, one proof or a consent receipt; exit 0 only if all holds");
  command.add_flag("--json", flags->json, "Print the result as JSON");
  auto* data = command.add_option("--data", flags->data, "A vault's directory")->type_name("DIR");
  auto* url = command.add_option("--url", flags->url, "A server whose log is verified")->type_name("URL");
  auto* proof =
      command.add_option("--proof", flags->proof, "A .tlog-proof file")->check(CLI::ExistingFile)->type_name("FILE");
  auto* receipt =
      command.add_option("--receipt", flags->receipt, "A consent receipt")->check(CLI::ExistingFile)->type_name("FILE");
  command.add_option("--signature", flags->signature, "Its detached signature, where it is JSON-LD or Kantara")
      ->check(CLI::ExistingFile)
      ->needs(receipt)
      ->type_name("FILE");
  auto* vkey =
      command.add_option("--vkey", flags->vkey, "The log's verifier key, from whoever you trust")->type_name("KEY");
  command.add_option("--from", flags->from, "An older checkpoint that must be a prefix")
      ->check(CLI::ExistingFile)
      ->needs(url)
      ->type_name("CHECKPOINT");
  auto* entry = command.add_option("--entry", flags->entry, "The entry that is proven")
                    ->check(CLI::ExistingFile)
                    ->type_name("FILE");
  data->excludes(url)->excludes(proof)->excludes(receipt);
  receipt->excludes(url)->excludes(proof);
  url->excludes(proof)->needs(vkey);
  proof->needs(entry)->needs(vkey);
  entry->needs(proof);
  command.require_option(1, 0);
  command.footer("EGIDE_TOKEN_FILE names the file of an auditor's token, with which --url reads the entries too.");
  // Checked while parsing, so that a wrong use exits with 2.
  command.final_callback([flags] {
    if (flags->data.empty() && flags->url.empty() && flags->proof.empty() && flags->receipt.empty())
      throw CLI::RequiredError("--data, --url, --proof or --receipt");
  });
  on_run(command, [flags] {
    if (!flags->data.empty()) return verify_data(*flags);
    if (!flags->receipt.empty()) return verify_receipt_file(flags->receipt, flags->signature, flags->vkey, flags->json);
    return flags->url.empty() ? verify_proof(*flags) : verify_url(*flags);
  });
}

}  // namespace egide::app
