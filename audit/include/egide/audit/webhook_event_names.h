// Names of log entries about webhooks, part of the closed list of leaf.h.
//
// Thread safety: constants.
#pragma once

#include <string_view>

namespace egide::audit::event {
inline constexpr std::string_view kWebhookChanged = "webhook.changed";            // endpoint made, changed, removed
inline constexpr std::string_view kWebhookAcknowledged = "webhook.acknowledged";  // a receiver says what it has done
}  // namespace egide::audit::event
