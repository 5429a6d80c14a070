#include "egide/crypto/sealed_stream.h"

#include <sodium.h>

#include "egide/base/check.h"
#include "unsigned_char.h"

namespace egide::crypto {

struct StreamSealer::State {
  crypto_secretstream_xchacha20poly1305_state stream;
  bool closed = false;
};

static_assert(kStreamHeader == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(kStreamOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);

void StreamSealer::Wipe::operator()(State* state) const noexcept {
  sodium_memzero(&state->stream, sizeof state->stream);
  delete state;
}

StreamSealer::StreamSealer(base::ByteView key, base::ByteView ad) : state_(new State), ad_(base::to_bytes(ad)) {
  EGIDE_CHECK(key.size() == crypto_secretstream_xchacha20poly1305_KEYBYTES);
  EGIDE_CHECK(crypto_secretstream_xchacha20poly1305_init_push(&state_->stream, uchars(header_), uchars(key)) == 0);
}

base::Bytes StreamSealer::seal(base::ByteView chunk, bool last) {
  EGIDE_CHECK(!state_->closed);
  state_->closed = last;
  base::Bytes out(chunk.size() + kStreamOverhead);
  EGIDE_CHECK(
      crypto_secretstream_xchacha20poly1305_push(&state_->stream, uchars(std::span(out)), nullptr, uchars(chunk),
                                                 chunk.size(), uchars(base::ByteView(ad_)), ad_.size(),
                                                 last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                                      : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE) == 0);
  return out;
}

StreamOpener::StreamOpener(base::ByteView key, base::ByteView ad, const base::ByteArray<kStreamHeader>& header)
    : state_(new StreamSealer::State), ad_(base::to_bytes(ad)) {
  EGIDE_CHECK(key.size() == crypto_secretstream_xchacha20poly1305_KEYBYTES);
  // Fails on no header: any 24 bytes are one, and a wrong one fails at the first chunk.
  EGIDE_CHECK(crypto_secretstream_xchacha20poly1305_init_pull(&state_->stream, uchars(header), uchars(key)) == 0);
}

base::Result<std::pair<base::Bytes, bool>> StreamOpener::open(base::ByteView sealed) {
  const auto refused = [] { return base::integrity_violation("A sealed stream does not open, or is incomplete"); };
  if (sealed.size() < kStreamOverhead || state_->closed) return refused();
  base::Bytes out(sealed.size() - kStreamOverhead);
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(&state_->stream, uchars(std::span(out)), nullptr, &tag, uchars(sealed),
                                                 sealed.size(), uchars(base::ByteView(ad_)), ad_.size()) != 0)
    return refused();
  const bool last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  if (!last && tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE) return refused();
  state_->closed = last;
  return std::pair(std::move(out), last);
}

}  // namespace egide::crypto
