// Consents that end soon or were given to an older text: who, and writing to them.
#include <nlohmann/json.hpp>

#include "egide/base/time.h"
#include "egide/vault/consent_renewals.h"
#include "handlers/exchange.h"
#include "handlers/paging.h"
#include "handlers/routes.h"

namespace egide::api {
namespace {

using Answered = base::Result<HttpResponse>;

Answered list(const RoutePorts& ports, const RequestContext& in) {
  EGIDE_TRY(const auto limit, in.limit(50, 500));
  std::string filter = "renewals;";
  add_to_filter(filter, "purpose", in.path_value("id"));
  const Paging paging(ports, in, std::move(filter));
  EGIDE_TRY(const auto after, paging.after());
  EGIDE_TRY(const auto page,
            vault::ListRenewals(ports.services()).execute(in.path_value("id"), after, static_cast<int>(limit)));
  Document document;
  document["items"] = Document::array();
  for (const auto& due : page.items) {
    Document one;
    one["subject"] = due.subject.str();
    one["by"] = due.by;
    one["reason"] = due.reason;
    one["record"] = due.record.str();
    if (due.ends) one["valid_until"] = base::format_rfc3339(due.valid_until);
    document["items"].push_back(std::move(one));
  }
  paging.put_next(document, page.next);
  return answer(200, document);
}

Answered ask(const RoutePorts& ports, const RequestContext& in) {
  base::ObjectReader body(in.json(), "");
  body.refuse_unknown();
  EGIDE_TRY_VOID(body.finish());
  EGIDE_TRY(const auto asked, vault::AskForRenewals(ports.services()).execute(vault_caller(in), in.path_value("id")));
  Document document;
  document["written"] = asked.written;
  document["skipped"] = asked.skipped;
  document["more"] = asked.more;
  return answer(200, document);
}

}  // namespace

void add_renewal_routes(Router& router, const RoutePorts& ports) {
  Route listing = route(Method::Get, "/v1/purposes/{id}/renewals", "renewals.list",
                        [&ports](const RequestContext& in) { return list(ports, in); });
  listing.query = {"limit", "cursor"};
  router.add(std::move(listing));
  Route asking = route(Method::Post, "/v1/purposes/{id}/renewals", "renewals.ask",
                       [&ports](const RequestContext& in) { return ask(ports, in); });
  asking.body = BodyKind::Json;
  router.add(std::move(asking));
}

}  // namespace egide::api
