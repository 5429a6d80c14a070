#include "webhook_message.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/vault/webhooks.h"
#include "entries.h"
#include "webhook_signature.h"

namespace egide::vault {
namespace {

constexpr std::size_t kShownAnswer = 200;

// CloudEvents 1.0.2, structured mode. `data` stands in it as it was queued.
std::string cloud_event(const storage::WebhookDeliveryRow& delivery, std::string_view source) {
  std::string out = R"({"specversion":"1.0","id":)";
  append_json_string(out, webhook_event_id(delivery.id));
  out += R"(,"source":)";
  append_json_string(out, source);
  out += R"(,"type":)";
  append_json_string(out, "org.egide." + delivery.type);
  out += R"(,"time":)";
  append_json_string(out, base::format_rfc3339(delivery.created_at));
  return out + R"(,"datacontenttype":"application/json","data":)" + delivery.data + "}";
}

base::Result<void> add_signatures(std::string& out, const WebhookKeys& keys, bool asymmetric, std::string_view id,
                                  std::string_view timestamp, std::string_view body) {
  if (!out.empty()) out += ' ';
  out += webhook_signature_v1(keys.secret(), id, timestamp, body);
  if (!asymmetric) return {};
  EGIDE_TRY(const auto signature, webhook_signature_v1a(keys.seed(), id, timestamp, body));
  out += ' ' + signature;
  return {};
}

}  // namespace

base::Result<outbound::Call> webhook_message(const Services& services, const storage::WebhookEndpointRow& endpoint,
                                             const storage::WebhookDeliveryRow& delivery, std::string_view source,
                                             base::Timestamp now) {
  outbound::Call call;
  call.url = endpoint.url;
  const bool plain = endpoint.format == "plain";
  call.body = plain ? delivery.data : cloud_event(delivery, source);
  const std::string id = webhook_event_id(delivery.id);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string timestamp = std::to_string(seconds);
  std::string signatures;
  EGIDE_TRY(const auto keys, WebhookKeys::open(services, endpoint.id, endpoint.secret));
  EGIDE_TRY_VOID(add_signatures(signatures, keys, endpoint.asymmetric, id, timestamp, call.body));
  if (!endpoint.previous_secret.empty() && now < endpoint.previous_until) {
    EGIDE_TRY(const auto previous, WebhookKeys::open(services, endpoint.id, endpoint.previous_secret));
    EGIDE_TRY_VOID(add_signatures(signatures, previous, endpoint.asymmetric, id, timestamp, call.body));
  }
  call.headers = {{"Content-Type", plain ? "application/json" : "application/cloudevents+json; charset=UTF-8"},
                  {"webhook-id", id},
                  {"webhook-timestamp", timestamp},
                  {"webhook-signature", signatures}};
  return call;
}

bool echoes_challenge(std::string_view data, std::string_view answer) {
  const auto queued = base::parse_json(data);
  if (!queued || !queued->is_object() || !queued->contains("challenge")) return false;
  const auto& challenge = queued->at("challenge");
  while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) answer.remove_suffix(1);
  if (challenge.is_string() && challenge.get_ref<const std::string&>() == answer) return true;
  const auto echoed = base::parse_json(answer);
  return echoed && echoed->is_object() && echoed->contains("challenge") && echoed->at("challenge") == challenge;
}

std::string printable_start(std::string_view answer) {
  std::string out;
  for (const char c : answer) {
    if (out.size() == kShownAnswer) break;
    if (c >= 0x20 && c < 0x7f) out += c;
  }
  return out;
}

}  // namespace egide::vault
