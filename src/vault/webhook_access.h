// Who may see which webhook; shared by endpoints and deliveries.
#pragma once

#include "egide/storage/webhook_repository.h"
#include "egide/vault/webhooks.h"
#include "services.h"

namespace egide::vault {

base::Error no_such_webhook();
// The administrator sees all, a tool its own. NotFound for what the caller may not see.
base::Result<storage::WebhookEndpointRow> see_webhook(Services& services, const Caller& caller,
                                                      const base::RecordId& id);

}  // namespace egide::vault
