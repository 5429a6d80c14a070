// A new root key in the old slots: each slot whose secret is at hand wraps the new root key, under its old id and
// parameters; the others can't, and are left out.
//
// Thread safety: a free function without state.
#pragma once

#include <vector>

#include "egide/base/result.h"
#include "egide/crypto/key_slots.h"

namespace egide::crypto {

struct SlotSecret {
  SlotKind kind = SlotKind::Passphrase;
  base::ByteView secret;  // the passphrase's bytes, or 32 bytes; the caller's for the time of the call
};

struct ResealedSlots {
  KeySlots slots;
  std::vector<KeySlots::Slot> left_out;  // as they were
};

// Unauthenticated when no secret opens any slot to `root`. Unavailable when memory was short for a passphrase.
base::Result<ResealedSlots> reseal_slots(const KeySlots& slots, const SecretBytes& root, const SecretBytes& new_root,
                                         const std::vector<SlotSecret>& secrets);

}  // namespace egide::crypto
