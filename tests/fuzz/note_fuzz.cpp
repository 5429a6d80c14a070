// Signed notes, verifier keys, proof files and bundles as they come from outside. Nothing unsigned is ever opened.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "egide/audit/note.h"
#include "egide/audit/proof_file.h"
#include "egide/audit/tile.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace egide::audit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = VerifierKey::parse(text)) require(VerifierKey::parse(key->str()).has_value());
  if (const auto read = read_unverified_checkpoint(text)) require(text.find(read->body()) == 0);
  // A key whose seed nobody has: no input can carry its signature.
  static const VerifierKey trusted = VerifierKey::make("log.example.org", egide::crypto::PublicKey{});
  require(!open_checkpoint(text, trusted).has_value());
  if (const auto proof = InclusionProof::parse(text)) require(InclusionProof::parse(proof->str()).has_value());
  if (const auto proof = ConsistencyProof::parse(text)) require(ConsistencyProof::parse(proof->str()).has_value());
  if (const auto bundle = read_bundle(egide::base::as_bytes(text))) {
    egide::base::Bytes again;
    for (const auto& entry : *bundle) require(append_bundle_entry(again, egide::base::as_bytes(entry)).has_value());
    require(egide::base::as_text(again) == text);
  }
  const auto cut = text.find('\n');
  if (cut != std::string_view::npos)
    if (const auto tile = TileAddress::parse(text.substr(0, cut), text.substr(cut + 1)))
      require(tile->width >= 1 && tile->width <= 256);
  return 0;
}
