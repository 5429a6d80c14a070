#include "egide/crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "egide/base/check.h"
#include "egide/crypto/secret.h"
#include "unsigned_char.h"

namespace egide::crypto {
namespace {

// Fetched once: a fetch takes a lock and walks the providers. Kept for the life of the process.
const EVP_MD* digest() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

// A context a thread: making one costs more than hashing a log entry.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { EGIDE_CHECK(context_ != nullptr && digest() != nullptr); }
  ~Sha256() { EVP_MD_CTX_free(context_); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void start() { EGIDE_CHECK(EVP_DigestInit_ex2(context_, digest(), nullptr) == 1); }
  void add(base::ByteView part) { EGIDE_CHECK(EVP_DigestUpdate(context_, part.data(), part.size()) == 1); }
  void finish(base::Hash32& out) { EGIDE_CHECK(EVP_DigestFinal_ex(context_, uchars(out), nullptr) == 1); }

 private:
  EVP_MD_CTX* context_;
};

Sha256& sha256_of_thread() {
  thread_local Sha256 own;
  return own;
}

void check_key_size(base::ByteView key) {
  EGIDE_CHECK(key.empty() || (key.size() >= crypto_generichash_blake2b_KEYBYTES_MIN &&
                              key.size() <= crypto_generichash_blake2b_KEYBYTES_MAX));
}

}  // namespace

base::Hash32 sha256(std::initializer_list<base::ByteView> parts) {
  base::Hash32 out;
  Sha256& hash = sha256_of_thread();
  hash.start();
  for (const auto part : parts) hash.add(part);
  hash.finish(out);
  return out;
}

// RFC 2104 on the thread's SHA-256 context: a third of the time of libsodium's HMAC, whose SHA-256 does not use the
// processor's SHA instructions, and two thirds of EVP_MAC's.
base::Hash32 hmac_sha256(base::ByteView key, std::initializer_list<base::ByteView> parts) {
  constexpr std::size_t kBlock = 64;
  constexpr std::byte kInnerPad{0x36};
  constexpr std::byte kOuterPad{0x5c};
  Sha256& hash = sha256_of_thread();

  base::ByteArray<kBlock> pad{};
  if (key.size() <= kBlock) {
    std::copy(key.begin(), key.end(), pad.begin());
  } else {
    base::Hash32 short_key;
    hash.start();
    hash.add(key);
    hash.finish(short_key);
    std::copy(short_key.begin(), short_key.end(), pad.begin());
    wipe(short_key);
  }
  for (auto& byte : pad) byte ^= kInnerPad;

  base::Hash32 inner;
  hash.start();
  hash.add(pad);
  for (const auto part : parts) hash.add(part);
  hash.finish(inner);

  for (auto& byte : pad) byte ^= kInnerPad ^ kOuterPad;
  base::Hash32 out;
  hash.start();
  hash.add(pad);
  hash.add(inner);
  hash.finish(out);
  wipe(pad);
  return out;
}

base::Hash32 blake2b_256(base::ByteView key, base::ByteView input) {
  check_key_size(key);
  base::Hash32 out;
  EGIDE_CHECK(
      crypto_generichash_blake2b(uchars(out), out.size(), uchars(input), input.size(), uchars(key), key.size()) == 0);
  return out;
}

base::Hash32 blake2b_256(base::ByteView key, std::string_view personal, base::ByteView input) {
  check_key_size(key);
  base::ByteArray<crypto_generichash_blake2b_PERSONALBYTES> padded{};
  EGIDE_CHECK(personal.size() <= padded.size());
  if (!personal.empty()) std::memcpy(padded.data(), personal.data(), personal.size());
  base::Hash32 out;
  EGIDE_CHECK(crypto_generichash_blake2b_salt_personal(uchars(out), out.size(), uchars(input), input.size(),
                                                       uchars(key), key.size(), nullptr, uchars(padded)) == 0);
  return out;
}

base::Bytes enc(std::initializer_list<base::ByteView> items) {
  std::size_t size = 0;
  for (const auto item : items) size += 8 + item.size();
  base::Bytes out(size);
  std::byte* at = out.data();
  for (const auto item : items) {
    const auto length = base::le64(item.size());
    std::memcpy(at, length.data(), length.size());
    at += length.size();
    if (!item.empty()) std::memcpy(at, item.data(), item.size());
    at += item.size();
  }
  return out;
}

}  // namespace egide::crypto
