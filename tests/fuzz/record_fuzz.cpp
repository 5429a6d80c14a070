// The record envelope and the key files: no input opens without its key, and none crashes the reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "egide/crypto/epoch_keys.h"
#include "egide/crypto/hash.h"
#include "egide/crypto/key_slots.h"
#include "egide/crypto/record.h"
#include "require.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  require(egide::crypto::initialize().has_value());
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace egide;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const crypto::SecretKey key = crypto::SecretKey::random();
  static const base::Bytes ad = crypto::enc({base::as_bytes("fuzz")});
  require(!crypto::open_record(key.expose_secret(), ad, base::as_bytes(text)).has_value());
  const auto sealed = crypto::seal_record(key.expose_secret(), ad, base::as_bytes(text));
  const auto opened = crypto::open_record(key.expose_secret(), ad, sealed);
  require(opened.has_value() && base::as_text(*opened) == text);

  static const auto root = crypto::SecretBytes::random(32);
  if (const auto slots = crypto::KeySlots::parse(text)) require(crypto::KeySlots::parse(slots->to_json()).has_value());
  require(!crypto::wrapped_secret_from_json(*root, "fuzz", text).has_value());
  if (const auto epochs = crypto::EpochKeys::parse(*root, text)) require(epochs->size() == 0);
  return 0;
}
