// Tags and commitments. Each input starts with its own label and a zero byte, so that no two uses of a key can meet.
// Keys have 32 bytes, checked: HMAC pads with zeros, and a key of varying length would not bind.
#include <algorithm>

#include "egide/audit/leaf.h"
#include "egide/base/check.h"
#include "egide/crypto/hash.h"

namespace egide::audit {
namespace {

using base::ByteArray;
using base::ByteView;

// The label with its terminating zero byte: sizeof counts it.
template <std::size_t N>
ByteView label(const char (&text)[N]) noexcept {
  return base::as_bytes(std::string_view(text, N));
}

ByteArray<16> first_half(const base::Hash32& hash) noexcept {
  ByteArray<16> out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

ByteArray<16> subject_tag(ByteView kaudit, LeafIndex index) {
  EGIDE_CHECK(kaudit.size() == 32);
  return first_half(crypto::hmac_sha256(kaudit, {label("egide/audit-sub/v1"), base::le64(index)}));
}

ByteArray<16> resource_tag(ByteView kaudit, LeafIndex index, const base::Uuid& record) {
  EGIDE_CHECK(kaudit.size() == 32);
  return first_half(crypto::hmac_sha256(kaudit, {label("egide/audit-res/v1"), base::le64(index), record.bytes()}));
}

base::Hash32 detail_commitment(ByteView r32, LeafIndex index, ByteView detail) {
  EGIDE_CHECK(r32.size() == 32);
  return crypto::hmac_sha256(r32, {label("egide/audit-detail/v1"), base::le64(index), detail});
}

ByteArray<16> erasure_fingerprint(ByteView kaudit) {
  EGIDE_CHECK(kaudit.size() == 32);
  return first_half(crypto::sha256({label("egide/erased/v1"), kaudit}));
}

}  // namespace egide::audit
