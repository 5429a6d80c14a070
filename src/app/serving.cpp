#include "serving.h"

#include <csignal>
#include <ctime>

#include "egide/api/application.h"
#include "egide/base/log.h"

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

std::string url_of(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

void hold_signals() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

base::Result<void> serve_until_stopped(vault::Vault& vault, const Configuration& configuration,
                                       const std::function<base::Result<void>(const std::string& url)>& started) {
  api::ApplicationOptions options;
  options.server.address = configuration.address;
  options.server.port = configuration.port;
  options.server.allow_non_loopback = configuration.behind_proxy;
  options.server.threads = configuration.threads;
  options.dispatcher.public_base_url =
      configuration.public_url.empty() ? url_of(configuration.address, configuration.port) : configuration.public_url;
  options.dispatcher.trust_forwarded_for = configuration.behind_proxy;
  options.dispatcher.caller_rate = policy("caller", configuration.caller_rate);
  options.dispatcher.address_rate = policy("address", configuration.address_rate);
  options.forward = configuration.forward;
  EGIDE_TRY(const auto application, api::Application::start(vault, std::move(options)));
  const std::string url = url_of(configuration.address, application->port());
  EGIDE_TRY_VOID(started(url));
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
