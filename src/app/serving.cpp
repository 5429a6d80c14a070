#include "serving.h"

#include <csignal>
#include <ctime>

#include "egide/api/application.h"
#include "egide/api/metrics_server.h"
#include "egide/base/log.h"
#include "egide/outbound/client.h"
#include "egide/vault/epochs.h"
#include "egide/vault/mail.h"
#include "egide/vault/webhook_worker.h"
#include "smtp_sender.h"

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

// Nothing where no mail server is configured: mails wait in the outbox.
base::Result<std::unique_ptr<vault::MailWorker>> mail_worker(vault::Vault& vault, const Configuration& configuration,
                                                             const std::string& base_url) {
  if (configuration.mail.url.empty()) return std::unique_ptr<vault::MailWorker>();
  SmtpSettings settings;
  settings.url = configuration.mail.url;
  settings.from = configuration.mail.from;
  settings.name = vault.info().organisation;
  settings.credentials_file = configuration.mail.credentials_file;
  EGIDE_TRY(auto sender, make_smtp_sender(settings));
  return std::make_unique<vault::MailWorker>(vault.services(), std::move(sender), base_url, std::chrono::seconds(1));
}

// The host of "https://host:port/path", in lower case.
std::string host_of(const std::string& url) {
  const auto from = url.find("://");
  if (from == std::string::npos) return {};
  std::string host = url.substr(from + 3, url.find_first_of(":/", from + 3) - from - 3);
  for (char& c : host) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return host;
}

struct Webhooks {
  std::unique_ptr<outbound::Client> client;
  std::unique_ptr<vault::WebhookWorker> worker;  // uses the client
};

base::Result<Webhooks> start_webhooks(vault::Vault& vault, const Configuration& configuration, outbound::Policy policy,
                                      std::uint16_t own_port) {
  policy.own_ports.push_back(own_port);
  vault::WebhookWorkerOptions sending;
  // The same after a restart on another port: source and id together name an event.
  sending.source = configuration.public_url.empty() ? "https://" + vault.info().origin : configuration.public_url;
  Webhooks out;
  out.client = outbound::make_client(std::move(policy));
  out.worker = std::make_unique<vault::WebhookWorker>(vault.services(), *out.client, std::move(sending));
  EGIDE_TRY_VOID(out.worker->start());
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
  options.forward = configuration.forward;
  options.controller = configuration.controller;
  options.readable_outbox = configuration.readable_outbox;
  options.outbound = configuration.outbound;
  if (!configuration.public_url.empty()) options.outbound.own_hosts.push_back(host_of(configuration.public_url));
  if (configuration.metrics) options.observer = &metrics.emplace();
  EGIDE_TRY(const auto application, api::Application::start(vault, options));
  Served served;
  served.url = url_of({configuration.listen.address, application->port()});
  if (configuration.metrics) {
    EGIDE_TRY(metrics_server,
              api::MetricsServer::start(vault, *metrics, server_options(configuration, *configuration.metrics, 1)));
    served.metrics_url = url_of({configuration.metrics->address, metrics_server->port()}) + "/metrics";
  }
  EGIDE_TRY(auto mails, mail_worker(vault, configuration,
                                    configuration.public_url.empty() ? served.url : configuration.public_url));
  EGIDE_TRY(const auto webhooks, start_webhooks(vault, configuration, options.outbound, application->port()));
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
  webhooks.worker->stop();
  base::log(base::LogLevel::Info, "server.stopped", {});
  return {};
}

}  // namespace egide::app
