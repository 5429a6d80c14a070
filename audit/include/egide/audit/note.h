// Signed notes (C2SP signed-note v1.0.0) and checkpoints (C2SP tlog-checkpoint v1.0.0).
//
// Thread safety: plain values and free functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/clock.h"
#include "egide/base/result.h"
#include "egide/crypto/signature.h"

namespace egide::audit {

// A name fit for a key and an origin: 1 to 255 printable ASCII characters without space and '+'.
bool is_key_name(std::string_view name) noexcept;

// "<name>+<hex key id>+<base64(0x01 || public key)>"
struct VerifierKey {
  std::string name;  // the log's origin: no space, no '+'
  std::uint32_t id = 0;
  crypto::PublicKey key{};

  static VerifierKey make(std::string name, const crypto::PublicKey& key);
  // InvalidRequest on a wrong form, key type or key id.
  static base::Result<VerifierKey> parse(std::string_view text);
  std::string str() const;
};

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  base::Hash32 root{};
  std::string body() const;  // the three lines, each with its line feed
};

// The origin of a checkpoint to be signed is a key name (an invariant: check the configuration with is_key_name).
//
// Signs the three lines: text, empty line, one signature line.
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);
// Adds a signature line of another key (overlap at key rotation), same name.
std::string add_signature(std::string note, const Checkpoint& checkpoint, const crypto::SigningKey& key);
// Adds a cosignature/v1 line (type 0x04): what a witness or a time key signs. `name` is the cosigner's.
std::string add_cosignature(std::string note, const Checkpoint& checkpoint, std::string_view name,
                            const crypto::SigningKey& key, std::chrono::sys_seconds time);

// Reads a note and checks that `trusted` signed it, by name and key id; its origin must be the key's name. Unknown
// signature lines are accepted (at least 16, of up to 4,096 characters), more than 100 lines refused.
// Integrity, with the rule that broke.
base::Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& trusted);
// The time of a cosignature/v1 line made by `key` under `name`. Integrity when there is none or it is not valid.
base::Result<std::chrono::sys_seconds> verify_cosignature(std::string_view note, std::string_view name,
                                                          const crypto::PublicKey& key);
// The three lines alone, signatures not checked: for display and for comparing two notes.
base::Result<Checkpoint> read_unverified_checkpoint(std::string_view note);

}  // namespace egide::audit
