// Receipts and their signatures as they come from outside. Nothing unsigned is ever opened.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "egide/audit/jws.h"
#include "egide/audit/receipt.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace egide::audit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Keys whose seeds nobody has: no input can carry their signatures.
  static const VerifierKey log = VerifierKey::make("log.example.org", egide::crypto::PublicKey{});
  static const VerifierKey receipts = VerifierKey::make(receipt_key_name(log.name), egide::crypto::PublicKey{});
  require(!open_jws(text, kReceiptType, receipts.key).has_value());
  require(!open_receipt_certificate(text, log).has_value());
  require(!verify_receipt(text, log).has_value());
  require(!verify_receipt(text, receipts).has_value());
  require(!verify_signed_document(text, text, receipts).has_value());
  [[maybe_unused]] const auto self_signed = verify_receipt(text, std::nullopt);
  return 0;
}
