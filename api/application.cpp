#include "egide/api/application.h"

#include "egide/base/log.h"
#include "forward_gate.h"
#include "handlers/routes.h"
#include "vault_ports.h"

namespace egide::api {

// In the order in which one uses what stands above it.
struct Application::Parts {
  Parts(vault::Vault& vault, ApplicationOptions options, ForwardGates gates)
      : ports{vault,
              options.dispatcher.public_base_url,
              vault.info(),
              options.controller,
              options.readable_outbox,
              options.outbound},
        forward(std::move(gates)),
        authenticator(vault.services()),
        idempotency(vault.services()) {
    add_subject_routes(router, ports);
    add_consent_routes(router, ports);
    add_confirmation_routes(router, ports);
    add_choice_routes(router, ports);
    add_guardian_routes(router, ports);
    add_renewal_routes(router, ports);
    add_purpose_routes(router, ports);
    add_access_routes(router, ports);
    add_search_routes(router, ports);
    add_access_request_routes(router, ports);
    add_opa_routes(router, ports);
    add_gateway_routes(router, ports);
    add_dataset_routes(router, ports);
    add_reidentification_routes(router, ports);
    add_forward_routes(router, ports, forward);
    add_decision_routes(router, ports);
    add_request_routes(router, ports);
    add_log_routes(router, ports);
    add_admin_routes(router, ports);
    add_webhook_routes(router, ports);
    add_operation_routes(router, ports);
    DispatcherPorts needs;
    needs.router = &router;
    needs.authenticator = &authenticator;
    needs.idempotency = &idempotency;
    needs.clock = options.clock != nullptr ? options.clock : &system_clock;
    needs.observer = options.observer;
    dispatcher = std::make_unique<Dispatcher>(std::move(options.dispatcher), needs);
    server = std::make_unique<Server>(std::move(options.server), *dispatcher);
  }

  RoutePorts ports;
  ForwardGates forward;
  VaultAuthenticator authenticator;
  VaultIdempotencyStore idempotency;
  base::SystemClock system_clock;
  Router router;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Server> server;
};

base::Result<std::unique_ptr<Application>> Application::start(vault::Vault& vault, ApplicationOptions options) {
  EGIDE_TRY(auto gates, ForwardGates::make(options.forward));
  auto parts = std::make_unique<Parts>(vault, std::move(options), std::move(gates));
  // A route without a rule refuses everybody; better to say so at once than to be asked why.
  for (const auto& difference : compare_with_table({&parts->router}, role_table()))
    base::log(base::LogLevel::Error, "http.role_table", {{"difference", difference}});
  EGIDE_TRY_VOID(parts->server->start());
  return std::unique_ptr<Application>(new Application(std::move(parts)));
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() { stop(); }

std::uint16_t Application::port() const noexcept { return parts_->server->port(); }
const Router& Application::router() const noexcept { return parts_->router; }
void Application::stop() noexcept { parts_->server->stop(); }

}  // namespace egide::api
