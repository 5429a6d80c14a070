#include "webhook_events.h"

#include <algorithm>
#include <array>

namespace egide::vault {
namespace {

using A = WebhookAudience;

constexpr std::array kTypes = {
    WebhookType{"consent.requested", A::ToolsOfThePurpose},
    WebhookType{"consent.given", A::ToolsOfThePurpose},
    WebhookType{"consent.renewed", A::ToolsOfThePurpose},
    WebhookType{"consent.refused", A::ToolsOfThePurpose},
    WebhookType{"consent.withdrawn", A::ToolsOfThePurpose},
    WebhookType{"consent.revoked", A::ToolsOfThePurpose},
    WebhookType{"consent.invalidated", A::ToolsOfThePurpose},
    WebhookType{"consent.expired", A::ToolsOfThePurpose},
    WebhookType{"notice.published", A::ToolsOfThePurpose},
    WebhookType{"subject.created", A::ToolsOfThePurpose},
    WebhookType{"subject.rectified", A::ToolsOfThePurpose, true},
    WebhookType{"subject.restricted", A::ToolsOfThePurpose, true},
    WebhookType{"subject.objected", A::ToolsOfThePurpose},
    WebhookType{"subject.erased", A::ToolsOfThePurpose, true},
    WebhookType{"request.received", A::Association},
    WebhookType{"request.acknowledged", A::Association},
    WebhookType{"request.identity_requested", A::Association},
    WebhookType{"request.extended", A::Association},
    WebhookType{"request.fulfilled", A::Association},
    WebhookType{"request.partially_fulfilled", A::Association},
    WebhookType{"request.refused", A::Association},
    WebhookType{"request.withdrawn", A::Association},
    WebhookType{"decision.recorded", A::OwnTool},
    WebhookType{"tool.revoked", A::OwnTool},
    WebhookType{"endpoint.test", A::Everybody},
};

// "<prefix><word>" where the list has it, else empty.
std::string_view listed(std::string_view prefix, std::string_view word) noexcept {
  for (const auto& type : kTypes)
    if (type.name.size() == prefix.size() + word.size() && type.name.substr(0, prefix.size()) == prefix &&
        type.name.substr(prefix.size()) == word)
      return type.name;
  return {};
}

}  // namespace

const WebhookType* find_webhook_type(std::string_view name) noexcept {
  const auto at = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& type) { return type.name == name; });
  return at == kTypes.end() ? nullptr : &*at;
}

std::vector<std::string> webhook_type_names() {
  std::vector<std::string> out;
  for (const auto& type : kTypes) out.emplace_back(type.name);
  return out;
}

std::string_view consent_webhook_type(std::string_view consent_event) noexcept {
  return listed("consent.", consent_event == "pending_confirmation" ? "requested" : consent_event);
}

std::string_view request_webhook_type(std::string_view state) noexcept { return listed("request.", state); }

}  // namespace egide::vault
