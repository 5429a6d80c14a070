// The routes of egide, one function a group. Each translates HTTP to a use case of src/vault and back.
//
// Thread safety: called before serving, from one thread; the handlers they add may run on many.
#pragma once

#include <string>

#include "egide/api/controller.h"
#include "egide/api/router.h"
#include "egide/outbound/target.h"
#include "egide/vault/vault.h"

namespace egide::api {

class ForwardGates;

// What handlers work with. Outlives the router.
struct RoutePorts {
  vault::Vault& vault;
  std::string public_base_url;  // without a slash at the end
  vault::VaultInfo info;        // as it was at the start: what does not change while the vault is open
  Controller controller{};
  bool readable_outbox = false;  // the data protection officer reads the mails, links and all: demonstrations only
  outbound::Policy outbound{};  // where webhooks may lead

  vault::Services& services() const noexcept { return vault.services(); }
};

void add_subject_routes(Router& router, const RoutePorts& ports);
void add_consent_routes(Router& router, const RoutePorts& ports);
void add_confirmation_routes(Router& router, const RoutePorts& ports);
void add_choice_routes(Router& router, const RoutePorts& ports);
void add_guardian_routes(Router& router, const RoutePorts& ports);
void add_renewal_routes(Router& router, const RoutePorts& ports);
void add_purpose_routes(Router& router, const RoutePorts& ports);
void add_access_routes(Router& router, const RoutePorts& ports);
void add_search_routes(Router& router, const RoutePorts& ports);
void add_access_request_routes(Router& router, const RoutePorts& ports);
void add_opa_routes(Router& router, const RoutePorts& ports);
void add_gateway_routes(Router& router, const RoutePorts& ports);
void add_dataset_routes(Router& router, const RoutePorts& ports);
void add_reidentification_routes(Router& router, const RoutePorts& ports);
void add_forward_routes(Router& router, const RoutePorts& ports, const ForwardGates& gates);
void add_decision_routes(Router& router, const RoutePorts& ports);
void add_request_routes(Router& router, const RoutePorts& ports);
void add_log_routes(Router& router, const RoutePorts& ports);
void add_admin_routes(Router& router, const RoutePorts& ports);
void add_webhook_routes(Router& router, const RoutePorts& ports);
void add_operation_routes(Router& router, const RoutePorts& ports);

}  // namespace egide::api
