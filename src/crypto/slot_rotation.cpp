#include "egide/crypto/slot_rotation.h"

#include <nlohmann/json.hpp>

#include "egide/base/json.h"
#include "egide/crypto/record.h"
#include "slot_ad.h"

namespace egide::crypto {
namespace {

// The new root key under the slot's own key; nothing when the secret is not this slot's.
base::Result<base::Bytes> reseal(const KeySlots::Slot& slot, const SlotSecret& given, const SecretBytes& root,
                                 const SecretBytes& new_root) {
  if (slot.kind != given.kind) return base::Bytes();
  SecretBytes key;
  if (slot.kind == SlotKind::Passphrase) {
    EGIDE_TRY(key, key_from_passphrase(base::as_text(given.secret), slot.parameters));
  } else {
    if (given.secret.size() != SecretKey::kSize) return base::Bytes();
    EGIDE_TRY(key, SecretBytes::copy_of(given.secret));
  }
  const auto opened = unwrap_key(key.expose_secret(), slot_ad(slot), slot.wrapped_root);
  if (!opened || !equal_constant_time(opened->expose_secret(), root.expose_secret())) return base::Bytes();
  return wrap_key(key.expose_secret(), slot_ad(slot), new_root.expose_secret());
}

}  // namespace

base::Result<ResealedSlots> reseal_slots(const KeySlots& slots, const SecretBytes& root, const SecretBytes& new_root,
                                         const std::vector<SlotSecret>& secrets) {
  EGIDE_TRY(base::Json document, base::parse_json(slots.to_json()));
  base::Json kept = base::Json::array();
  ResealedSlots out;
  for (std::size_t i = 0; i < slots.slots().size(); ++i) {
    const KeySlots::Slot& slot = slots.slots()[i];
    base::Bytes wrapped;
    for (const SlotSecret& given : secrets) {
      if (!wrapped.empty()) break;
      EGIDE_TRY(wrapped, reseal(slot, given, root, new_root));
    }
    if (wrapped.empty()) {
      out.left_out.push_back(slot);
      continue;
    }
    base::Json item = document["slots"][i];
    item["wrapped_root"] = base::to_base64(wrapped);
    kept.push_back(std::move(item));
  }
  if (kept.empty()) return base::Error(base::ErrorCode::Unauthenticated, "No unseal slot opens with what was given");
  document["slots"] = std::move(kept);
  EGIDE_TRY(out.slots, KeySlots::parse(document.dump()));
  return out;
}

}  // namespace egide::crypto
