#include <nlohmann/json.hpp>

#include "command.h"
#include "egide/base/log.h"
#include "opening.h"
#include "output.h"
#include "serving.h"

namespace egide::app {
namespace {

struct Flags : CommonFlags {
  std::string listen, metrics, config, pack, epoch_mirror;
};

base::Result<void> run(const Flags& flags) {
  Configuration configuration;
  if (!flags.config.empty()) {
    EGIDE_TRY(configuration, read_configuration(flags.config));
  }
  if (!flags.listen.empty()) {
    EGIDE_TRY(configuration.listen, parse_listen(flags.listen));
  }
  if (!flags.metrics.empty()) {
    EGIDE_TRY(configuration.metrics, parse_listen(flags.metrics));
  }
  if (!flags.epoch_mirror.empty()) configuration.epoch_mirror = flags.epoch_mirror;
  base::configure_log(base::LogLevel::Info, configuration.log_file);
  hold_signals();
  EGIDE_TRY(const auto opened, open_vault(flags.data, flags.pack, &configuration));
  return serve_until_stopped(*opened, configuration, [&](const Served& served) -> base::Result<void> {
    if (flags.json) {
      nlohmann::json facts = {{"url", served.url}, {"vkey", opened->info().verifier_key}};
      if (!served.metrics_url.empty()) facts["metrics_url"] = served.metrics_url;
      print_json(facts);
    } else {
      print_line("egide serves " + opened->info().organisation + " on " + served.url);
      if (!served.metrics_url.empty()) print_line("Metrics: " + served.metrics_url);
    }
    std::fflush(stdout);
    return {};
  });
}

}  // namespace

void register_serve(CLI::App& root) {
  auto flags = std::make_shared<Flags>();
  CLI::App& command = *root.add_subcommand("serve", "Run the server; SIGTERM ends it cleanly");
  add_common(command, *flags);
  command.add_option("--listen", flags->listen, "Where to listen (127.0.0.1:8080); port 0 takes a free one")
      ->type_name("ADDRESS:PORT");
  command.add_option("--metrics", flags->metrics, "Where to answer GET /metrics for Prometheus (nowhere)")
      ->type_name("ADDRESS:PORT");
  command.add_option("--config", flags->config, "Configuration file")->check(CLI::ExistingFile)->type_name("FILE");
  command.add_option("--pack", flags->pack, "Another policy pack than the bundled one")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR");
  command
      .add_option("--epoch-mirror", flags->epoch_mirror,
                  "A directory on another disk that overwrites: a second copy of the epoch keys, and the log's tail")
      ->type_name("DIR");
  on_run(command, [flags] { return run(*flags); });
}

}  // namespace egide::app
