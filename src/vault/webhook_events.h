// The types of webhook events (docs/webhooks.md): a closed list, each with who may get it. One type is one schema for
// ever.
//
// Thread safety: constant data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace egide::vault {

enum class WebhookAudience {
  ToolsOfThePurpose,  // about a person, under the pseudonym of that tool and purpose; or about a purpose
  OwnTool,            // about what the tool itself did; the association too
  Association,        // endpoints that belong to no tool
  Everybody,
};

struct WebhookType {
  std::string_view name;
  WebhookAudience audience;
  bool needs_work = false;  // 2xx says "received" only: the tool acknowledges when it is done
};

// nullptr: not a type that egide sends.
const WebhookType* find_webhook_type(std::string_view name) noexcept;
std::vector<std::string> webhook_type_names();

// The type of a consent event, by the event's own type ("given", "renewed", ...); empty: none is sent.
std::string_view consent_webhook_type(std::string_view consent_event) noexcept;
// The type of a request that has come to this state; empty: none is sent.
std::string_view request_webhook_type(std::string_view state) noexcept;

}  // namespace egide::vault
