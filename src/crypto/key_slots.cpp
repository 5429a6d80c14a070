#include "egide/crypto/key_slots.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "egide/base/json.h"
#include "egide/base/time.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/random.h"
#include "egide/crypto/record.h"
#include "slot_ad.h"

namespace egide::crypto {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::int64_t kFormatVersion = 1;
constexpr std::size_t kMostSlots = 32;  // unsealing may try each
constexpr std::size_t kLongestLabel = 200;
constexpr std::size_t kKeySize = 32;
constexpr SlotKind kKinds[] = {SlotKind::Passphrase, SlotKind::KeyFile, SlotKind::SystemdCredential};

SlotKind kind_named(std::string_view name) {
  for (const SlotKind kind : kKinds)
    if (name == name_of(kind)) return kind;
  return SlotKind::Passphrase;  // the reader has noted the mistake
}

template <std::size_t N>
base::ByteArray<N> read_bytes(ObjectReader& in, std::string_view key) {
  const auto bytes = base::from_base64(in.required_string(key));
  const auto array = bytes ? base::to_array<N>(*bytes) : std::nullopt;
  if (!array) in.mistake(key, "must be " + std::to_string(N) + " bytes in base64");
  return array.value_or(base::ByteArray<N>{});
}

PassphraseParameters read_parameters(ObjectReader& slot) {
  PassphraseParameters out;
  const Json* const found = slot.required_object("argon2id");
  if (found == nullptr) return out;
  ObjectReader in(*found, slot.pointer_to("argon2id"));
  out.memory_bytes = static_cast<std::uint64_t>(in.required_integer("memory_bytes", 8192, kMaxPassphraseMemory));
  out.passes = static_cast<std::uint64_t>(in.required_integer("passes", 1, kMaxPassphrasePasses));
  out.salt = read_bytes<16>(in, "salt");
  in.refuse_unknown();
  slot.take(in);
  return out;
}

KeySlots::Slot read_slot(ObjectReader& in) {
  KeySlots::Slot slot;
  const auto id = base::Uuid::parse(in.required_string("id"));
  if (!id) in.mistake("id", "must be a UUID");
  slot.id = id.value_or(base::Uuid());
  slot.kind = kind_named(in.required_choice(
      "kind", {name_of(SlotKind::Passphrase), name_of(SlotKind::KeyFile), name_of(SlotKind::SystemdCredential)}));
  slot.label = in.required_string("label", {.min = 0, .max = kLongestLabel});
  slot.created_at = in.required_string("created_at");
  if (!base::parse_rfc3339(slot.created_at)) in.mistake("created_at", "must be an RFC 3339 time");
  if (slot.kind == SlotKind::Passphrase) slot.parameters = read_parameters(in);
  slot.wrapped_root = base::to_bytes(read_bytes<kRecordOverhead + kKeySize>(in, "wrapped_root"));
  in.refuse_unknown();
  return slot;
}

// What `add` takes from its caller and `parse` would refuse.
base::Result<void> check_new(const std::vector<KeySlots::Slot>& slots, const SecretBytes& root, std::string_view label,
                             std::string_view created_at) {
  EGIDE_CHECK(root.size() == kKeySize);
  if (slots.size() >= kMostSlots) return base::conflict("There are already 32 unseal slots: remove one first");
  const bool has_control = std::any_of(label.begin(), label.end(), [](char c) { return c >= 0 && c < ' '; });
  if (label.size() > kLongestLabel || has_control || !base::is_valid_utf8(label))
    return base::invalid_field("/label", "must be at most 200 bytes of text on one line");
  if (!base::parse_rfc3339(created_at)) return base::invalid_field("/created_at", "must be an RFC 3339 time");
  return {};
}

base::Error opens_no_slot() {
  return base::Error(base::ErrorCode::Unauthenticated, "No unseal slot opens with what was given");
}

}  // namespace

const char* name_of(SlotKind kind) noexcept {
  switch (kind) {
    case SlotKind::Passphrase:
      return "passphrase";
    case SlotKind::KeyFile:
      return "key_file";
    case SlotKind::SystemdCredential:
      return "systemd_credential";
  }
  return "";
}

base::Result<KeySlots> KeySlots::parse(std::string_view json_text) {
  EGIDE_TRY(const Json document, base::parse_json(json_text));
  ObjectReader in(document, "");
  in.required_integer("version", kFormatVersion, kFormatVersion);
  KeySlots out;
  if (const Json* const list = in.required_array("slots", kMostSlots); list != nullptr) {
    if (list->empty()) in.mistake("slots", "must hold at least one slot");
    for (std::size_t i = 0; i < list->size(); ++i) {
      ObjectReader slot_in((*list)[i], "/slots/" + std::to_string(i));
      Slot slot = read_slot(slot_in);
      const auto same_id = [&](const Slot& other) { return other.id == slot.id; };
      if (std::any_of(out.slots_.begin(), out.slots_.end(), same_id)) slot_in.mistake("id", "is used twice");
      out.slots_.push_back(std::move(slot));
      in.take(slot_in);
    }
  }
  in.refuse_unknown();
  EGIDE_TRY_VOID(in.finish());
  return out;
}

std::string KeySlots::to_json() const {
  Json list = Json::array();
  for (const Slot& slot : slots_) {
    Json item = Json::object();
    item["id"] = slot.id.str();
    item["kind"] = name_of(slot.kind);
    item["label"] = slot.label;
    item["created_at"] = slot.created_at;
    if (slot.kind == SlotKind::Passphrase) {
      Json& parameters = item["argon2id"];
      parameters["memory_bytes"] = slot.parameters.memory_bytes;
      parameters["passes"] = slot.parameters.passes;
      parameters["salt"] = base::to_base64(slot.parameters.salt);
    }
    item["wrapped_root"] = base::to_base64(slot.wrapped_root);
    list.push_back(std::move(item));
  }
  Json document = Json::object();
  document["version"] = kFormatVersion;
  document["slots"] = std::move(list);
  return document.dump(2) + "\n";
}

base::Result<base::Uuid> KeySlots::add_passphrase(const SecretBytes& root, std::string_view passphrase,
                                                  std::string label, std::string created_at,
                                                  PassphraseParameters parameters) {
  EGIDE_TRY_VOID(check_new(slots_, root, label, created_at));
  if (passphrase.empty()) return base::invalid_field("/passphrase", "must not be empty");
  parameters.salt = random_array<16>();
  EGIDE_TRY(const auto key, key_from_passphrase(passphrase, parameters));
  Slot slot{random_uuid(), SlotKind::Passphrase, std::move(label), std::move(created_at), parameters, {}};
  slot.wrapped_root = wrap_key(key.expose_secret(), slot_ad(slot), root.expose_secret());
  slots_.push_back(std::move(slot));
  return slots_.back().id;
}

base::Result<base::Uuid> KeySlots::add_key(const SecretBytes& root, SlotKind kind, base::ByteView key,
                                           std::string label, std::string created_at) {
  EGIDE_CHECK(kind != SlotKind::Passphrase);
  EGIDE_TRY_VOID(check_new(slots_, root, label, created_at));
  if (key.size() != kKeySize) return base::invalid_field("/key", "must have 32 bytes");
  Slot slot{random_uuid(), kind, std::move(label), std::move(created_at), {}, {}};
  slot.wrapped_root = wrap_key(key, slot_ad(slot), root.expose_secret());
  slots_.push_back(std::move(slot));
  return slots_.back().id;
}

base::Result<void> KeySlots::remove(const base::Uuid& id) {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.id == id; });
  if (found == slots_.end()) return base::not_found("There is no such unseal slot");
  if (slots_.size() == 1) return base::conflict("The last unseal slot can't be removed: add another one first");
  slots_.erase(found);
  return {};
}

base::Result<SecretBytes> KeySlots::unseal_with_passphrase(std::string_view passphrase) const {
  std::optional<base::Error> short_of_memory;
  for (const Slot& slot : slots_) {
    if (slot.kind != SlotKind::Passphrase) continue;
    const auto key = key_from_passphrase(passphrase, slot.parameters);
    if (!key) {
      short_of_memory = key.error();
      continue;
    }
    auto root = unwrap_secret(key->expose_secret(), slot_ad(slot), slot.wrapped_root);
    if (root) return root;
    if (root.error().code() == base::ErrorCode::Unavailable) return root;
  }
  return short_of_memory ? *short_of_memory : opens_no_slot();
}

base::Result<SecretBytes> KeySlots::unseal_with_key(SlotKind kind, base::ByteView key) const {
  EGIDE_CHECK(kind != SlotKind::Passphrase);
  if (key.size() != kKeySize) return opens_no_slot();
  for (const Slot& slot : slots_) {
    if (slot.kind != kind) continue;
    auto root = unwrap_secret(key, slot_ad(slot), slot.wrapped_root);
    if (root || root.error().code() == base::ErrorCode::Unavailable) return root;
  }
  return opens_no_slot();
}

}  // namespace egide::crypto
