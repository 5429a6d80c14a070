#include "serving.h"

#include <csignal>
#include <ctime>

#include "egide/api/application.h"
#include "egide/api/metrics_server.h"
#include "egide/base/log.h"
#include "egide/vault/epochs.h"

namespace egide::app {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

api::RatePolicy policy(const char* name, const Rate& rate) {
  api::RatePolicy out;
  out.name = name;
  out.quota = rate.quota;
  out.window = std::chrono::seconds(rate.window_s);
  return out;
}

api::ServerOptions server_options(const Configuration& configuration, const Listen& listen, int threads) {
  api::ServerOptions out;
  out.address = listen.address;
  out.port = listen.port;
  out.allow_non_loopback = configuration.behind_proxy;
  out.threads = threads;
  return out;
}

}  // namespace

std::string url_of(const Listen& listen) {
  const bool v6 = listen.address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + listen.address + "]" : listen.address) + ":" + std::to_string(listen.port);
}

void hold_signals() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

base::Result<void> serve_until_stopped(vault::Vault& vault, const Configuration& configuration,
                                       const std::function<base::Result<void>(const Served&)>& started) {
  vault::EpochOptions epochs;
  epochs.keep_days = configuration.epoch_keep_days;
  epochs.mirror = configuration.epoch_mirror;
  EGIDE_TRY(const auto keeper, vault::EpochKeeper::start(vault, std::move(epochs)));
  std::optional<api::Metrics> metrics;
  std::unique_ptr<api::MetricsServer> metrics_server;
  api::ApplicationOptions options;
  options.server = server_options(configuration, configuration.listen, configuration.threads);
  options.dispatcher.public_base_url =
      configuration.public_url.empty() ? url_of(configuration.listen) : configuration.public_url;
  options.dispatcher.trust_forwarded_for = configuration.behind_proxy;
  options.dispatcher.caller_rate = policy("caller", configuration.caller_rate);
  options.dispatcher.address_rate = policy("address", configuration.address_rate);
  if (configuration.metrics) options.observer = &metrics.emplace();
  EGIDE_TRY(const auto application, api::Application::start(vault, options));
  Served served;
  served.url = url_of({configuration.listen.address, application->port()});
  if (configuration.metrics) {
    EGIDE_TRY(metrics_server,
              api::MetricsServer::start(vault, *metrics, server_options(configuration, *configuration.metrics, 1)));
    served.metrics_url = url_of({configuration.metrics->address, metrics_server->port()}) + "/metrics";
  }
  EGIDE_TRY_VOID(started(served));
  base::log(base::LogLevel::Info, "server.started", {{"port", application->port()}});

  const sigset_t set = ending_signals();
  const timespec patience{0, 250'000'000};
  while (sigtimedwait(&set, nullptr, &patience) < 0)
    if (vault.failed()) {
      application->stop();
      base::log(base::LogLevel::Error, "server.failed", {});
      return base::unavailable(
          "The log can't be trusted or written any more: stopped. Run 'egide verify' and 'egide doctor'");
    }
  application->stop();
  base::log(base::LogLevel::Info, "server.stopped", {});
  return {};
}

}  // namespace egide::app
