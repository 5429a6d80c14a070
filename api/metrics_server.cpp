#include "egide/api/metrics_server.h"

#include "egide/api/request_context.h"
#include "egide/base/clock.h"

namespace egide::api {
namespace {

constexpr RoleRule kTable[] = {{"metrics.read", {Role::Public}}};

}  // namespace

struct MetricsServer::Parts {
  Parts(vault::Vault& vault, const Metrics& metrics, ServerOptions options) : router(kTable) {
    Route route;
    route.pattern = "/metrics";
    route.name = "metrics.read";
    route.handler = [&vault, &metrics](const RequestContext&) -> base::Result<HttpResponse> {
      EGIDE_TRY(const auto vitals, vault::vitals(vault));
      HttpResponse response;
      response.content_type = "text/plain; version=0.0.4; charset=utf-8";
      response.body = metrics.page(vitals);
      return response;
    };
    router.add(std::move(route));
    DispatcherPorts needs;
    needs.router = &router;
    needs.clock = &clock;
    dispatcher = std::make_unique<Dispatcher>(DispatcherOptions(), needs);
    server = std::make_unique<Server>(std::move(options), *dispatcher);
  }
  base::SystemClock clock;
  Router router;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Server> server;
};

base::Result<std::unique_ptr<MetricsServer>> MetricsServer::start(vault::Vault& vault, const Metrics& metrics,
                                                                  ServerOptions options) {
  auto parts = std::make_unique<Parts>(vault, metrics, std::move(options));
  EGIDE_TRY_VOID(parts->server->start());
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(parts)));
}

MetricsServer::MetricsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
MetricsServer::~MetricsServer() { stop(); }
std::uint16_t MetricsServer::port() const noexcept { return parts_->server->port(); }
void MetricsServer::stop() noexcept { parts_->server->stop(); }

}  // namespace egide::api
