// Health, readiness, the interface's description, and the page at the root.
#include <nlohmann/json.hpp>

#include "egide/api/application.h"
#include "egide/base/check.h"
#include "handlers/docs_page.h"
#include "handlers/exchange.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

HttpResponse html(const std::string& page) {
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = page;
  response.cache_control = "max-age=300";
  response.with("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  response.with("Referrer-Policy", "no-referrer");
  return response;
}

Answered health(const RequestContext&) {
  Document document;
  document["status"] = "ok";
  return answer(200, document);
}

const char* name_of(vault::Vault::LogCheck check) noexcept {
  switch (check) {
    case vault::Vault::LogCheck::Running:
      return "running";
    case vault::Vault::LogCheck::Passed:
      return "passed";
    case vault::Vault::LogCheck::Failed:
      return "failed";
  }
  return "failed";
}

// Traffic is for a server whose log can be written and has not been found broken. While the check still runs it is
// ready: the end of the log was checked before it began to serve.
Answered ready(const RoutePorts& ports, const RequestContext& in) {
  const auto check = ports.vault.log_check();
  if (ports.vault.failed() || check == vault::Vault::LogCheck::Failed)
    return in.problem(ProblemKind::Unavailable, "The log can't be written or did not pass its check");
  Document document;
  document["status"] = "ready";
  document["log_check"] = name_of(check);
  return answer(200, document);
}

}  // namespace

void add_operation_routes(Router& router, const RoutePorts& ports) {
  router.add(route(Method::Get, "/healthz", "ops.health", health));
  router.add(
      route(Method::Get, "/readyz", "ops.ready", [&ports](const RequestContext& in) { return ready(ports, in); }));
  router.add(route(Method::Get, "/openapi.json", "ops.openapi", [](const RequestContext&) -> Answered {
    HttpResponse response = HttpResponse::json_text(200, openapi_json());
    response.cache_control = "max-age=300";
    return response;
  }));
  base::JsonLimits limits;
  limits.max_bytes = 8U << 20;
  const auto openapi = base::parse_json(openapi_json(), limits);
  EGIDE_CHECK(openapi.has_value());
  router.add(route(Method::Get, "/docs", "ops.docs",
                   [page = docs_page(*openapi)](const RequestContext&) -> Answered { return html(page); }));
  router.add(route(Method::Get, "/", "ops.home",
                   [page = home_page()](const RequestContext&) -> Answered { return html(page); }));
}

}  // namespace egide::api
