// Unseal slots (DIR/unseal.json): each wraps the same 32-byte root key, LUKS style. Kinds: passphrase (Argon2id),
// key file (32 bytes), systemd credential (32 bytes handed over by LoadCredentialEncrypted).
//
// This is the format alone: JSON text in, JSON text out. Files belong to src/storage.
// Format: docs/formats/unseal.md. Thread safety: as a plain value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/password.h"
#include "egide/crypto/secret.h"

namespace egide::crypto {

enum class SlotKind { Passphrase, KeyFile, SystemdCredential };
const char* name_of(SlotKind kind) noexcept;

class KeySlots {
 public:
  struct Slot {
    base::Uuid id;
    SlotKind kind = SlotKind::Passphrase;
    std::string label;
    std::string created_at;           // RFC 3339
    PassphraseParameters parameters;  // passphrase slots only
    base::Bytes wrapped_root;         // AD enc("egide/slot/v1", id, kind, parameters)
  };

  // InvalidRequest with the place of each mistake; refuses unknown versions and parameters over the limits.
  static base::Result<KeySlots> parse(std::string_view json_text);
  std::string to_json() const;

  const std::vector<Slot>& slots() const noexcept { return slots_; }

  // `memory_bytes` and `passes` as in PassphraseParameters; tests use small ones. The salt is always a new one.
  base::Result<base::Uuid> add_passphrase(const SecretBytes& root, std::string_view passphrase, std::string label,
                                          std::string created_at, PassphraseParameters parameters = {});
  // `key` has 32 bytes; `kind` KeyFile or SystemdCredential.
  base::Result<base::Uuid> add_key(const SecretBytes& root, SlotKind kind, base::ByteView key, std::string label,
                                   std::string created_at);
  // NotFound; Conflict when it is the last slot.
  base::Result<void> remove(const base::Uuid& id);

  // Tries every slot of the kind. Unauthenticated when none opens (one answer for every cause); Unavailable when
  // memory was too short to try them all.
  base::Result<SecretBytes> unseal_with_passphrase(std::string_view passphrase) const;
  base::Result<SecretBytes> unseal_with_key(SlotKind kind, base::ByteView key) const;

 private:
  std::vector<Slot> slots_;
};

// A 32-byte secret wrapped by the root key in its own file (DIR/log.key, DIR/derivation.key): JSON with version,
// purpose and the wrap. `purpose` is part of the AD.
std::string wrapped_secret_to_json(const SecretBytes& root, std::string_view purpose, const SecretBytes& secret);
// InvalidRequest when the text is not in the format or of another purpose; Integrity when the wrap does not open.
base::Result<SecretBytes> wrapped_secret_from_json(const SecretBytes& root, std::string_view purpose,
                                                   std::string_view json_text);

}  // namespace egide::crypto
