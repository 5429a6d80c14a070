// What an unseal slot's wrap is bound to (docs/formats/unseal.md). Private to the slots.
#pragma once

#include <string>

#include "egide/crypto/hash.h"
#include "egide/crypto/key_slots.h"

namespace egide::crypto {

// What the wrap is bound to: a slot whose parameters were changed does not open.
inline base::Bytes slot_ad(const KeySlots::Slot& slot) {
  base::Bytes parameters;
  if (slot.kind == SlotKind::Passphrase) {
    const std::string memory = std::to_string(slot.parameters.memory_bytes);
    const std::string passes = std::to_string(slot.parameters.passes);
    parameters =
        enc({base::as_bytes("argon2id"), base::as_bytes(memory), base::as_bytes(passes), slot.parameters.salt});
  }
  const std::string id = slot.id.str();
  return enc({base::as_bytes("egide/slot/v1"), base::as_bytes(id), base::as_bytes(name_of(slot.kind)), parameters});
}

}  // namespace egide::crypto
