#include <nlohmann/json.hpp>

#include "egide/audit/proof_file.h"
#include "egide/base/time.h"
#include "egide/storage/log_store.h"
#include "egide/vault/requests.h"
#include "services.h"

namespace egide::vault {
namespace {

base::Error no_erasure() { return base::not_found("There is no erasure at this index of the log"); }

// The inclusion proof of one entry against the newest checkpoint of the snapshot.
base::Result<std::string> proof_of(const storage::LogStore& log, std::uint64_t index) {
  EGIDE_TRY(const auto note, log.newest_checkpoint());
  if (!note) return no_erasure();
  EGIDE_TRY(const auto checkpoint, audit::read_unverified_checkpoint(*note));
  EGIDE_TRY(const auto hashes, audit::prove_inclusion(log, index, checkpoint.size));
  audit::InclusionProof proof;
  proof.index = index;
  for (const auto& hash : hashes) proof.hashes.push_back(base::to_bytes(hash));
  proof.checkpoint = *note;
  return proof.str();
}

}  // namespace

base::Result<ErasureReceipt> make_erasure_receipt(Services& services, std::uint64_t log_index) {
  EGIDE_TRY(const auto reads, services.reads->lease());
  const storage::LogStore log(*reads);
  EGIDE_TRY(const auto size, log.size());
  if (log_index >= size) return no_erasure();
  ErasureReceipt out;
  out.log_index = log_index;
  EGIDE_TRY(out.entry, log.leaf(log_index));
  audit::ParsedLeaf leaf;
  EGIDE_TRY_VOID(audit::parse_leaf(out.entry, leaf));
  if (leaf.leaf.event != audit::event::kSubjectErased) return no_erasure();
  out.erased_at = leaf.leaf.time;
  EGIDE_TRY(out.proof, proof_of(log, log_index));
  out.verifier_key = services.verifier_key;
  return out;
}

std::string to_json(const ErasureReceipt& receipt) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  json["format"] = "egide.erasure-receipt/1";
  json["log_index"] = receipt.log_index;
  json["erased_at"] = base::format_rfc3339(receipt.erased_at);
  json["entry"] = receipt.entry;
  json["proof"] = receipt.proof;
  json["verifier_key"] = receipt.verifier_key;
  return json.dump(2) + "\n";
}

}  // namespace egide::vault
