#include "two_key_ciphertext.h"

#include <openssl/bn.h>
#include <sodium.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "aead.h"
#include "unsigned_char.h"

namespace egide::crypto {
namespace {

constexpr std::size_t kBlock = 16;

// An integer modulo Poly1305's prime 2^130 - 5.
class Element {
 public:
  Element() : value_(BN_new(), BN_free) {}
  explicit Element(base::ByteView little_endian) : Element() {
    BN_lebin2bn(uchars(little_endian), static_cast<int>(little_endian.size()), value_.get());
  }
  static Element power_of_two(int exponent) {
    Element out;
    BN_set_bit(out.value_.get(), exponent);
    return out;
  }
  static const BIGNUM* prime() {
    static const Element p = [] {
      Element out = power_of_two(130);
      BN_sub_word(out.value_.get(), 5);
      return out;
    }();
    return p.value_.get();
  }

  friend Element operator+(const Element& a, const Element& b) { return make(BN_mod_add, a, b); }
  friend Element operator-(const Element& a, const Element& b) { return make(BN_mod_sub, a, b); }
  friend Element operator*(const Element& a, const Element& b) { return make(BN_mod_mul, a, b); }
  Element inverse() const {
    Element out;
    BN_mod_inverse(out.value_.get(), value_.get(), prime(), context());
    return out;
  }
  bool is_a_block() const { return BN_num_bits(value_.get()) <= 128; }
  base::Bytes block() const {
    base::Bytes out(kBlock);
    BN_bn2lebinpad(value_.get(), uchars(std::span(out)), static_cast<int>(kBlock));
    return out;
  }

 private:
  using Operation = int (*)(BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, BN_CTX*);
  static Element make(Operation operation, const Element& a, const Element& b) {
    Element out;
    operation(out.value_.get(), a.value_.get(), b.value_.get(), prime(), context());
    return out;
  }
  static BN_CTX* context() {
    static const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> own(BN_CTX_new(), BN_CTX_free);
    return own.get();
  }
  std::unique_ptr<BIGNUM, decltype(&BN_free)> value_;
};

// What Poly1305 makes of one key: its multiplier and the number added at the end.
struct OneTimeKey {
  Element r, s;
};

OneTimeKey one_time_key(base::ByteView key, base::ByteView nonce) {
  base::ByteArray<32> stream;
  crypto_stream_xchacha20(uchars(stream), stream.size(), uchars(nonce), uchars(key));
  for (const std::size_t i : {3U, 7U, 11U, 15U}) stream[i] &= std::byte{0x0f};
  for (const std::size_t i : {4U, 8U, 12U}) stream[i] &= std::byte{0xfc};
  const base::ByteView view(stream);
  return {Element(view.first(kBlock)), Element(view.subspan(kBlock))};
}

void append_padded(base::Bytes& out, base::ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
  while (out.size() % kBlock != 0) out.push_back(std::byte{0});
}

// The polynomial over `input` before the last addition.
Element evaluate(base::ByteView input, const Element& r) {
  Element sum;
  for (std::size_t at = 0; at < input.size(); at += kBlock)
    sum = (sum + Element(input.subspan(at, kBlock)) + Element::power_of_two(128)) * r;
  return sum;
}

// ciphertext || tag as `key` makes it.
base::Bytes sealed_as(base::ByteView key, base::ByteView nonce, base::ByteView ad, base::ByteView ciphertext) {
  base::Bytes plaintext(ciphertext.size());
  crypto_stream_xchacha20_xor_ic(uchars(std::span(plaintext)), uchars(ciphertext), ciphertext.size(), uchars(nonce), 1,
                                 uchars(key));
  base::Bytes out(ciphertext.size() + aead::kTagSize);
  if (!aead::encrypt(key, nonce, ad, plaintext, out)) throw std::logic_error("sizes");
  return out;
}

}  // namespace

base::Bytes two_key_ciphertext(base::ByteView first_key, base::ByteView second_key, base::ByteView nonce,
                               base::ByteView ad) {
  const OneTimeKey first = one_time_key(first_key, nonce);
  const OneTimeKey second = one_time_key(second_key, nonce);
  // The free block is the last but one (the lengths follow), so its coefficient is r^2.
  const Element divisor = (first.r * first.r - second.r * second.r).inverse();

  // One try in some ten gives a number that is a block, and equal tags modulo 2^128.
  for (int filler = 0; filler < 256; ++filler) {
    base::Bytes ciphertext(2 * kBlock);
    std::fill_n(ciphertext.begin(), kBlock, static_cast<std::byte>(filler));
    base::Bytes input;
    append_padded(input, ad);
    append_padded(input, ciphertext);
    base::append_le64(input, ad.size());
    base::append_le64(input, ciphertext.size());
    const Element gap = evaluate(input, second.r) + second.s - evaluate(input, first.r) - first.s;

    for (const Element& carry : {Element(), Element::power_of_two(128), Element() - Element::power_of_two(128)}) {
      const Element free_block = (gap + carry) * divisor;
      if (!free_block.is_a_block()) continue;
      const base::Bytes block = free_block.block();
      std::copy(block.begin(), block.end(), ciphertext.begin() + kBlock);
      auto sealed = sealed_as(first_key, nonce, ad, ciphertext);
      if (sealed == sealed_as(second_key, nonce, ad, ciphertext)) return sealed;
    }
  }
  throw std::runtime_error("no ciphertext found for these keys");
}

}  // namespace egide::crypto
