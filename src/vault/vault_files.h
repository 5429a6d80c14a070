// The files of a vault's directory and the keys in them.
#pragma once

#include <string>

#include "egide/base/result.h"
#include "egide/crypto/key_slots.h"
#include "egide/vault/vault.h"

namespace egide::vault {

inline constexpr const char* kDatabaseFile = "vault.db";
inline constexpr const char* kUnsealFile = "unseal.json";
inline constexpr const char* kDerivationKeyFile = "derivation.key";
inline constexpr const char* kLogKeyFile = "log.key";
inline constexpr const char* kEpochKeysFile = "epoch.keys";
inline constexpr const char* kPinsDirectory = "pins";
inline constexpr const char* kNewestPin = "newest.checkpoint";

std::string in_vault(const std::string& directory, const char* file);

// Opens the root key with whatever the operator gave. Unauthenticated for every wrong secret.
base::Result<crypto::SecretBytes> unseal(const crypto::KeySlots& slots, const UnsealSecret& secret);
base::Result<base::Uuid> add_slot(crypto::KeySlots& slots, const crypto::SecretBytes& root, const UnsealSecret& secret,
                                  std::string label, std::string created_at,
                                  const crypto::PassphraseParameters& parameters);

}  // namespace egide::vault
