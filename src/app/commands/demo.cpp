#include <nlohmann/json.hpp>

#include "command.h"
#include "demo_data.h"
#include "egide/base/json.h"
#include "egide/base/log.h"
#include "egide/crypto/random.h"
#include "egide/storage/files.h"
#include "egide/vault/maintenance.h"
#include "output.h"
#include "secrets.h"
#include "serving.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string listen;
  bool seed_only = false;
};

std::string key_path(const Flags& flags) { return flags.data + "/demo.key"; }
std::string facts_path(const Flags& flags) { return flags.data + "/demo.json"; }

// A demo can be started again without its passphrase: a key file lies beside it. A real vault's must not.
base::Result<vault::UnsealSecret> demo_secret(const Flags& flags) {
  if (!storage::file_exists(key_path(flags))) return unseal_secret(false);
  EGIDE_TRY(auto content, storage::read_file(key_path(flags), 64));
  vault::UnsealSecret out;
  EGIDE_TRY(out.key_file, crypto::SecretBytes::copy_of(base::as_bytes(content)));
  crypto::wipe(content);
  return out;
}

base::Result<void> create(const Flags& flags) {
  vault::CreateOptions options;
  options.directory = flags.data;
  options.organisation = "Association de démonstration";
  options.clock = std::make_shared<base::SystemClock>();
  EGIDE_TRY(auto passphrase, secret_from_file_of("EGIDE_PASSPHRASE_FILE"));
  if (passphrase) {
    options.secret.passphrase = std::move(passphrase);
  } else {
    std::string made = new_passphrase();
    EGIDE_TRY(options.secret.passphrase, crypto::SecretBytes::copy_of(base::as_bytes(made)));
    if (!flags.json) print_line("The demo's passphrase, shown this once: " + made);
    crypto::wipe(made);
  }
  if (!flags.json) print_line("Making the demo's vault ...");
  EGIDE_TRY([[maybe_unused]] const auto created, vault::create_vault(options));

  vault::UnsealSecret key;
  EGIDE_TRY(key.key_file, crypto::SecretBytes::random(32));
  EGIDE_TRY([[maybe_unused]] const auto slot,
            vault::add_slot(flags.data, options.secret, key, "the demo's own key file", options.clock->now()));
  return storage::write_file_durably(key_path(flags), base::as_text(key.key_file->expose_secret()));
}

base::Result<base::Json> facts_of(const Flags& flags) {
  EGIDE_TRY(const auto text, storage::read_file(facts_path(flags)));
  return base::parse_json(text);
}

base::Result<void> write_facts(const Flags& flags, const base::Json& facts) {
  return storage::write_file_durably(facts_path(flags), facts.dump(2) + "\n");
}

base::Result<std::unique_ptr<vault::Vault>> open_demo(const Flags& flags) {
  vault::OpenOptions options;
  options.directory = flags.data;
  options.clock = std::make_shared<base::SystemClock>();
  EGIDE_TRY(options.secret, demo_secret(flags));
  return vault::Vault::open(std::move(options));
}

void print_welcome(const Flags& flags, const base::Json& facts) {
  if (flags.json) {
    print_json(facts);
    return;
  }
  print_line("");
  print_line("The demo association is on " + facts.at("url").get<std::string>());
  print_line("  API and its documents   " + facts.at("url").get<std::string>() + "/docs");
  print_line("  accounts, tools, people " + facts_path(flags));
  print_line("");
  print_line("Try first: may the matching tool use the first person's data?");
  print_line("  curl -s " + facts.at("url").get<std::string>() +
             "/access/v1/evaluation -H 'Content-Type: application/json' \\");
  print_line("    -H 'Authorization: Bearer " + facts.at("tools").at("matcher").get<std::string>() + "' \\");
  print_line(R"(    -d '{"subject":{"type":"application","id":"matcher"},"resource":{"type":"person","id":")" +
             facts.at("subjects").at(0).at("id").get<std::string>() +
             R"("},"action":{"name":"process","properties":{"purpose":"ai.mission_matching"}}}')");
  print_line("");
  print_line("Ctrl-C ends it. ./start runs it again.");
}

base::Result<void> run(const Flags& flags) {
  Configuration configuration;
  configuration.caller_rate.quota = 0;  // a load test on the same machine must not meet a limit
  configuration.address_rate.quota = 0;
  configuration.readable_outbox = true;  // there is no mail server, and nobody real to write to
  // A receiver to try webhooks with runs on the same machine.
  configuration.outbound.allow = {*outbound::parse_network("127.0.0.0/8"), *outbound::parse_network("::1")};
  if (!flags.listen.empty()) {
    EGIDE_TRY(configuration.listen, parse_listen(flags.listen));
  }
  hold_signals();
  base::configure_log(flags.seed_only ? base::LogLevel::Warning : base::LogLevel::Info, "");
  const bool is_new = !storage::file_exists(flags.data + "/unseal.json");
  if (is_new) EGIDE_TRY_VOID(create(flags));
  EGIDE_TRY(const auto opened, open_demo(flags));
  base::Json facts;
  if (!storage::file_exists(facts_path(flags))) {
    EGIDE_TRY(facts, seed_demo(*opened));
    facts["url"] = url_of(configuration.listen);
    EGIDE_TRY_VOID(write_facts(flags, facts));
  } else {
    EGIDE_TRY(facts, facts_of(flags));
  }
  if (flags.seed_only) {
    if (flags.json)
      print_json(facts);
    else
      print_line("The demo's data is ready; " + facts_path(flags) + " lists accounts, tools and people.");
    return {};
  }
  return serve_until_stopped(*opened, configuration, [&](const Served& served) -> base::Result<void> {
    facts["url"] = served.url;
    EGIDE_TRY_VOID(write_facts(flags, facts));
    print_welcome(flags, facts);
    std::fflush(stdout);
    return {};
  });
}

}  // namespace

void register_demo(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand("demo", "Run a demo association; makes it where the directory is empty");
  add_common(command, *flags);
  command.add_option("--listen", flags->listen, "Where to listen (127.0.0.1:8080); port 0 takes a free one")
      ->type_name("ADDRESS:PORT");
  command.add_flag("--seed-only", flags->seed_only, "Make the data and stop");
  command.footer("DIR/demo.json lists the address, the accounts' tokens, the tools' keys and the people.");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
