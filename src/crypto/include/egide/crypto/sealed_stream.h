// A long text sealed chunk by chunk (libsodium's secretstream, XChaCha20-Poly1305), for backups: it is never whole in
// memory, and a chunk that was changed, moved, left out or cut off at the end is refused.
//
// Security claim: confidentiality and integrity of the chunks, of their order and of the end. It does not commit to its
// key: use it with a key derived for one stream (docs/formats/backup.md), never where several keys are tried.
//
// Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <utility>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::crypto {

inline constexpr std::size_t kStreamHeader = 24;
inline constexpr std::size_t kStreamOverhead = 17;  // of each chunk

class StreamSealer {
 public:
  // `key` has 32 bytes; `ad` is bound to every chunk.
  StreamSealer(base::ByteView key, base::ByteView ad);
  const base::ByteArray<kStreamHeader>& header() const noexcept { return header_; }
  // `last` closes the stream; nothing may follow.
  base::Bytes seal(base::ByteView chunk, bool last);

 private:
  struct State;
  struct Wipe {
    void operator()(State* state) const noexcept;
  };
  std::unique_ptr<State, Wipe> state_;
  base::Bytes ad_;
  base::ByteArray<kStreamHeader> header_{};
  friend class StreamOpener;
};

class StreamOpener {
 public:
  StreamOpener(base::ByteView key, base::ByteView ad, const base::ByteArray<kStreamHeader>& header);
  // Integrity for every failure. The second member says that this was the last chunk.
  base::Result<std::pair<base::Bytes, bool>> open(base::ByteView sealed);

 private:
  std::unique_ptr<StreamSealer::State, StreamSealer::Wipe> state_;
  base::Bytes ad_;
};

}  // namespace egide::crypto
