#include "egide/audit/note.h"
#include "egide/base/check.h"
#include "note_lines.h"

namespace egide::audit {

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  return add_signature(checkpoint.body() + "\n", checkpoint, key);
}

std::string add_signature(std::string note, const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  // The origin is checked where the configuration is read; a name with a line feed here would sign another text.
  EGIDE_CHECK(is_key_name(checkpoint.origin));
  const auto signature = key.sign(base::as_bytes(checkpoint.body()));
  append_signature_line(note, checkpoint.origin, key_id(checkpoint.origin, kEd25519Type, key.public_key()), signature);
  return note;
}

std::string add_cosignature(std::string note, const Checkpoint& checkpoint, std::string_view name,
                            const crypto::SigningKey& key, std::chrono::sys_seconds time) {
  EGIDE_CHECK(is_key_name(name));
  const auto signature = key.sign(base::as_bytes(cosigned_message(checkpoint.body(), time)));
  base::Bytes payload;
  base::append_be64(payload, static_cast<std::uint64_t>(time.time_since_epoch().count()));
  payload.insert(payload.end(), signature.begin(), signature.end());
  append_signature_line(note, name, key_id(name, kCosignatureType, key.public_key()), payload);
  return note;
}

}  // namespace egide::audit
