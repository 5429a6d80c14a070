#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "command.h"
#include "egide/base/log.h"
#include "egide/crypto/secret.h"

namespace egide::app {
namespace {

Run& chosen() {
  static Run run;
  return run;
}

}  // namespace

void add_common(CLI::App& command, CommonFlags& flags, bool needs_data) {
  command.add_flag("--json", flags.json, "Print the result as JSON");
  if (needs_data) command.add_option("--data", flags.data, "The vault's directory")->required()->type_name("DIR");
}

void on_run(CLI::App& command, Run run) {
  command.callback([run = std::move(run)] { chosen() = run; });
}

int run_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that goes away must not end the server

  CLI::App root("egide: privacy-compliance and data-governance server", "egide");
  root.require_subcommand(1);
  root.footer(
      "Secrets come from a prompt or a file, never from an argument: EGIDE_PASSPHRASE_FILE or EGIDE_KEY_FILE unseals a "
      "vault, EGIDE_TOKEN_FILE signs calls to a URL.\nEvery command has --help and --json.");
  register_init(root);
  register_serve(root);
  register_demo(root);
  register_import(root);
  register_verify(root);
  register_user(root);
  register_tool(root);
  register_slot(root);
  register_backup(root);
  register_restore(root);
  register_key(root);
  register_doctor(root);
  register_version(root);

  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return root.exit(e) == 0 ? 0 : 2;
  }
  base::configure_log(base::LogLevel::Warning, "");  // `serve` and `demo` tell more
  if (const auto ready = crypto::initialize(); !ready) {
    std::fprintf(stderr, "egide: %s\n", ready.error().message().c_str());
    return 1;
  }
  if (!chosen()) {
    std::fprintf(stderr, "egide: nothing to do, see --help\n");
    return 2;
  }
  const auto done = chosen()();
  if (done) return 0;
  std::fprintf(stderr, "egide: %s\n", done.error().message().c_str());
  for (const auto& field : done.error().fields()) {
    const std::string line = field.line > 0 ? "line " + std::to_string(field.line) + " " : std::string();
    std::fprintf(stderr, "  %s%s: %s\n", line.c_str(), field.pointer.empty() ? "/" : field.pointer.c_str(),
                 field.detail.c_str());
  }
  return 1;
}

}  // namespace egide::app

int main(int argc, char** argv) {
  try {
    return egide::app::run_main(argc, argv);
  } catch (const std::exception&) {
    std::fprintf(stderr, "egide: out of memory or another failure of the system\n");
    return 1;
  }
}
