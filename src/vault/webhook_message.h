// The bytes of one delivery: headers and body, signed. A pure function of the rows, the keys and the time.
#pragma once

#include <string>
#include <string_view>

#include "egide/outbound/client.h"
#include "egide/storage/webhook_repository.h"
#include "services.h"

namespace egide::vault {

// Integrity when the endpoint's keys don't open.
base::Result<outbound::Call> webhook_message(const Services& services, const storage::WebhookEndpointRow& endpoint,
                                             const storage::WebhookDeliveryRow& delivery, std::string_view source,
                                             base::Timestamp now);

// True when the answer to `endpoint.test` holds the challenge of `data`: as its whole text, or as member "challenge".
bool echoes_challenge(std::string_view data, std::string_view answer);

// The first 200 characters, printable ASCII only.
std::string printable_start(std::string_view answer);

}  // namespace egide::vault
